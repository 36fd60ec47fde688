/*
 * Writes down what is done when: "ACTIVITY PHASE NAME begin" and "... end" are
 * appended to the file in with.file, or in the environment as RECORD_FILE. In
 * between it sleeps with.sleep_ms. Then it does as it is told:
 *
 *	with.fail      "permanent" or "retryable": fails so
 *	with.fail_until_attempt   fails, retryable, below that attempt
 *	with.message   the message
 *	with.output    the output document
 *	with.patch     the patch of the stash
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <tutti/plugin.h>
#include <unistd.h>

static const char *file_of(const struct tutti_task *task)
{
	struct tutti_value file;

	if (tutti_get(task, "with.file", &file) == TUTTI_OK &&
	    file.type == TUTTI_STRING) {
		return file.as.text.ptr;
	}
	return getenv("RECORD_FILE");
}

/* One write() to a file opened to append: lines never mix. */
static void record(const struct tutti_task *task, const char *what)
{
	static const char *const phases[] = { "pre", "parallel", "post" };
	const char *file = file_of(task);
	char line[1024];

	if (!file) {
		return;
	}
	int len =
	    snprintf(line, sizeof(line), "%s %s %s %s\n", task->activity.ptr,
		     phases[task->phase], task->name.ptr, what);
	int fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);

	if (fd < 0 || write(fd, line, (size_t)len) != len) {
		(void)tutti_log(task, TUTTI_ERROR, "cannot write the record");
	}
	if (fd >= 0) {
		(void)close(fd);
	}
}

static void pause_for(const struct tutti_task *task)
{
	struct tutti_value ms;

	if (tutti_get(task, "with.sleep_ms", &ms) != TUTTI_OK) {
		return;
	}
	struct timespec left = {
		.tv_sec = (time_t)(ms.as.i / 1000),
		.tv_nsec = (long)(ms.as.i % 1000) * 1000000,
	};

	while (nanosleep(&left, &left) != 0 && errno == EINTR) {
	}
}

static int32_t outcome_of(const struct tutti_task *task)
{
	struct tutti_value value;

	if (tutti_get(task, "with.fail_until_attempt", &value) == TUTTI_OK &&
	    (int64_t)task->attempt < value.as.i) {
		return TUTTI_RETRYABLE;
	}
	if (tutti_get(task, "with.fail", &value) != TUTTI_OK) {
		return TUTTI_SUCCEEDED;
	}
	return strcmp(value.as.text.ptr, "retryable") == 0 ? TUTTI_RETRYABLE
							   : TUTTI_FAILED;
}

static int32_t handle(void *self, const struct tutti_task *task)
{
	struct tutti_result result = { .size = sizeof(result) };
	struct tutti_value message;

	(void)self;
	record(task, "begin");
	pause_for(task);
	result.outcome = outcome_of(task);
	if (tutti_get(task, "with.message", &message) == TUTTI_OK) {
		result.message = message.as.text;
	}
	(void)tutti_json(task, "with.output", &result.output);
	(void)tutti_json(task, "with.patch", &result.patch);
	record(task, "end");
	return tutti_finish(task, &result);
}

static const struct tutti_plugin recorder = {
	.size = sizeof(struct tutti_plugin),
	.name = "recorder",
	.version = "1.0",
	.help = "Writes down when it begins and ends.",
	.max_tasks = 64,
	.handle = handle,
};

TUTTI_MODULE(&recorder);
