/* Raises SIGSEGV in handle(), or in init() when $CRASH_IN_INIT is set. */
#include <signal.h>
#include <stdlib.h>
#include <tutti/plugin.h>

static int32_t init(const struct tutti_host *host, void **ret_self)
{
	(void)host;
	(void)ret_self;
	if (getenv("CRASH_IN_INIT")) {
		(void)raise(SIGSEGV);
	}
	return TUTTI_OK;
}

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	(void)raise(SIGSEGV);
	return tutti_succeed(task, NULL);
}

static const struct tutti_plugin crasher = {
	.size = sizeof(struct tutti_plugin),
	.name = "crasher",
	.version = "1.0",
	.help = "Takes the process down.",
	.max_tasks = 1,
	.init = init,
	.handle = handle,
};

TUTTI_MODULE(&crasher);
