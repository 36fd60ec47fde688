#include "engine/timers.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "engine/run.h"

static void place(struct timers *timers, size_t at, struct timer *timer)
{
	timers->heap[at] = timer;
	timer->slot = (uint32_t)at + 1;
}

static void sift_up(struct timers *timers, size_t at, struct timer *timer)
{
	while (at > 0) {
		size_t parent = (at - 1) / 2;

		if (timers->heap[parent]->due_us <= timer->due_us) {
			break;
		}
		place(timers, at, timers->heap[parent]);
		at = parent;
	}
	place(timers, at, timer);
}

static void sift_down(struct timers *timers, size_t at, struct timer *timer)
{
	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= timers->len) {
			break;
		}
		if (child + 1 < timers->len &&
		    timers->heap[child + 1]->due_us <
			timers->heap[child]->due_us) {
			child++;
		}
		if (timers->heap[child]->due_us >= timer->due_us) {
			break;
		}
		place(timers, at, timers->heap[child]);
		at = child;
	}
	place(timers, at, timer);
}

static void settle(struct timers *timers, size_t at, struct timer *timer)
{
	if (at > 0 && timers->heap[(at - 1) / 2]->due_us > timer->due_us) {
		sift_up(timers, at, timer);
	} else {
		sift_down(timers, at, timer);
	}
}

static void drop(struct timers *timers, struct timer *timer)
{
	size_t at = timer->slot - 1;
	struct timer *last = timers->heap[--timers->len];

	timer->slot = 0;
	if (last != timer) {
		settle(timers, at, last);
	}
}

void timers_set(struct timers *timers, struct timer *timer, int64_t due_us)
{
	timer->due_us = due_us;
	if (due_us == 0) {
		if (timer->slot) {
			drop(timers, timer);
		}
	} else if (timer->slot) {
		settle(timers, timer->slot - 1, timer);
	} else {
		alloc_grow(timers->heap, timers->len, timers->cap);
		sift_up(timers, timers->len++, timer);
	}
}

struct timer *timers_first(const struct timers *timers)
{
	return timers->len ? timers->heap[0] : NULL;
}

struct task *timer_task(struct timer *timer)
{
	return (struct task *)(void *)((char *)timer -
				       offsetof(struct task, timer));
}

struct run *timer_run(struct timer *timer)
{
	size_t offset = timer->owner == TIMER_DEADLINE
			    ? offsetof(struct run, deadline)
			    : offsetof(struct run, timer);

	return (struct run *)(void *)((char *)timer - offset);
}

void timers_fini(struct timers *timers)
{
	free(timers->heap);
	*timers = (struct timers){ 0 };
}
