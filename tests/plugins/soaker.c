/*
 * A plugin for the soak, as a module or as a program, named by $PLUGIN_NAME.
 * Each call is noted in the file $CALLS when it begins and before it ends, one
 * line each:
 *
 *	begin|end RUN ACTIVITY/PHASE/NAME ATTEMPT PID MICROSECONDS
 *
 * Its output tells the attempt, and its patch writes the same into the stash.
 * with.ms is how long it works, with.fail_below makes attempts below that
 * number fail, retryable.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <tutti/plugin.h>
#include <unistd.h>

static const char *const phases[] = { "pre", "parallel", "post" };

static long long now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* One write() to a file opened to append: lines never mix. */
static void note(const char *what, const struct tutti_task *task)
{
	const char *path = getenv("CALLS");
	char line[512];

	if (!path) {
		return;
	}
	int len = snprintf(
	    line, sizeof(line), "%s %.*s %.*s/%s/%.*s %u %d %lld\n", what,
	    (int)task->run.len, task->run.ptr, (int)task->activity.len,
	    task->activity.ptr, phases[task->phase], (int)task->name.len,
	    task->name.ptr, task->attempt, (int)getpid(), now_us());
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, line, (size_t)len) != len) {
		(void)tutti_log(task, TUTTI_ERROR, "cannot note the call");
	}
	if (fd >= 0) {
		(void)close(fd);
	}
}

static int64_t number(const struct tutti_task *task, const char *path)
{
	struct tutti_value value;

	if (tutti_get(task, path, &value) != TUTTI_OK ||
	    value.type != TUTTI_INT) {
		return 0;
	}
	return value.as.i;
}

static void work(const struct tutti_task *task)
{
	int64_t ms = number(task, "with.ms");
	struct timespec left = {
		.tv_sec = (time_t)(ms / 1000),
		.tv_nsec = (long)(ms % 1000) * 1000000,
	};

	while (nanosleep(&left, &left) != 0) {
	}
}

static int32_t handle(void *self, const struct tutti_task *task)
{
	struct tutti_result result = { .size = sizeof(result) };
	char output[64];
	char patch[256];

	(void)self;
	note("begin", task);
	work(task);
	if (task->attempt < number(task, "with.fail_below")) {
		return tutti_fail(task, TUTTI_RETRYABLE, "not yet");
	}
	(void)snprintf(output, sizeof(output), "{\"attempt\": %u}",
		       task->attempt);
	(void)snprintf(patch, sizeof(patch), "{\"%.*s/%s/%.*s\": %u}",
		       (int)task->activity.len, task->activity.ptr,
		       phases[task->phase], (int)task->name.len, task->name.ptr,
		       task->attempt);
	result.output = tutti_text(output);
	result.patch = tutti_text(patch);
	note("end", task);
	return tutti_finish(task, &result);
}

static struct tutti_plugin soaker = {
	.size = sizeof(struct tutti_plugin),
	.name = "soaker",
	.version = "1.0",
	.help = "Notes when it is called.",
	.max_tasks = 16,
	.handle = handle,
};

const struct tutti_module *tutti_plugin_v1(void)
{
	static const struct tutti_plugin *const plugins[] = { &soaker };
	static const struct tutti_module described = {
		.magic = TUTTI_MAGIC,
		.size = sizeof(struct tutti_module),
		.abi_major = TUTTI_ABI_MAJOR,
		.abi_minor = TUTTI_ABI_MINOR,
		.plugin_count = 1,
		.plugins = plugins,
	};
	const char *name = getenv("PLUGIN_NAME");

	if (name) {
		soaker.name = name;
	}
	return &described;
}
