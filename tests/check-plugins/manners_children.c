/* Leaves a child process behind. */
#include <unistd.h>

#include "bad.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	if (fork() == 0) {
		_exit(0);
	}
	return tutti_succeed(task, NULL);
}

BAD_PLUGIN(.handle = handle);
