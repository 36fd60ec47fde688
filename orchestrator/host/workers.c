#include "host/workers.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "host/crash.h"

#define NS_PER_S INT64_C(1000000000)

struct host_worker {
	struct host_workers *workers;
	struct host_worker *next; /* in `ended` */
	pthread_t thread;
};

static void queue_push(struct host_queue *queue, struct host_work *work)
{
	work->next = NULL;
	if (queue->last) {
		queue->last->next = work;
	} else {
		queue->first = work;
	}
	queue->last = work;
	queue->len++;
}

static struct host_work *queue_pop(struct host_queue *queue)
{
	struct host_work *work = queue->first;

	if (work) {
		queue->first = work->next;
		if (!queue->first) {
			queue->last = NULL;
		}
		queue->len--;
	}
	return work;
}

void host_workers_init(struct host_workers *workers, int64_t idle_ms)
{
	pthread_condattr_t attributes;

	memset(workers, 0, sizeof(*workers));
	workers->idle_ms = idle_ms;
	(void)pthread_mutex_init(&workers->lock, NULL);
	(void)pthread_condattr_init(&attributes);
	(void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&workers->wake, &attributes);
	(void)pthread_cond_init(&workers->gone, NULL);
	(void)pthread_condattr_destroy(&attributes);
}

static struct timespec time_in(int64_t ms)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	int64_t ns = now.tv_nsec + (ms % 1000) * 1000000;

	return (struct timespec){
		.tv_sec = now.tv_sec + (time_t)(ms / 1000 + ns / NS_PER_S),
		.tv_nsec = (long)(ns % NS_PER_S),
	};
}

static void join_all(struct host_worker *worker)
{
	while (worker) {
		struct host_worker *next = worker->next;

		(void)pthread_join(worker->thread, NULL);
		free(worker);
		worker = next;
	}
}

/* The next work, or NULL when this thread is to end. [lock held] */
static struct host_work *take(struct host_workers *workers)
{
	struct timespec until = time_in(workers->idle_ms);
	int rc = 0;

	while (!workers->ready.first && !workers->stopping && rc == 0) {
		workers->idle++;
		rc = pthread_cond_timedwait(&workers->wake, &workers->lock,
					    &until);
		workers->idle--;
	}
	return queue_pop(&workers->ready);
}

/*
 * The lane has room for another. Nobody needs to be woken for it: the thread
 * that found the room takes from `ready` next.
 */
static void lane_left(struct host_workers *workers, struct host_lane *lane)
{
	struct host_work *next = queue_pop(&lane->waiting);

	if (next) {
		queue_push(&workers->ready, next);
	} else {
		lane->running--;
	}
}

/* An ending thread joins the ones before it, so that at most one remains. */
static void leave(struct host_workers *workers, struct host_worker *me)
{
	struct host_worker *before = workers->ended;

	workers->ended = me;
	workers->threads--;
	(void)pthread_cond_signal(&workers->gone);
	(void)pthread_mutex_unlock(&workers->lock);
	join_all(before);
}

static void *work_on(void *arg)
{
	struct host_worker *me = arg;
	struct host_workers *workers = me->workers;
	struct host_work *work;
	struct host_stack stack;

	host_stack_init(&stack);
	(void)pthread_mutex_lock(&workers->lock);
	while ((work = take(workers)) != NULL) {
		struct host_lane *lane = work->lane;

		(void)pthread_mutex_unlock(&workers->lock);
		work->run(work);
		(void)pthread_mutex_lock(&workers->lock);
		lane_left(workers, lane);
	}
	/* Before it can be joined; of plugins nothing runs on it any more but
	 * destructors of thread-local data. */
	host_stack_fini(&stack);
	leave(workers, me);
	return NULL;
}

/* Signals of the process are the loop's; faults stay with who made them. */
static void block_signals(sigset_t *ret_before)
{
	static const int faults[] = { SIGSEGV, SIGBUS,  SIGFPE, SIGILL,
				      SIGABRT, SIGTRAP, SIGSYS };
	sigset_t blocked;

	(void)sigfillset(&blocked);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		(void)sigdelset(&blocked, faults[i]);
	}
	(void)pthread_sigmask(SIG_SETMASK, &blocked, ret_before);
}

/* The lock is held, so that the thread cannot end before it is noted. */
static int start_thread(struct host_workers *workers)
{
	struct host_worker *worker = alloc_zeroed(1, sizeof(*worker));
	sigset_t before;

	worker->workers = workers;
	block_signals(&before);
	int failure = pthread_create(&worker->thread, NULL, work_on, worker);

	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failure) {
		free(worker);
		return failure;
	}
	(void)pthread_setname_np(worker->thread, "tutti-worker");
	workers->threads++;
	return 0;
}

/* One thread for one more piece of work. [lock held] */
static int ensure_thread(struct host_workers *workers)
{
	if (workers->idle > workers->ready.len) {
		(void)pthread_cond_signal(&workers->wake);
		return 0;
	}
	int failure = start_thread(workers);

	/* With some threads the work waits until one of them is free. */
	return workers->threads ? 0 : failure;
}

int host_workers_submit(struct host_workers *workers, struct host_lane *lane,
			struct host_work *work, struct err *reterr)
{
	int failure = 0;

	work->lane = lane;
	(void)pthread_mutex_lock(&workers->lock);
	if (lane->running >= lane->limit) {
		queue_push(&lane->waiting, work);
	} else if ((failure = ensure_thread(workers)) == 0) {
		lane->running++;
		queue_push(&workers->ready, work);
	}
	(void)pthread_mutex_unlock(&workers->lock);
	if (failure) {
		return err_set(reterr, E_FULL,
			       "cannot start a thread, for lack of memory or "
			       "of threads: %s",
			       strerror(failure));
	}
	return 0;
}

bool host_workers_busy(struct host_workers *workers, struct host_lane *lane)
{
	(void)pthread_mutex_lock(&workers->lock);
	bool busy = lane->running > 0 || lane->waiting.len > 0;

	(void)pthread_mutex_unlock(&workers->lock);
	return busy;
}

size_t host_workers_count(struct host_workers *workers)
{
	(void)pthread_mutex_lock(&workers->lock);
	size_t threads = workers->threads;

	(void)pthread_mutex_unlock(&workers->lock);
	return threads;
}

void host_workers_fini(struct host_workers *workers)
{
	(void)pthread_mutex_lock(&workers->lock);
	workers->stopping = true;
	(void)pthread_cond_broadcast(&workers->wake);
	while (workers->threads) {
		(void)pthread_cond_wait(&workers->gone, &workers->lock);
	}
	struct host_worker *ended = workers->ended;

	workers->ended = NULL;
	(void)pthread_mutex_unlock(&workers->lock);
	join_all(ended);
	(void)pthread_cond_destroy(&workers->gone);
	(void)pthread_cond_destroy(&workers->wake);
	(void)pthread_mutex_destroy(&workers->lock);
}
