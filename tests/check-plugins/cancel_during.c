/* Crashes when it is cancelled while it works. */
#include <stdlib.h>
#include <unistd.h>

#include "bad.h"

static int working;

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	__atomic_store_n(&working, 1, __ATOMIC_SEQ_CST);
	(void)usleep(30000);
	__atomic_store_n(&working, 0, __ATOMIC_SEQ_CST);
	return tutti_succeed(task, NULL);
}

static void cancel(void *self, struct tutti_task_id task, int32_t cause)
{
	(void)self;
	(void)task;
	if (cause == TUTTI_CANCELLED &&
	    __atomic_load_n(&working, __ATOMIC_SEQ_CST)) {
		abort();
	}
}

BAD_PLUGIN(.handle = handle, .cancel = cancel);
