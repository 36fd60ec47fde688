/* Its result is no JSON. */
#include "bad.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	return tutti_succeed(task, "{greeting: hello}");
}

BAD_PLUGIN(.handle = handle);
