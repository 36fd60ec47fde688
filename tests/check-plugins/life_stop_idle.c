/* Cannot be stopped before it has done anything. */
#include <stdlib.h>

#include "bad.h"

static int worked;

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	__atomic_store_n(&worked, 1, __ATOMIC_SEQ_CST);
	return tutti_succeed(task, NULL);
}

static void stop(void *self)
{
	(void)self;
	if (!__atomic_load_n(&worked, __ATOMIC_SEQ_CST)) {
		abort();
	}
}

BAD_PLUGIN(.handle = handle, .stop = stop);
