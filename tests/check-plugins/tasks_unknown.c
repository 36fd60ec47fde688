/* Believes that it knows all activities. */
#include <stdlib.h>

#include "bad.h"

static const struct tutti_subscription wanted[] = {
	{ .activity = "Step", .phase = TUTTI_PARALLEL },
};

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	if (strcmp(task->activity.ptr, "Step") != 0) {
		abort();
	}
	return tutti_succeed(task, NULL);
}

BAD_PLUGIN(.handle = handle, .subscriptions = wanted, .subscription_count = 1);
