/* Crashes when it is cancelled before it has started. */
#include <stdlib.h>

#include "bad.h"

static uint64_t newest;

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	if (tutti_cancelled(task) == TUTTI_CANCELLED &&
	    __atomic_load_n(&newest, __ATOMIC_SEQ_CST) == task->id.number) {
		abort();
	}
	return tutti_succeed(task, NULL);
}

/* The only cancel() that comes before its task and is the first at all. */
static void cancel(void *self, struct tutti_task_id task, int32_t cause)
{
	static int calls;

	(void)self;
	(void)cause;
	if (calls++ == 0 && task.number == 1) {
		__atomic_store_n(&newest, task.number, __ATOMIC_SEQ_CST);
	}
}

BAD_PLUGIN(.handle = handle, .cancel = cancel);
