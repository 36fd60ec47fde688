/* Changes the working directory. */
#include <unistd.h>

#include "bad.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	(void)!chdir("/");
	return tutti_succeed(task, NULL);
}

BAD_PLUGIN(.handle = handle);
