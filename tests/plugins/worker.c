/*
 * A plugin for scenarios, as a module or as a program. It is called as
 * $PLUGIN_NAME says ("worker" without it), so that one program can stand for
 * hundreds; $PLUGIN_QUEUE is the name of a queue that it declares. Each call is
 * noted in the file $CALLS as "begin RUN NAME ATTEMPT PID VERSION", its end as
 * "end ...". What it does is in the attributes:
 *
 *	crash: "once" or "always"   dies of SIGSEGV (once: in attempt 1)
 *	gate: path                  works until that file is there
 *	work_ms: n                  works so long
 *	fail: text                  fails
 *
 * It stops early when it is cancelled.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <tutti/plugin.h>
#include <unistd.h>

#ifndef WORKER_VERSION
#define WORKER_VERSION "1"
#endif

static void note(const char *what, const struct tutti_task *task)
{
	const char *path = getenv("CALLS");
	char line[512];

	if (!path) {
		return;
	}
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	int len = snprintf(line, sizeof(line), "%s %.*s %.*s %u %d %s\n", what,
			   (int)task->run.len, task->run.ptr,
			   (int)task->name.len, task->name.ptr, task->attempt,
			   (int)getpid(), WORKER_VERSION);

	if (fd >= 0) {
		(void)!write(fd, line, (size_t)len);
		(void)close(fd);
	}
}

static int text(const struct tutti_task *task, const char *path, char *out,
		size_t size)
{
	struct tutti_value value;

	if (tutti_get(task, path, &value) != TUTTI_OK ||
	    value.type != TUTTI_STRING || value.as.text.len >= size) {
		return 0;
	}
	memcpy(out, value.as.text.ptr, value.as.text.len);
	out[value.as.text.len] = 0;
	return 1;
}

static void nap(void)
{
	struct timespec moment = { .tv_nsec = 2000000 };

	(void)nanosleep(&moment, NULL);
}

static int wait_for_gate(const struct tutti_task *task)
{
	char gate[256];

	while (text(task, "attributes.gate", gate, sizeof(gate)) &&
	       access(gate, F_OK) != 0) {
		if (tutti_cancelled(task)) {
			return 0;
		}
		nap();
	}
	return 1;
}

static int work(const struct tutti_task *task)
{
	struct tutti_value value;
	int64_t end_ns = task->host->now_ns(task->host);

	if (tutti_get(task, "attributes.work_ms", &value) == TUTTI_OK &&
	    value.type == TUTTI_INT) {
		end_ns += value.as.i * 1000000;
	}
	while (task->host->now_ns(task->host) < end_ns) {
		if (tutti_cancelled(task)) {
			return 0;
		}
		nap();
	}
	return 1;
}

static void crash(const struct tutti_task *task)
{
	char when[16];

	if (text(task, "attributes.crash", when, sizeof(when)) &&
	    (!strcmp(when, "always") || task->attempt == 1)) {
		(void)raise(SIGSEGV);
	}
}

static int32_t handle(void *self, const struct tutti_task *task)
{
	char why[128];
	char output[128];

	(void)self;
	note("begin", task);
	(void)tutti_say(task->host, TUTTI_INFO, "worker says hello");
	if (!wait_for_gate(task) || !work(task)) {
		return tutti_fail(task, TUTTI_FAILED, "stopped");
	}
	crash(task);
	if (text(task, "attributes.fail", why, sizeof(why))) {
		return tutti_fail(task, TUTTI_FAILED, why);
	}
	(void)snprintf(output, sizeof(output),
		       "{\"version\": \"%s\", \"attempt\": %u, \"pid\": %d}",
		       WORKER_VERSION, task->attempt, (int)getpid());
	note("end", task);
	return tutti_succeed(task, output);
}

static const struct tutti_subscription wanted[] = {
	{ "Offer", "{\"offer\": [true]}", TUTTI_PARALLEL, TUTTI_MANDATORY, 0,
	  0 },
};

static struct tutti_plugin worker = {
	.size = sizeof(struct tutti_plugin),
	.name = "worker",
	.version = WORKER_VERSION,
	.help = "Does what the attributes say.",
	.subscriptions = wanted,
	.subscription_count = 1,
	.max_tasks = 4,
	.handle = handle,
};

static struct tutti_queue queue = {
	.size = sizeof(struct tutti_queue),
	.attempts = 3,
};

const struct tutti_module *tutti_plugin_v1(void)
{
	static const struct tutti_plugin *const plugins[] = { &worker };
	static const struct tutti_module described = {
		.magic = TUTTI_MAGIC,
		.size = sizeof(struct tutti_module),
		.abi_major = TUTTI_ABI_MAJOR,
		.abi_minor = TUTTI_ABI_MINOR,
		.plugin_count = 1,
		.plugins = plugins,
	};
	const char *name = getenv("PLUGIN_NAME");
	const char *max_tasks = getenv("PLUGIN_TASKS");
	const char *declared = getenv("PLUGIN_QUEUE");

	if (name) {
		worker.name = name;
	}
	if (max_tasks) {
		worker.max_tasks = (uint32_t)atoi(max_tasks);
	}
	if (declared) {
		queue.name = declared;
		worker.queue = &queue;
	}
	return &described;
}
