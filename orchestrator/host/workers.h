/*
 * The threads that call plugins: one pool for all of them. A thread is started
 * when there is work and none is idle, and ends by itself when it has been idle
 * for a while, so that an idle process has neither threads nor wake-ups.
 *
 * Work is queued in lanes, one for each plugin. A lane lets at most `limit`
 * pieces of work run at once; the next one starts after a former one has
 * returned, and sees all that it did. Any thread may submit.
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
	uint32_t running; /* or about to: in `ready` */
	struct host_queue waiting;
};

struct host_workers {
	pthread_mutex_t lock; /* guards all below and every lane */
	pthread_cond_t wake;  /* `ready` has grown, or `stopping` */
	pthread_cond_t gone;  /* a thread has ended */
	struct host_queue ready;
	struct host_worker *ended; /* threads to be joined */
	size_t threads;
	size_t idle;
	int64_t idle_ms;
	bool stopping;
};

/* `idle_ms` is how long a thread without work stays. */
void host_workers_init(struct host_workers *workers, int64_t idle_ms);

/* E_FULL when no thread runs and none can be started. */
int host_workers_submit(struct host_workers *workers, struct host_lane *lane,
			struct host_work *work, struct err *reterr);

/* Is there work of this lane, waiting or not returned? */
bool host_workers_busy(struct host_workers *workers, struct host_lane *lane);

/* Threads that exist now. */
size_t host_workers_count(struct host_workers *workers);

/* Waits for the work that is there and joins all threads. */
void host_workers_fini(struct host_workers *workers);

#endif
