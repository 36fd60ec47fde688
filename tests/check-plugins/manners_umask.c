/* Changes the umask. */
#include <sys/stat.h>

#include "bad.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	(void)umask(0007);
	return tutti_succeed(task, NULL);
}

BAD_PLUGIN(.handle = handle);
