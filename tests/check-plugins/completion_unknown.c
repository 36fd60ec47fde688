/* Finishes a task that it was never given as well. */
#include "bad.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	struct tutti_result result = { .size = sizeof(result) };
	struct tutti_task_id other = task->id;

	(void)self;
	other.number += 1000000;
	(void)tutti_finish_id(task->host, other, &result);
	return tutti_succeed(task, NULL);
}

BAD_PLUGIN(.handle = handle);
