/* Ends the process. */
#include <stdlib.h>

#include "bad.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	exit(3);
	return tutti_succeed(task, NULL);
}

BAD_PLUGIN(.handle = handle);
