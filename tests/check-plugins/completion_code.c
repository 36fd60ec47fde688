/* Returns a number of its own. */
#include "bad.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	(void)tutti_succeed(task, NULL);
	return 42;
}

BAD_PLUGIN(.handle = handle);
