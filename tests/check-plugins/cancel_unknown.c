/* Believes that every cancel() is about a task of its own. */
#include <stdlib.h>

#include "bad.h"

static void cancel(void *self, struct tutti_task_id task, int32_t cause)
{
	(void)self;
	(void)cause;
	if (task.run_high == 0) {
		abort();
	}
}

BAD_PLUGIN(.handle = bad_handle_well, .cancel = cancel);
