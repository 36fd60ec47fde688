#include "store/committer.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/alloc.h"

enum stage { STAGE_IDLE, STAGE_BEGUN, STAGE_DONE, STAGE_STOPPING };

struct committer {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	enum stage stage;
	struct committer_job job;
	int result;
};

static void set_stage(struct committer *committer, enum stage stage)
{
	(void)pthread_mutex_lock(&committer->lock);
	committer->stage = stage;
	(void)pthread_cond_signal(&committer->changed);
	(void)pthread_mutex_unlock(&committer->lock);
}

/* Until there is something to do; false: it is time to end. */
static bool wait_for_work(struct committer *committer)
{
	(void)pthread_mutex_lock(&committer->lock);
	while (committer->stage != STAGE_BEGUN &&
	       committer->stage != STAGE_STOPPING) {
		(void)pthread_cond_wait(&committer->changed, &committer->lock);
	}
	bool begun = committer->stage == STAGE_BEGUN;

	(void)pthread_mutex_unlock(&committer->lock);
	return begun;
}

static void *run(void *arg)
{
	struct committer *committer = arg;

	while (wait_for_work(committer)) {
		const struct committer_job *job = &committer->job;

		committer->result = job->work(job->arg);
		void (*done)(void *) = job->done;
		void *done_arg = job->done_arg;

		/* From here on the job may be another one. */
		set_stage(committer, STAGE_DONE);
		done(done_arg);
	}
	return NULL;
}

/* Signals of the process are the loop's. */
static int start(struct committer *committer)
{
	sigset_t all;
	sigset_t before;

	(void)sigfillset(&all);
	(void)sigdelset(&all, SIGSEGV);
	(void)sigdelset(&all, SIGBUS);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	int failure = pthread_create(&committer->thread, NULL, run, committer);

	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failure;
}

static void release(struct committer *committer)
{
	(void)pthread_cond_destroy(&committer->changed);
	(void)pthread_mutex_destroy(&committer->lock);
	free(committer);
}

struct committer *committer_create(void)
{
	struct committer *committer = alloc_zeroed(1, sizeof(*committer));

	(void)pthread_mutex_init(&committer->lock, NULL);
	(void)pthread_cond_init(&committer->changed, NULL);
	if (start(committer)) {
		release(committer);
		return NULL;
	}
	(void)pthread_setname_np(committer->thread, "tutti-commit");
	return committer;
}

void committer_destroy(struct committer *committer)
{
	if (!committer) {
		return;
	}
	(void)pthread_mutex_lock(&committer->lock);
	while (committer->stage == STAGE_BEGUN) {
		(void)pthread_cond_wait(&committer->changed, &committer->lock);
	}
	(void)pthread_mutex_unlock(&committer->lock);
	set_stage(committer, STAGE_STOPPING);
	(void)pthread_join(committer->thread, NULL);
	release(committer);
}

void committer_begin(struct committer *committer,
		     const struct committer_job *job)
{
	assert(committer->stage == STAGE_IDLE);
	committer->job = *job;
	set_stage(committer, STAGE_BEGUN);
}

bool committer_done(struct committer *committer)
{
	(void)pthread_mutex_lock(&committer->lock);
	bool done = committer->stage == STAGE_DONE;

	(void)pthread_mutex_unlock(&committer->lock);
	return done;
}

int committer_end(struct committer *committer)
{
	(void)pthread_mutex_lock(&committer->lock);
	assert(committer->stage == STAGE_BEGUN ||
	       committer->stage == STAGE_DONE);
	while (committer->stage != STAGE_DONE) {
		(void)pthread_cond_wait(&committer->changed, &committer->lock);
	}
	committer->stage = STAGE_IDLE;
	(void)pthread_mutex_unlock(&committer->lock);
	return committer->result;
}
