/*
 * Fails, and then does not. Each call adds a line "NAME ATTEMPT" to the file
 * with.file, and the lines of that task's name are counted:
 *
 *	with.times   so many calls fail; without it none does
 *	with.how     retryable (the default), permanent, crash: dies of SIGKILL,
 *	             hang: ends only when it is told to
 *	with.unless  fails permanently as long as this file is not there
 *	with.gate    works until this file is there
 *
 * Its output is {"calls": n}. The plugin `always` does the same, also when a
 * run is run again.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <tutti/plugin.h>
#include <unistd.h>

static const char *text(const struct tutti_task *task, const char *path)
{
	struct tutti_value value;

	return tutti_get(task, path, &value) == TUTTI_OK &&
		       value.type == TUTTI_STRING
		   ? value.as.text.ptr
		   : NULL;
}

static int64_t number(const struct tutti_task *task, const char *path)
{
	struct tutti_value value;

	return tutti_get(task, path, &value) == TUTTI_OK &&
		       value.type == TUTTI_INT
		   ? value.as.i
		   : 0;
}

/* One write() to a file opened to append: lines never mix. */
static void note(const struct tutti_task *task, const char *file)
{
	char line[256];
	int len = snprintf(line, sizeof(line), "%.*s %u\n", (int)task->name.len,
			   task->name.ptr, task->attempt);
	int fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);

	if (fd < 0 || write(fd, line, (size_t)len) != len) {
		(void)tutti_log(task, TUTTI_ERROR, "cannot count the call");
	}
	if (fd >= 0) {
		(void)close(fd);
	}
}

static int64_t count(const struct tutti_task *task, const char *file)
{
	FILE *stream = fopen(file, "re");
	char line[256];
	int64_t calls = 0;

	while (stream && fgets(line, sizeof(line), stream)) {
		calls += strncmp(line, task->name.ptr, task->name.len) == 0 &&
			 line[task->name.len] == ' ';
	}
	if (stream) {
		(void)fclose(stream);
	}
	return calls;
}

static void nap(void)
{
	struct timespec moment = { .tv_nsec = 2000000 };

	(void)nanosleep(&moment, NULL);
}

static int32_t fail(const struct tutti_task *task, int64_t calls)
{
	const char *how = text(task, "with.how");
	char message[64];

	(void)snprintf(message, sizeof(message), "failure %d", (int)calls);
	if (how && strcmp(how, "crash") == 0) {
		(void)raise(SIGKILL);
	}
	while (how && strcmp(how, "hang") == 0 && !tutti_cancelled(task)) {
		nap();
	}
	return tutti_fail(task,
			  how && strcmp(how, "permanent") == 0
			      ? TUTTI_FAILED
			      : TUTTI_RETRYABLE,
			  message);
}

static int32_t handle(void *self, const struct tutti_task *task)
{
	const char *file = text(task, "with.file");
	const char *unless = text(task, "with.unless");
	const char *gate = text(task, "with.gate");
	int64_t calls = 0;
	char output[64];

	(void)self;
	if (file) {
		note(task, file);
		calls = count(task, file);
	}
	while (gate && access(gate, F_OK) != 0 && !tutti_cancelled(task)) {
		nap();
	}
	if (calls && calls <= number(task, "with.times")) {
		return fail(task, calls);
	}
	if (unless && access(unless, F_OK) != 0) {
		return tutti_fail(task, TUTTI_FAILED, "not mended yet");
	}
	(void)snprintf(output, sizeof(output), "{\"calls\": %d}", (int)calls);
	return tutti_succeed(task, output);
}

static const struct tutti_plugin flaky = {
	.size = sizeof(struct tutti_plugin),
	.name = "flaky",
	.version = "1.0",
	.help = "Fails as often as it is told.",
	.max_tasks = 64,
	.handle = handle,
};

static const struct tutti_plugin always = {
	.size = sizeof(struct tutti_plugin),
	.flags = TUTTI_ALWAYS_RUN,
	.name = "always",
	.version = "1.0",
	.help = "The same, also when a run is run again.",
	.max_tasks = 64,
	.handle = handle,
};

TUTTI_MODULE(&flaky, &always);
