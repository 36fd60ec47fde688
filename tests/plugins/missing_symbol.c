/* Needs a function that nobody has. */
#include <tutti/plugin.h>

extern int32_t function_that_nobody_has(const struct tutti_task *task);

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	return function_that_nobody_has(task);
}

static const struct tutti_plugin missing_symbol = {
	.size = sizeof(struct tutti_plugin),
	.name = "missing_symbol",
	.version = "1.0",
	.help = "Cannot be loaded.",
	.max_tasks = 1,
	.handle = handle,
};

TUTTI_MODULE(&missing_symbol);
