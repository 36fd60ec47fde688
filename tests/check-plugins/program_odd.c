/* Crashes when its input is a list. */
#include <stdlib.h>

#include "bad_program.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	if (task->input.len && task->input.ptr[0] == '\x90') {
		abort();
	}
	return tutti_succeed(task, "{}");
}

BAD_PLUGIN(.handle = handle);
BAD_MAIN;
