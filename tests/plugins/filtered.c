/* A plugin whose name and filter a test puts into copies of the file. */
#include <tutti/plugin.h>

static const char name[64] = "@NAME@";
static const char filter[65536] = "@FILTER@";

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	return tutti_succeed(task, NULL);
}

static const struct tutti_subscription wanted[] = {
	{
	    .activity = "A",
	    .filter = filter,
	    .phase = TUTTI_PARALLEL,
	},
};

static const struct tutti_plugin plugin = {
	.size = sizeof(struct tutti_plugin),
	.name = name,
	.version = "1",
	.help = "",
	.subscriptions = wanted,
	.subscription_count = 1,
	.max_tasks = 1,
	.handle = handle,
};

TUTTI_MODULE(&plugin);
