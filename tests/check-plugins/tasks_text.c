/* Its message is Latin-1. */
#include "bad.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	return tutti_fail(task, TUTTI_FAILED, "fertig f\xfcr heute");
}

BAD_PLUGIN(.handle = handle);
