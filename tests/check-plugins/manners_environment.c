/* Sets a variable. */
#include <stdlib.h>

#include "bad.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	(void)setenv("BAD_PLUGIN", "1", 1);
	return tutti_succeed(task, NULL);
}

BAD_PLUGIN(.handle = handle);
