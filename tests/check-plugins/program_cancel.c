/* Does not let itself be cancelled. */
#include <unistd.h>

#include "bad_program.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	/* Short enough to end by itself. */
	(void)usleep(100000);
	return tutti_succeed(task, "{}");
}

static void cancel(void *self, struct tutti_task_id task, int32_t cause)
{
	(void)self;
	(void)task;
	(void)cause;
	(void)pause();
}

BAD_PLUGIN(.handle = handle, .cancel = cancel);
BAD_MAIN;
