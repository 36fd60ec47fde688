/* Expects each id to come once. */
#include <stdlib.h>

#include "bad.h"

static uint64_t seen;

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	if (__atomic_exchange_n(&seen, task->id.number, __ATOMIC_SEQ_CST) ==
	    task->id.number) {
		abort();
	}
	return tutti_succeed(task, NULL);
}

BAD_PLUGIN(.handle = handle);
