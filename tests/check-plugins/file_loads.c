/* Needs a function that nobody has. */
#include "bad.h"

int32_t nowhere(void);

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	return tutti_fail(task, nowhere(), "never");
}

BAD_PLUGIN(.handle = handle);
