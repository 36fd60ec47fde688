/*
 * Works until cancel() comes and then ends at once, failed, with "stopped:
 * cancelled" or "stopped: timed out". Logs "working" when it has begun.
 */
#include <pthread.h>
#include <stdlib.h>
#include <tutti/plugin.h>

struct work {
	struct work *next; /* in self->first, while it is worked on */
	struct tutti_task_id id;
	int32_t cause;
};

struct self {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct work *first;
};

static int32_t init(const struct tutti_host *host, void **ret_self)
{
	struct self *self = calloc(1, sizeof(*self));

	(void)host;
	if (!self) {
		return TUTTI_ENOMEM;
	}
	(void)pthread_mutex_init(&self->lock, NULL);
	(void)pthread_cond_init(&self->changed, NULL);
	*ret_self = self;
	return TUTTI_OK;
}

static void forget(struct self *self, struct work *work)
{
	struct work **place = &self->first;

	while (*place != work) {
		place = &(*place)->next;
	}
	*place = work->next;
}

static int32_t handle(void *data, const struct tutti_task *task)
{
	struct self *self = data;
	struct work work = { .id = task->id };

	(void)pthread_mutex_lock(&self->lock);
	work.next = self->first;
	self->first = &work;
	/* It may have come before the task was noted. */
	work.cause = tutti_cancelled(task);
	(void)tutti_log(task, TUTTI_INFO, "working");
	while (work.cause == TUTTI_NOT_CANCELLED) {
		(void)pthread_cond_wait(&self->changed, &self->lock);
	}
	forget(self, &work);
	(void)pthread_mutex_unlock(&self->lock);
	return tutti_fail(task, TUTTI_FAILED,
			  work.cause == TUTTI_TIMED_OUT ? "stopped: timed out"
							: "stopped: cancelled");
}

static void cancel(void *data, struct tutti_task_id id, int32_t cause)
{
	struct self *self = data;

	(void)pthread_mutex_lock(&self->lock);
	for (struct work *work = self->first; work; work = work->next) {
		if (work->id.run_high == id.run_high &&
		    work->id.run_low == id.run_low &&
		    work->id.number == id.number) {
			work->cause = cause;
		}
	}
	(void)pthread_cond_broadcast(&self->changed);
	(void)pthread_mutex_unlock(&self->lock);
}

static void fini(void *data)
{
	struct self *self = data;

	(void)pthread_cond_destroy(&self->changed);
	(void)pthread_mutex_destroy(&self->lock);
	free(self);
}

static const struct tutti_plugin cancellable = {
	.size = sizeof(struct tutti_plugin),
	.name = "cancellable",
	.version = "1.0",
	.help = "Works until it is told to stop.",
	.max_tasks = 64,
	.init = init,
	.handle = handle,
	.cancel = cancel,
	.fini = fini,
};

TUTTI_MODULE(&cancellable);
