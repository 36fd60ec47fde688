/* Returns without finishing, with the code in with.return, or TUTTI_OK. */
#include <tutti/plugin.h>

static int32_t handle(void *self, const struct tutti_task *task)
{
	struct tutti_value code;

	(void)self;
	if (tutti_get(task, "with.return", &code) == TUTTI_OK) {
		return (int32_t)code.as.i;
	}
	return TUTTI_OK;
}

static const struct tutti_plugin never_finishes = {
	.size = sizeof(struct tutti_plugin),
	.name = "never_finishes",
	.version = "1.0",
	.help = "Says it has finished, but has not.",
	.max_tasks = 1,
	.handle = handle,
};

TUTTI_MODULE(&never_finishes);
