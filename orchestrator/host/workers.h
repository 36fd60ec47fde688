/*
 * The threads that call plugins: one pool for all of them. A thread is started
 * when there is work and none is idle, and ends by itself when it has been idle
 * for a while, so that an idle process has neither threads nor wake-ups.
 *
 * Work is queued in lanes, one for each plugin. A lane lets at most `limit`
 * pieces of work run at once; the next one starts after a former one has
 * returned, and sees all that it did. Any thread may submit.
 *
 * Waking a thread costs more than a quick call. Lanes whose calls have been
 * quick of late share a few threads of their own, the quick crew, which work on
 * one piece after another; all others are in the large crew, which has a thread
 * for each piece. A quick lane that is not quick this time holds nobody up for
 * long: host_workers_relieve() gives its thread, and what of the lane waits, to
 * the large crew. The large one, too, begins with a limit then, and gets more
 * threads as it turns out that those which it has do not return. Without
 * somebody who calls that there is no quick crew, and no limit.
 */
#ifndef HOST_WORKERS_H
#define HOST_WORKERS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Embedded in what is to be worked on; it may be gone when run() returns. */
struct host_work {
	void (*run)(struct host_work *work);
	struct host_lane *lane;
	struct host_work *next; /* in the queue of its lane or of the pool */
};

struct host_queue {
	struct host_work *first;
	struct host_work *last;
	size_t len;
};

/* Zeroed but for `limit` to begin with; outlives the work in it. */
struct host_lane {
	uint32_t limit;
	uint32_t running; /* or about to: in a crew's `ready` */
	struct host_queue waiting;
	uint32_t calls;     /* that have returned, up to HOST_LANE_KNOWN */
	int64_t average_ns; /* of the last ones */
};

/* So many calls must have returned before a lane is thought quick, and take no
 * longer than that on average. */
#define HOST_LANE_KNOWN    16
#define HOST_LANE_QUICK_NS INT64_C(50000)

/* A quick lane's call that takes longer is relieved. */
#define HOST_STUCK_NS INT64_C(2000000)

/* So many threads the large crew has for the asking, and so many more each time
 * when they all have not returned for as long. */
#define HOST_LARGE_STEP 64

struct host_crew {
	pthread_cond_t wake; /* `ready` has grown, or `stopping` */
	struct host_queue ready;
	size_t threads;
	size_t idle;
	size_t calling;   /* of the threads */
	size_t owed;      /* threads to be woken */
	size_t most;      /* threads; 0: no limit */
	int64_t taken_ns; /* when work was taken last */
};

struct host_workers {
	pthread_mutex_t lock; /* guards all below and every lane */
	pthread_cond_t gone;  /* a thread has ended */
	struct host_crew large;
	struct host_crew quick;
	struct host_worker *quick_workers;
	struct host_worker *ended; /* threads to be joined */
	int64_t idle_ms;
	bool stopping;
	bool held; /* see host_workers_hold() */
};

/* `idle_ms` is how long a thread without work stays. */
void host_workers_init(struct host_workers *workers, int64_t idle_ms);

/* From now on there is a quick crew of at most so many threads, and a limit for
 * the large one. */
void host_workers_allow_quick(struct host_workers *workers, size_t threads);

/*
 * When host_workers_relieve() is wanted, on the monotonic clock; 0: not at all,
 * as nothing waits for a thread.
 */
int64_t host_workers_relief_due(struct host_workers *workers);
void host_workers_relieve(struct host_workers *workers, int64_t now_ns);

/* E_FULL when no thread runs and none can be started. */
int host_workers_submit(struct host_workers *workers, struct host_lane *lane,
			struct host_work *work, struct err *reterr);

/*
 * Do it on this thread. False when the lane has no room: then it was not done.
 * Says how long it took.
 */
bool host_workers_call(struct host_workers *workers, struct host_lane *lane,
		       struct host_work *work, int64_t *ret_took_ns);

/*
 * Who submits several pieces at once may have threads woken for all of them in
 * the end, so that they do not meet at the lock: until host_workers_wake() only
 * those begin that are awake already, or new. One thread may hold.
 */
void host_workers_hold(struct host_workers *workers);
void host_workers_wake(struct host_workers *workers);

/* Is there work of this lane, waiting or not returned? */
bool host_workers_busy(struct host_workers *workers, struct host_lane *lane);

/* Threads that exist now. */
size_t host_workers_count(struct host_workers *workers);

/* Waits for the work that is there and joins all threads. */
void host_workers_fini(struct host_workers *workers);

#endif
