/* Returns the attributes as it saw them, byte for byte. */
#include <tutti/plugin.h>

static int32_t handle(void *self, const struct tutti_task *task)
{
	struct tutti_result result = {
		.size = sizeof(result),
		.encoding = TUTTI_MSGPACK,
		.output = task->attributes,
	};

	(void)self;
	return tutti_finish(task, &result);
}

static const struct tutti_plugin metadata = {
	.size = sizeof(struct tutti_plugin),
	.name = "metadata",
	.version = "1.0",
	.help = "Gives the run's attributes back.",
	.max_tasks = 4,
	.handle = handle,
};

TUTTI_MODULE(&metadata);
