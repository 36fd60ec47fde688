/* Does not stop at its deadline. */
#include <unistd.h>

#include "bad.h"

#define START_NS INT64_C(1000000000)

static int32_t handle(void *self, const struct tutti_task *task)
{
	int32_t cause = tutti_cancelled(task);

	(void)self;
	while (cause != TUTTI_CANCELLED && task->deadline_ns > START_NS) {
		(void)usleep(1000);
		cause = tutti_cancelled(task);
	}
	return tutti_succeed(task, NULL);
}

BAD_PLUGIN(.handle = handle);
