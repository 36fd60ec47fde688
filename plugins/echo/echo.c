/*
 * Gives back what it was given: its `with`, or the run's attributes when it
 * has none. See README.md.
 */
#include <tutti/plugin.h>

/* The first byte of MessagePack for the map without members. */
static int is_empty_map(struct tutti_slice document)
{
	return document.len == 1 && (unsigned char)document.ptr[0] == 0x80;
}

static int32_t echo(void *self, const struct tutti_task *task)
{
	struct tutti_result result;
	struct tutti_value message;

	(void)self;
	memset(&result, 0, sizeof(result));
	result.size = sizeof(result);
	result.outcome = TUTTI_SUCCEEDED;
	result.encoding = TUTTI_MSGPACK;
	result.output =
	    is_empty_map(task->with) ? task->attributes : task->with;
	if (tutti_get(task, "with.message", &message) == TUTTI_OK &&
	    message.type == TUTTI_STRING) {
		result.message = message.as.text;
		(void)tutti_log(task, TUTTI_INFO, message.as.text.ptr);
	}
	return tutti_finish(task, &result);
}

static const struct tutti_plugin plugin = {
	.size = sizeof(struct tutti_plugin),
	.name = "echo",
	.version = "1.0",
	.help = "Gives back its `with`, or the run's attributes.",
	.max_tasks = 4096,
	.flags = TUTTI_QUICK,
	.handle = echo,
};

TUTTI_MODULE(&plugin);
