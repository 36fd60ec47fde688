#include "check/inside.h"

#include <errno.h>
#include <time.h>

#include "base/clock.h"
#include "check/stage.h"

/* The lock is held. */
static struct transcript *transcript_of(const struct inside *inside,
					const struct host_key *key)
{
	const struct script_task *task = inside->task;

	return task && key->number == task->number &&
		       key->attempt == task->attempt &&
		       id_equal(&key->run, &task->run)
		   ? inside->transcript
		   : NULL;
}

/* [any thread] */
static void completed(void *arg, const struct host_completion *completion)
{
	struct inside *inside = arg;
	struct host_completion owned = *completion;

	(void)pthread_mutex_lock(&inside->lock);
	struct transcript *transcript = transcript_of(inside, &owned.key);

	if (transcript) {
		transcript_complete(transcript, owned.outcome,
				    slice_of(owned.message),
				    blob_slice(owned.output),
				    blob_slice(owned.patch), owned.until_us);
		transcript->given_back = owned.never_called;
		inside->task = NULL;
		(void)pthread_cond_broadcast(&inside->changed);
	}
	(void)pthread_mutex_unlock(&inside->lock);
	host_completion_fini(&owned);
}

/* [any thread] */
static void progressed(void *arg, const struct host_key *key, double fraction,
		       struct slice note)
{
	struct inside *inside = arg;

	(void)pthread_mutex_lock(&inside->lock);
	struct transcript *transcript = transcript_of(inside, key);

	if (transcript) {
		transcript_progress(transcript, fraction, note);
	}
	(void)pthread_mutex_unlock(&inside->lock);
}

/* [any thread] */
static void logged(void *arg, const struct host_key *key, struct slice plugin,
		   struct slice task, enum log_level level, struct slice text)
{
	struct inside *inside = arg;

	(void)plugin;
	(void)task;
	(void)pthread_mutex_lock(&inside->lock);
	struct transcript *transcript = transcript_of(inside, key);

	if (transcript) {
		transcript_log(transcript, (int)level, text);
	}
	(void)pthread_mutex_unlock(&inside->lock);
}

static struct host_key key_of(const struct script_task *task)
{
	return (struct host_key){
		.run = task->run,
		.number = task->number,
		.attempt = task->attempt,
		.wakes = task->wakes,
	};
}

static void deliver(void *self, const struct script_task *task,
		    int64_t deadline_us, struct transcript *transcript)
{
	struct inside *inside = self;
	struct host_task given = {
		.key = key_of(task),
		.wakes = task->wakes,
		.phase = task->phase,
		.uid = slice_of(task->uid),
		.tenant = slice_of(task->tenant),
		.workflow = slice_of(task->workflow),
		.activity = slice_of(task->activity),
		.plugin = slice_of(task->plugin),
		.name = slice_of(task->name),
		.attributes = task->documents[DOCUMENT_ATTRIBUTES],
		.input = task->documents[DOCUMENT_INPUT],
		.stash = task->documents[DOCUMENT_STASH],
		.outputs = task->documents[DOCUMENT_OUTPUTS],
		.with = task->documents[DOCUMENT_WITH],
		.deadline_us = deadline_us,
	};
	struct err err = { 0 };

	(void)pthread_mutex_lock(&inside->lock);
	inside->task = task;
	inside->transcript = transcript;
	(void)pthread_mutex_unlock(&inside->lock);
	if (host_deliver(inside->host, &given, &err) < 0) {
		const struct host_completion refused = {
			.key = given.key,
			.outcome = TUTTI_FAILED,
		};

		completed(inside, &refused);
	}
}

static void cancel(void *self, const struct script_task *task, bool timed_out)
{
	const struct inside *inside = self;
	const struct host_key key = key_of(task);

	host_cancel(inside->host, &key,
		    timed_out ? TUTTI_TIMED_OUT : TUTTI_CANCELLED);
}

/* The handler of the last task may return a little later than it finishes, and
 * the next one must find a hand free: both forms wait for the completion alone,
 * as the orchestrator does. */
static bool wait_for(void *self, int64_t ms)
{
	struct inside *inside = self;
	int64_t until_us = clock_wall_us() + ms * 1000;
	struct timespec until = { .tv_sec = until_us / 1000000,
				  .tv_nsec = until_us % 1000000 * 1000 };
	int rc = 0;

	(void)pthread_mutex_lock(&inside->lock);
	while (inside->task && rc != ETIMEDOUT) {
		rc = pthread_cond_timedwait(&inside->changed, &inside->lock,
					    &until);
	}
	bool over = !inside->task;

	(void)pthread_mutex_unlock(&inside->lock);
	return over;
}

static bool is_dead(void *self)
{
	(void)self;
	return false;
}

struct form inside_form(struct inside *inside)
{
	return (struct form){
		.self = inside,
		.deliver = deliver,
		.cancel = cancel,
		.wait = wait_for,
		.is_dead = is_dead,
	};
}

bool inside_open(struct trial *trial, const struct value *params,
		 struct inside *ret_inside)
{
	const struct host_callbacks callbacks = {
		.arg = ret_inside,
		.completed = completed,
		.progressed = progressed,
		.logged = logged,
	};
	const struct host_source source = {
		.path = trial->subject->real,
		.config = params,
	};
	struct err err = { 0 };

	*ret_inside = (struct inside){ .host = host_create(&callbacks) };
	(void)pthread_mutex_init(&ret_inside->lock, NULL);
	(void)pthread_cond_init(&ret_inside->changed, NULL);
	int rc = host_load(ret_inside->host, &source, &err);

	rc = rc ? rc : host_start(ret_inside->host, &err);
	if (rc < 0) {
		trial_skip(trial, "the module does not start: %s", err.msg);
		host_destroy(ret_inside->host);
	}
	return rc == 0;
}

void inside_close(struct inside *inside)
{
	host_stop(inside->host);
	for (int i = 0; i < STAGE_GRACE_MS && !host_drained(inside->host);
	     i++) {
		stage_pause(1);
	}
	host_destroy(inside->host);
}
