/* Takes a signal. */
#include <signal.h>

#include "bad.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	(void)signal(SIGTERM, SIG_IGN);
	return tutti_succeed(task, NULL);
}

BAD_PLUGIN(.handle = handle);
