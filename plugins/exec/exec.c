/*
 * Runs a program: no shell, its own process group, its output captured. A
 * worker thread waits for each program; cancel() wakes it. See README.md.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "command.h"
#include "process.h"
#include "report.h"

#define NS_PER_MS 1000000

/* A task whose program runs, on the stack of its worker. */
struct job {
	struct job *next; /* in exec->jobs */
	struct tutti_task_id id;
	int wake_fd;
};

struct exec {
	int64_t kill_after_ns;
	pthread_mutex_t lock;
	struct job *jobs; /* [lock] */
};

static int32_t init(const struct tutti_host *host, void **ret_self)
{
	struct tutti_value kill_after;
	int32_t rc = tutti_get_param(host, "kill_after", &kill_after);

	if (rc != TUTTI_OK) {
		return rc;
	}
	struct exec *self = calloc(1, sizeof(*self));

	if (!self) {
		return TUTTI_ENOMEM;
	}
	self->kill_after_ns = kill_after.as.i * NS_PER_MS;
	(void)pthread_mutex_init(&self->lock, NULL);
	groups_watch();
	*ret_self = self;
	return TUTTI_OK;
}

static void fini(void *data)
{
	struct exec *self = data;

	groups_leave();
	(void)pthread_mutex_destroy(&self->lock);
	free(self);
}

static void add_job(struct exec *self, struct job *job)
{
	(void)pthread_mutex_lock(&self->lock);
	job->next = self->jobs;
	self->jobs = job;
	(void)pthread_mutex_unlock(&self->lock);
}

static void remove_job(struct exec *self, const struct job *job)
{
	(void)pthread_mutex_lock(&self->lock);
	struct job **place = &self->jobs;

	while (*place != job) {
		place = &(*place)->next;
	}
	*place = job->next;
	(void)pthread_mutex_unlock(&self->lock);
}

static void cancel(void *data, struct tutti_task_id id, int32_t cause)
{
	struct exec *self = data;

	(void)cause; /* tutti_cancelled() tells it to the worker */
	(void)pthread_mutex_lock(&self->lock);
	for (struct job *job = self->jobs; job; job = job->next) {
		if (job->id.run_high == id.run_high &&
		    job->id.run_low == id.run_low &&
		    job->id.number == id.number) {
			(void)eventfd_write(job->wake_fd, 1);
		}
	}
	(void)pthread_mutex_unlock(&self->lock);
}

/* What is short now may be there at another attempt. */
static bool is_shortage(int failure)
{
	return failure == EAGAIN || failure == ENOMEM || failure == EMFILE ||
	       failure == ENFILE;
}

static int32_t run(struct exec *self, const struct tutti_task *task,
		   const struct command *command, int wake_fd)
{
	char complaint[COMPLAINT_SIZE];
	struct process process = {
		.pidfd = -1,
		.wake_fd = wake_fd,
		.kill_after_ns = self->kill_after_ns,
		.out = { .fd = -1 },
		.err = { .fd = -1 },
	};
	int failure = process_start(&process, command, complaint);
	int32_t rc;

	if (failure) {
		rc = tutti_fail(
		    task, is_shortage(failure) ? TUTTI_RETRYABLE : TUTTI_FAILED,
		    complaint);
	} else {
		process_wait(&process, task);
		rc = report_finish(task, command, &process);
	}
	process_fini(&process);
	return rc;
}

/* Known to cancel() from before it is asked whether it is cancelled. */
static int32_t run_job(struct exec *self, const struct tutti_task *task,
		       const struct command *command)
{
	struct job job = {
		.id = task->id,
		.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
	};
	int32_t rc;

	if (job.wake_fd < 0) {
		return tutti_fail(task, TUTTI_RETRYABLE,
				  "no file descriptor is left");
	}
	add_job(self, &job);
	if (tutti_cancelled(task) == TUTTI_NOT_CANCELLED) {
		rc = run(self, task, command, job.wake_fd);
	} else {
		rc = tutti_fail(task, TUTTI_FAILED,
				"stopped before the program was started");
	}
	remove_job(self, &job);
	(void)close(job.wake_fd);
	return rc;
}

static int32_t handle(void *data, const struct tutti_task *task)
{
	char complaint[COMPLAINT_SIZE];
	struct command command;
	int32_t rc = command_read(task, &command, complaint);

	if (rc == TUTTI_OK) {
		rc = run_job(data, task, &command);
	} else if (rc == TUTTI_EINVAL) {
		rc = tutti_fail(task, TUTTI_FAILED, complaint);
	}
	command_fini(&command);
	return rc;
}

static const struct tutti_param params[] = {
	{
	    .name = "kill_after",
	    .help = "How long a program has between SIGTERM and SIGKILL.",
	    .fallback = "2s",
	    .type = TUTTI_DURATION,
	},
};

static const struct tutti_plugin plugin = {
	.size = sizeof(struct tutti_plugin),
	.name = "exec",
	.version = "1.0",
	.help = "Runs a program and captures its output.",
	.params = params,
	.param_count = sizeof(params) / sizeof(params[0]),
	.max_tasks = 64,
	.init = init,
	.handle = handle,
	.cancel = cancel,
	.fini = fini,
};

TUTTI_MODULE(&plugin);
