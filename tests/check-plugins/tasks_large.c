/* Copies an input into a buffer of fixed size. */
#include <stdlib.h>

#include "bad.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	char buffer[65536];

	(void)self;
	if (task->input.len > sizeof(buffer)) {
		abort();
	}
	memcpy(buffer, task->input.ptr, task->input.len);
	return tutti_succeed(task, buffer[0] == 1 ? "1" : "2");
}

BAD_PLUGIN(.handle = handle);
