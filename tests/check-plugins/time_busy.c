/* Waits by asking again and again. */
#include "bad.h"

/* Works until it is told to stop. */
static int32_t handle(void *self, const struct tutti_task *task)
{
	int32_t cause = TUTTI_NOT_CANCELLED;

	(void)self;
	while (cause == TUTTI_NOT_CANCELLED) {
		(void)tutti_now_ns(task->host);
		cause = tutti_cancelled(task);
	}

	return tutti_fail(task, TUTTI_FAILED, "stopped");
}

BAD_PLUGIN(.handle = handle);
