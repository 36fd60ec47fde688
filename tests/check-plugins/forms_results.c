/* Another output in the program. */
#include "bad.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
#ifdef AS_PROGRAM
	return tutti_succeed(task, "{\"form\": \"program\"}");
#else
	return tutti_succeed(task, "{\"form\": \"module\"}");
#endif
}

BAD_PLUGIN(.handle = handle);
