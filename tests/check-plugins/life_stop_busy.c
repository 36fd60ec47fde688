/* Crashes when it is stopped while it works. */
#include <stdlib.h>
#include <unistd.h>

#include "bad.h"

static int working;

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	__atomic_add_fetch(&working, 1, __ATOMIC_SEQ_CST);
	(void)usleep(60000);
	__atomic_sub_fetch(&working, 1, __ATOMIC_SEQ_CST);
	return tutti_succeed(task, NULL);
}

static void stop(void *self)
{
	(void)self;
	(void)usleep(20000);
	if (__atomic_load_n(&working, __ATOMIC_SEQ_CST)) {
		abort();
	}
}

BAD_PLUGIN(.handle = handle, .stop = stop);
