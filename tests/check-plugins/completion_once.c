/* Finishes each task twice. */
#include "bad.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	(void)tutti_succeed(task, NULL);
	(void)tutti_fail(task, TUTTI_FAILED, "or not");
	return TUTTI_OK;
}

BAD_PLUGIN(.handle = handle);
