/* Uses a member that this host does not have. */
#include "bad.h"

struct later_host {
	struct tutti_host known;
	uint64_t later;
};

static int32_t handle(void *self, const struct tutti_task *task)
{
	const volatile struct later_host *host =
	    (const volatile void *)task->host;

	(void)self;
	return host->later == 1 ? TUTTI_EFAILED : tutti_succeed(task, NULL);
}

BAD_PLUGIN(.handle = handle);
