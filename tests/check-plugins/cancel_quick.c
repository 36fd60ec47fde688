/* Takes its time in cancel(). */
#include <unistd.h>

#include "bad.h"

static void cancel(void *self, struct tutti_task_id task, int32_t cause)
{
	(void)self;
	(void)task;
	(void)cause;
	(void)usleep(50000);
}

BAD_PLUGIN(.handle = bad_handle_well, .cancel = cancel);
