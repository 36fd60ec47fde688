/*
 * When which task is looked at again: a binary heap over task::due_us, one
 * entry a task, O(log n) to set, move and drop.
 */
#ifndef ENGINE_TIMERS_H
#define ENGINE_TIMERS_H

#include <stddef.h>
#include <stdint.h>

struct task;

struct timers {
	struct task **heap;
	size_t len;
	size_t cap;
};

void timers_fini(struct timers *timers);

/* Set, move or (due_us 0) drop a task's timer. */
void timers_set(struct timers *timers, struct task *task, int64_t due_us);

/* The task that is due first; NULL when there is none. */
struct task *timers_first(const struct timers *timers);

#endif
