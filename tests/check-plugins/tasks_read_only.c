/* Writes to a document that it was lent. */
#include "bad.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	((char *)(uintptr_t)task->input.ptr)[0] = 0;
	return tutti_succeed(task, NULL);
}

BAD_PLUGIN(.handle = handle);
