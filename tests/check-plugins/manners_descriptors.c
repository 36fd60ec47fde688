/* Forgets to close a file. */
#include <fcntl.h>

#include "bad.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	(void)!open("/dev/null", O_RDONLY | O_CLOEXEC);
	return tutti_succeed(task, NULL);
}

BAD_PLUGIN(.handle = handle);
