/* Subscribes to the parallel phase of A and of B, mandatory in both. */
#include <tutti/plugin.h>

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	return tutti_succeed(task, NULL);
}

static const struct tutti_subscription wanted[] = {
	{
	    .activity = "A",
	    .phase = TUTTI_PARALLEL,
	},
	{
	    .activity = "B",
	    .phase = TUTTI_PARALLEL,
	},
};

static const struct tutti_plugin two_doors = {
	.size = sizeof(struct tutti_plugin),
	.name = "two_doors",
	.version = "1.0",
	.help = "Subscribes to A and B.",
	.subscriptions = wanted,
	.subscription_count = 2,
	.max_tasks = 4,
	.handle = handle,
};

TUTTI_MODULE(&two_doors);
