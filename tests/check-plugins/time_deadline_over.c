/* Counts on time that is left. */
#include <stdlib.h>

#include "bad.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	if (task->deadline_ns && task->deadline_ns <= INT64_C(1000000000)) {
		abort();
	}
	return tutti_succeed(task, NULL);
}

BAD_PLUGIN(.handle = handle);
