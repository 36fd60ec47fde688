/* Looks at the task when cancel() comes, although it is finished. */
#include "bad.h"

static const struct tutti_task *last;

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	__atomic_store_n(&last, task, __ATOMIC_SEQ_CST);
	return tutti_succeed(task, NULL);
}

static void stop(void *self)
{
	const volatile struct tutti_task *task =
	    __atomic_load_n(&last, __ATOMIC_SEQ_CST);
	volatile uint32_t attempt = task ? task->attempt : 0;

	(void)self;
	(void)attempt;
}

BAD_PLUGIN(.handle = handle, .stop = stop);
