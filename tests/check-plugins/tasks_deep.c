/* Expects documents to be shallow. */
#include <stdlib.h>

#include "bad.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	struct tutti_slice json;

	(void)self;
	if (tutti_json(task, "with", &json) == TUTTI_OK &&
	    strstr(json.ptr, "}}}}}}}}")) {
		abort();
	}
	return tutti_succeed(task, NULL);
}

BAD_PLUGIN(.handle = handle);
