/* Crashes in every task. */
#include <signal.h>

#include "bad.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	(void)task;
	(void)raise(SIGSEGV);
	return TUTTI_EFAILED;
}

BAD_PLUGIN(.handle = handle);
