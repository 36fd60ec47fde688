/* Its queue is ordered by nothing that a task has. */
#include "bad.h"

static const struct tutti_queue queue = {
	.size = sizeof(struct tutti_queue),
	.fifo_key = "customer",
};

BAD_PLUGIN(.handle = bad_handle_well, .queue = &queue);
