/* Expects one cancel() for each task. */
#include <stdlib.h>

#include "bad.h"

static uint64_t last;
static int32_t causes;

static void cancel(void *self, struct tutti_task_id task, int32_t cause)
{
	(void)self;
	causes = last == task.number ? causes | cause : cause;
	last = task.number;
	if (causes == (TUTTI_CANCELLED | TUTTI_TIMED_OUT)) {
		abort();
	}
}

BAD_PLUGIN(.handle = bad_handle_well, .cancel = cancel);
