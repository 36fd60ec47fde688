/* Takes TUTTI_ESTALE for the end of the world. */
#include <stdlib.h>

#include "bad.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	(void)self;
	if (tutti_succeed(task, NULL) == TUTTI_ESTALE) {
		abort();
	}
	return TUTTI_OK;
}

BAD_PLUGIN(.handle = handle);
