/* Changes its help while it works. */
#include "bad.h"

static char help[] = "Nobody has called me.";

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	help[0]++;
	return tutti_succeed(task, NULL);
}

static const struct tutti_plugin plugin = {
	.size = sizeof(plugin),
	.name = "bad",
	.version = "1",
	.help = help,
	.max_tasks = 1,
	.handle = handle,
};

TUTTI_MODULE(&plugin);
