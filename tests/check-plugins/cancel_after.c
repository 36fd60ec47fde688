/* Knows its task although that is finished. */
#include <stdlib.h>

#include "bad.h"

static uint64_t last;

static int32_t handle(void *self, const struct tutti_task *task)
{
	int32_t rc = tutti_succeed(task, NULL);

	(void)self;
	__atomic_store_n(&last, task->id.number, __ATOMIC_SEQ_CST);
	return rc;
}

static void cancel(void *self, struct tutti_task_id task, int32_t cause)
{
	(void)self;
	(void)cause;
	if (task.run_high &&
	    __atomic_load_n(&last, __ATOMIC_SEQ_CST) == task.number) {
		abort();
	}
}

BAD_PLUGIN(.handle = handle, .cancel = cancel);
