/* Does not expect a wakes and attempt of nothing, nor a long text. */
#include <stdlib.h>

#include "bad.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	struct tutti_value value;

	(void)self;
	if (tutti_get(task, "with.name", &value) == TUTTI_OK &&
	    value.type == TUTTI_STRING && value.as.text.len > 12) {
		abort();
	}
	return tutti_succeed(task, NULL);
}

BAD_PLUGIN(.handle = handle);
