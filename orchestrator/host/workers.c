#include "host/workers.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "host/crash.h"

#define NS_PER_S INT64_C(1000000000)

/* Of the average, how much a new call counts; and what a single one may count,
 * which may have waited for a processor. */
#define AVERAGE_PART 8
#define MOST_NS      INT64_C(300000)

struct host_worker {
	struct host_workers *workers;
	struct host_crew *crew;
	struct host_worker *next; /* in `ended`, or in `quick_workers` */
	struct host_lane *lane;   /* it works on, or NULL */
	int64_t since_ns;
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
	(void)pthread_cond_init(&workers->large.wake, &attributes);
	(void)pthread_cond_init(&workers->quick.wake, &attributes);
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
static struct host_work *take(struct host_workers *workers,
			      struct host_worker *me)
{
	struct host_crew *crew = me->crew;

	if (crew->ready.first || workers->stopping) {
		return queue_pop(&crew->ready);
	}
	struct timespec until = time_in(workers->idle_ms);
	int rc = 0;

	while (!crew->ready.first && !workers->stopping && rc == 0) {
		crew->idle++;
		rc =
		    pthread_cond_timedwait(&crew->wake, &workers->lock, &until);
		crew->idle--;
	}
	return queue_pop(&crew->ready);
}

/* ---- lanes ---- */

static bool is_quick(const struct host_workers *workers,
		     const struct host_lane *lane)
{
	return workers->quick.most > 0 && lane->calls >= HOST_LANE_KNOWN &&
	       lane->average_ns < HOST_LANE_QUICK_NS;
}

static struct host_crew *crew_of(struct host_workers *workers,
				 const struct host_lane *lane)
{
	return is_quick(workers, lane) ? &workers->quick : &workers->large;
}

static void lane_took(struct host_lane *lane, int64_t took_ns)
{
	took_ns = took_ns < MOST_NS ? took_ns : MOST_NS;
	lane->average_ns += (took_ns - lane->average_ns) / AVERAGE_PART;
	if (lane->calls < HOST_LANE_KNOWN) {
		lane->calls++;
	}
}

static size_t take_owed(struct host_crew *crew)
{
	size_t owed = crew->owed;

	crew->owed = 0;
	return owed;
}

static void signal_times(struct host_crew *crew, size_t times)
{
	while (times--) {
		(void)pthread_cond_signal(&crew->wake);
	}
}

static int ensure_thread(struct host_workers *workers, struct host_crew *crew);

/*
 * The lane has room for another. Nobody needs to be woken for it when it is of
 * this thread's crew (NULL: it has none): the thread that found the room takes
 * next.
 */
static void lane_left(struct host_workers *workers, struct host_lane *lane,
		      struct host_crew *mine)
{
	struct host_work *next = queue_pop(&lane->waiting);

	if (!next) {
		lane->running--;
		return;
	}
	struct host_crew *crew = crew_of(workers, lane);

	if (crew != mine) {
		if (ensure_thread(workers, crew)) {
			crew = mine ? mine : &workers->large;
		}
		signal_times(crew, take_owed(crew));
	}
	queue_push(&crew->ready, next);
}

static void forget_quick(struct host_workers *workers,
			 const struct host_worker *worker)
{
	struct host_worker **place = &workers->quick_workers;

	while (*place && *place != worker) {
		place = &(*place)->next;
	}
	if (*place) {
		*place = worker->next;
	}
}

/* An ending thread joins the ones before it, so that at most one remains. */
static void leave(struct host_workers *workers, struct host_worker *me)
{
	struct host_worker *before = workers->ended;

	if (me->crew == &workers->quick) {
		forget_quick(workers, me);
	}
	me->next = NULL;
	workers->ended = me;
	me->crew->threads--;
	if (workers->large.most && workers->large.threads < HOST_LARGE_STEP) {
		workers->large.most = HOST_LARGE_STEP;
	}
	(void)pthread_cond_signal(&workers->gone);
	(void)pthread_mutex_unlock(&workers->lock);
	join_all(before);
}

static void work(struct host_workers *workers, struct host_worker *me,
		 struct host_work *work)
{
	struct host_lane *lane = work->lane;
	int64_t begin_ns = clock_mono_ns();

	me->lane = lane;
	me->since_ns = begin_ns;
	me->crew->taken_ns = begin_ns;
	me->crew->calling++;
	(void)pthread_mutex_unlock(&workers->lock);
	work->run(work);
	int64_t took_ns = clock_mono_ns() - begin_ns;

	(void)pthread_mutex_lock(&workers->lock);
	me->lane = NULL;
	me->crew->calling--;
	lane_took(lane, took_ns);
	lane_left(workers, lane, me->crew);
}

static void *work_on(void *arg)
{
	struct host_worker *me = arg;
	struct host_workers *workers = me->workers;
	struct host_work *next;
	struct host_stack stack;

	host_stack_init(&stack);
	(void)pthread_mutex_lock(&workers->lock);
	while ((next = take(workers, me)) != NULL) {
		work(workers, me, next);
	}
	/* Before it can be joined; of plugins nothing runs on it any more but
	 * destructors of thread-local data. */
	host_stack_fini(&stack);
	leave(workers, me);
	return NULL;
}

/* ---- threads ---- */

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
static int start_thread(struct host_workers *workers, struct host_crew *crew)
{
	struct host_worker *worker = alloc_zeroed(1, sizeof(*worker));
	sigset_t before;

	worker->workers = workers;
	worker->crew = crew;
	block_signals(&before);
	int failure = pthread_create(&worker->thread, NULL, work_on, worker);

	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failure) {
		free(worker);
		return failure;
	}
	(void)pthread_setname_np(worker->thread, "tutti-worker");
	crew->threads++;
	if (crew == &workers->quick) {
		worker->next = workers->quick_workers;
		workers->quick_workers = worker;
	}
	return 0;
}

/* One thread for one more piece of work, or one that will come to it. [lock
 * held] */
static int ensure_thread(struct host_workers *workers, struct host_crew *crew)
{
	if (crew->idle > crew->ready.len) {
		crew->owed++;
		return 0;
	}
	if (crew->most && crew->threads >= crew->most) {
		return 0;
	}
	int failure = start_thread(workers, crew);

	/* With some threads the work waits until one of them is free. */
	return crew->threads ? 0 : failure;
}

/* Give the lock back; then wake who is owed it, so that it is free for them. */
static void unlock_and_wake(struct host_workers *workers)
{
	size_t large = workers->held ? 0 : take_owed(&workers->large);
	size_t quick = workers->held ? 0 : take_owed(&workers->quick);

	(void)pthread_mutex_unlock(&workers->lock);
	signal_times(&workers->large, large);
	signal_times(&workers->quick, quick);
}

void host_workers_hold(struct host_workers *workers)
{
	(void)pthread_mutex_lock(&workers->lock);
	workers->held = true;
	(void)pthread_mutex_unlock(&workers->lock);
}

void host_workers_wake(struct host_workers *workers)
{
	(void)pthread_mutex_lock(&workers->lock);
	workers->held = false;
	unlock_and_wake(workers);
}

int host_workers_submit(struct host_workers *workers, struct host_lane *lane,
			struct host_work *work, struct err *reterr)
{
	int failure = 0;

	work->lane = lane;
	(void)pthread_mutex_lock(&workers->lock);
	if (lane->running >= lane->limit) {
		queue_push(&lane->waiting, work);
	} else {
		struct host_crew *crew = crew_of(workers, lane);

		failure = ensure_thread(workers, crew);
		if (failure == 0) {
			lane->running++;
			queue_push(&crew->ready, work);
		}
	}
	unlock_and_wake(workers);
	if (failure) {
		return err_set(reterr, E_FULL,
			       "cannot start a thread, for lack of memory or "
			       "of threads: %s",
			       strerror(failure));
	}
	return 0;
}

bool host_workers_call(struct host_workers *workers, struct host_lane *lane,
		       struct host_work *work, int64_t *ret_took_ns)
{
	(void)pthread_mutex_lock(&workers->lock);
	bool room = lane->running < lane->limit;

	lane->running += room;
	(void)pthread_mutex_unlock(&workers->lock);
	if (!room) {
		return false;
	}
	int64_t begin_ns = clock_mono_ns();

	work->lane = lane;
	work->run(work);
	*ret_took_ns = clock_mono_ns() - begin_ns;
	(void)pthread_mutex_lock(&workers->lock);
	lane_took(lane, *ret_took_ns);
	lane_left(workers, lane, NULL);
	(void)pthread_mutex_unlock(&workers->lock);
	return true;
}

bool host_workers_busy(struct host_workers *workers, struct host_lane *lane)
{
	(void)pthread_mutex_lock(&workers->lock);
	bool busy = lane->running > 0 || lane->waiting.len > 0;

	(void)pthread_mutex_unlock(&workers->lock);
	return busy;
}

/* ---- relief ---- */

void host_workers_allow_quick(struct host_workers *workers, size_t threads)
{
	(void)pthread_mutex_lock(&workers->lock);
	workers->quick.most = threads;
	workers->large.most = HOST_LARGE_STEP;
	(void)pthread_mutex_unlock(&workers->lock);
}

/* Of the quick crew's thread that has been at it for longest. [lock held] */
static int64_t quick_due(const struct host_workers *workers)
{
	const struct host_worker *worker = workers->quick_workers;
	int64_t due_ns = 0;

	for (; worker && workers->quick.ready.first; worker = worker->next) {
		if (worker->lane) {
			due_ns = clock_earlier(due_ns, worker->since_ns +
							   HOST_STUCK_NS);
		}
	}
	return due_ns;
}

/* Threads that have not come to call yet may be all that is missing. [lock
 * held] */
static int64_t large_due(const struct host_workers *workers)
{
	const struct host_crew *large = &workers->large;
	bool full = large->most && large->threads >= large->most;

	return large->ready.first && full && large->calling == large->threads
		   ? large->taken_ns + HOST_STUCK_NS
		   : 0;
}

int64_t host_workers_relief_due(struct host_workers *workers)
{
	(void)pthread_mutex_lock(&workers->lock);
	int64_t due_ns = clock_earlier(quick_due(workers), large_due(workers));

	(void)pthread_mutex_unlock(&workers->lock);
	return due_ns;
}

/* What of the lane waits for the quick crew gets threads of the large one. */
static void move_ready(struct host_workers *workers,
		       const struct host_lane *lane)
{
	struct host_queue all = workers->quick.ready;
	struct host_work *work;

	workers->quick.ready = (struct host_queue){ 0 };
	while ((work = queue_pop(&all)) != NULL) {
		struct host_crew *crew = &workers->quick;

		if (work->lane == lane &&
		    ensure_thread(workers, &workers->large) == 0) {
			crew = &workers->large;
		}
		queue_push(&crew->ready, work);
	}
}

/* No thread can be started: those of the large crew take what is there. */
static void move_all(struct host_workers *workers)
{
	struct host_work *work;

	while ((work = queue_pop(&workers->quick.ready)) != NULL) {
		(void)ensure_thread(workers, &workers->large);
		queue_push(&workers->large.ready, work);
	}
}

/* It is one of the large crew from now on. */
static void relieve(struct host_workers *workers, struct host_worker *worker)
{
	struct host_lane *lane = worker->lane;

	forget_quick(workers, worker);
	worker->crew = &workers->large;
	workers->quick.threads--;
	workers->quick.calling--;
	workers->large.threads++;
	workers->large.calling++;
	lane->average_ns = HOST_STUCK_NS;
	move_ready(workers, lane);
}

/* All that it has seem to wait for something: more of them. */
static void grow_large(struct host_workers *workers, int64_t now_ns)
{
	struct host_crew *large = &workers->large;
	size_t wanted = large->ready.len;

	large->most += HOST_LARGE_STEP;
	large->taken_ns = now_ns;
	while (wanted-- && large->threads < large->most &&
	       start_thread(workers, large) == 0) {
	}
}

static void relieve_quick(struct host_workers *workers, int64_t now_ns)
{
	struct host_worker *next;

	for (struct host_worker *worker = workers->quick_workers;
	     worker && workers->quick.ready.first; worker = next) {
		next = worker->next;
		if (worker->lane &&
		    now_ns - worker->since_ns >= HOST_STUCK_NS) {
			relieve(workers, worker);
		}
	}
	if (workers->quick.ready.first &&
	    ensure_thread(workers, &workers->quick)) {
		move_all(workers);
	}
}

void host_workers_relieve(struct host_workers *workers, int64_t now_ns)
{
	(void)pthread_mutex_lock(&workers->lock);
	if (workers->quick.ready.first) {
		relieve_quick(workers, now_ns);
	}
	int64_t due_ns = large_due(workers);

	if (due_ns && now_ns >= due_ns) {
		grow_large(workers, now_ns);
	}
	unlock_and_wake(workers);
}

/* ---- the end ---- */

size_t host_workers_count(struct host_workers *workers)
{
	(void)pthread_mutex_lock(&workers->lock);
	size_t threads = workers->large.threads + workers->quick.threads;

	(void)pthread_mutex_unlock(&workers->lock);
	return threads;
}

void host_workers_fini(struct host_workers *workers)
{
	(void)pthread_mutex_lock(&workers->lock);
	workers->stopping = true;
	(void)pthread_cond_broadcast(&workers->large.wake);
	(void)pthread_cond_broadcast(&workers->quick.wake);
	while (workers->large.threads || workers->quick.threads) {
		(void)pthread_cond_wait(&workers->gone, &workers->lock);
	}
	struct host_worker *ended = workers->ended;

	workers->ended = NULL;
	(void)pthread_mutex_unlock(&workers->lock);
	join_all(ended);
	(void)pthread_cond_destroy(&workers->gone);
	(void)pthread_cond_destroy(&workers->large.wake);
	(void)pthread_cond_destroy(&workers->quick.wake);
	(void)pthread_mutex_destroy(&workers->lock);
}
