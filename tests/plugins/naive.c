/*
 * A plugin without locks, as max_tasks = 1 allows: its state is one for all
 * calls, and it goes on using it after it has finished the task. Its output
 * counts the calls; an overlap fails the task.
 */
#include <sched.h>
#include <stdio.h>
#include <tutti/plugin.h>

struct self {
	int inside;
	long calls;
	int overlapped;
};

static struct self state;

static int32_t init(const struct tutti_host *host, void **ret_self)
{
	(void)host;
	state = (struct self){ 0 };
	*ret_self = &state;
	return TUTTI_OK;
}

static int32_t handle(void *data, const struct tutti_task *task)
{
	struct self *self = data;
	char output[64];

	if (self->inside++) {
		self->overlapped = 1;
	}
	self->calls++;
	(void)snprintf(output, sizeof(output), "{\"calls\": %ld}", self->calls);
	int32_t rc = self->overlapped
			 ? tutti_fail(task, TUTTI_FAILED, "calls overlap")
			 : tutti_succeed(task, output);

	for (int i = 0; i < 3; i++) {
		(void)sched_yield();
	}
	self->inside--;
	return rc;
}

static const struct tutti_plugin naive = {
	.size = sizeof(struct tutti_plugin),
	.name = "naive",
	.version = "1.0",
	.help = "Has no locks.",
	.max_tasks = 1,
	.init = init,
	.handle = handle,
};

TUTTI_MODULE(&naive);
