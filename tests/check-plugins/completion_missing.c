/* Says that it has finished but has not. */
#include "bad.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	(void)task;
	return TUTTI_OK;
}

BAD_PLUGIN(.handle = handle);
