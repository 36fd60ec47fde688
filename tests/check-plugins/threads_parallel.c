/* Can do one task at a time but says four. */
#include <stdlib.h>
#include <unistd.h>

#include "bad.h"

static int working;

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	if (__atomic_add_fetch(&working, 1, __ATOMIC_SEQ_CST) > 1) {
		abort();
	}
	(void)usleep(10000);
	__atomic_sub_fetch(&working, 1, __ATOMIC_SEQ_CST);
	return tutti_succeed(task, NULL);
}

BAD_PLUGIN(.handle = handle);
