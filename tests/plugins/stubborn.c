/*
 * Does not listen to cancel(): each attempt ends when the file named in
 * with.release exists, or with.release followed by ".<attempt>". Its output
 * tells which attempt it was. Logs "ended" when it is.
 */
#include <stdio.h>
#include <time.h>
#include <tutti/plugin.h>
#include <unistd.h>

static const struct tutti_host *kept;

static int32_t init(const struct tutti_host *host, void **ret_self)
{
	(void)ret_self;
	kept = host;
	return TUTTI_OK;
}

static int32_t handle(void *self, const struct tutti_task *task)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	struct tutti_value release;
	char one[4096];
	char output[64];

	(void)self;
	if (tutti_get(task, "with.release", &release) != TUTTI_OK) {
		return TUTTI_EINVAL;
	}
	(void)snprintf(one, sizeof(one), "%s.%u", release.as.text.ptr,
		       task->attempt);
	(void)tutti_log(task, TUTTI_INFO, "working");
	while (access(release.as.text.ptr, F_OK) != 0 &&
	       access(one, F_OK) != 0) {
		(void)nanosleep(&pause, NULL);
	}
	(void)snprintf(output, sizeof(output), "{\"attempt\": %u}",
		       task->attempt);
	return tutti_succeed(task, output);
}

static void cancel(void *self, struct tutti_task_id id, int32_t cause)
{
	(void)self;
	(void)id;
	(void)cause;
}

static void fini(void *self)
{
	(void)self;
	(void)tutti_say(kept, TUTTI_INFO, "ended");
}

static const struct tutti_plugin stubborn = {
	.size = sizeof(struct tutti_plugin),
	.name = "stubborn",
	.version = "1.0",
	.help = "Ignores cancellation.",
	.max_tasks = 8,
	.init = init,
	.handle = handle,
	.cancel = cancel,
	.fini = fini,
};

TUTTI_MODULE(&stubborn);
