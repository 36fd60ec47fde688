/* Expects a number to be positive. */
#include <stdlib.h>

#include "bad.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	struct tutti_value value;

	(void)self;
	if (tutti_get(task, "with.n", &value) == TUTTI_OK && value.as.i < 0) {
		abort();
	}
	return tutti_succeed(task, NULL);
}

BAD_PLUGIN(.handle = handle);
