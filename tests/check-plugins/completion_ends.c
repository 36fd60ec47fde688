/* Never finishes anything. */
#include "bad.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	(void)task;
	return TUTTI_PENDING;
}

BAD_PLUGIN(.handle = handle);
