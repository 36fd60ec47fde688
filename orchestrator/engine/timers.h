/*
 * When what is looked at again: a binary heap of timers that lie in tasks and
 * runs, one each, O(log n) to set, move and drop.
 */
#ifndef ENGINE_TIMERS_H
#define ENGINE_TIMERS_H

#include <stddef.h>
#include <stdint.h>

struct timer {
	int64_t due_us; /* 0: never */
	uint32_t slot;  /* 1 + place in the heap; 0: not there */
	enum timer_owner {
		TIMER_TASK,     /* task::timer */
		TIMER_RUN,      /* run::timer */
		TIMER_DEADLINE, /* run::deadline */
	} owner;
};

struct timers {
	struct timer **heap;
	size_t len;
	size_t cap;
};

void timers_fini(struct timers *timers);

/* Set, move or (due_us 0) drop a timer. */
void timers_set(struct timers *timers, struct timer *timer, int64_t due_us);

/* The timer that is due first; NULL when there is none. */
struct timer *timers_first(const struct timers *timers);

/* Whose it is. */
struct task *timer_task(struct timer *timer);
struct run *timer_run(struct timer *timer);

#endif
