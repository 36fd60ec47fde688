/*
 * Completes from a thread of its own. The thread of a task waits until the
 * plugin is released by the file named in with.after coming to be, or not at
 * all when there is none.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <tutti/plugin.h>
#include <unistd.h>

struct job {
	const struct tutti_host *host;
	struct tutti_task_id id;
	char *after;
};

/* Threads that have not ended; fini() waits for them. */
struct self {
	const struct tutti_host *host;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	unsigned threads;
};

static void *finish_late(void *arg)
{
	struct job *job = arg;
	struct tutti_result result = { .size = sizeof(result) };

	while (job->after && access(job->after, F_OK) != 0) {
		const struct timespec pause = { .tv_nsec = 1000000 };

		(void)nanosleep(&pause, NULL);
	}
	result.output = tutti_text("{\"late\": true}");
	(void)tutti_finish_id(job->host, job->id, &result);
	free(job->after);
	free(job);
	return NULL;
}

struct start {
	struct self *self;
	struct job *job;
};

static void *run(void *arg)
{
	struct start start = *(struct start *)arg;

	free(arg);
	(void)finish_late(start.job);
	(void)pthread_mutex_lock(&start.self->lock);
	start.self->threads--;
	(void)pthread_cond_signal(&start.self->ended);
	(void)pthread_mutex_unlock(&start.self->lock);
	return NULL;
}

static int32_t init(const struct tutti_host *host, void **ret_self)
{
	struct self *self = calloc(1, sizeof(*self));

	if (!self) {
		return TUTTI_ENOMEM;
	}
	self->host = host;
	(void)pthread_mutex_init(&self->lock, NULL);
	(void)pthread_cond_init(&self->ended, NULL);
	*ret_self = self;
	return TUTTI_OK;
}

static char *copy(struct tutti_slice text)
{
	char *out = malloc(text.len + 1);

	if (out) {
		memcpy(out, text.ptr, text.len);
		out[text.len] = '\0';
	}
	return out;
}

static int32_t handle(void *data, const struct tutti_task *task)
{
	struct self *self = data;
	struct start *start = calloc(1, sizeof(*start));
	struct job *job = calloc(1, sizeof(*job));
	struct tutti_value after;
	pthread_t thread;

	if (!start || !job) {
		free(start);
		free(job);
		return TUTTI_ENOMEM;
	}
	*job = (struct job){ .host = self->host, .id = task->id };
	if (tutti_get(task, "with.after", &after) == TUTTI_OK) {
		job->after = copy(after.as.text);
	}
	*start = (struct start){ .self = self, .job = job };
	(void)pthread_mutex_lock(&self->lock);
	self->threads++;
	(void)pthread_mutex_unlock(&self->lock);
	if (pthread_create(&thread, NULL, run, start) != 0) {
		abort();
	}
	(void)pthread_detach(thread);
	return TUTTI_PENDING;
}

static void fini(void *data)
{
	struct self *self = data;

	(void)pthread_mutex_lock(&self->lock);
	while (self->threads) {
		(void)pthread_cond_wait(&self->ended, &self->lock);
	}
	(void)pthread_mutex_unlock(&self->lock);
	(void)pthread_cond_destroy(&self->ended);
	(void)pthread_mutex_destroy(&self->lock);
	free(self);
}

static const struct tutti_plugin late = {
	.size = sizeof(struct tutti_plugin),
	.name = "late",
	.version = "1.0",
	.help = "Finishes later, from its own thread.",
	.max_tasks = 64,
	.init = init,
	.handle = handle,
	.fini = fini,
};

TUTTI_MODULE(&late);
