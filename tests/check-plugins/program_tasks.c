/* Crashes at its first task. */
#include <stdlib.h>

#include "bad_program.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	(void)task;
	abort();
}

BAD_PLUGIN(.handle = handle);
BAD_MAIN;
