#include "engine/timers.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "engine/run.h"

static void place(struct timers *timers, size_t at, struct task *task)
{
	timers->heap[at] = task;
	task->due_slot = (uint32_t)at + 1;
}

static void sift_up(struct timers *timers, size_t at, struct task *task)
{
	while (at > 0) {
		size_t parent = (at - 1) / 2;

		if (timers->heap[parent]->due_us <= task->due_us) {
			break;
		}
		place(timers, at, timers->heap[parent]);
		at = parent;
	}
	place(timers, at, task);
}

static void sift_down(struct timers *timers, size_t at, struct task *task)
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
		if (timers->heap[child]->due_us >= task->due_us) {
			break;
		}
		place(timers, at, timers->heap[child]);
		at = child;
	}
	place(timers, at, task);
}

static void settle(struct timers *timers, size_t at, struct task *task)
{
	if (at > 0 && timers->heap[(at - 1) / 2]->due_us > task->due_us) {
		sift_up(timers, at, task);
	} else {
		sift_down(timers, at, task);
	}
}

static void drop(struct timers *timers, struct task *task)
{
	size_t at = task->due_slot - 1;
	struct task *last = timers->heap[--timers->len];

	task->due_slot = 0;
	if (last != task) {
		settle(timers, at, last);
	}
}

void timers_set(struct timers *timers, struct task *task, int64_t due_us)
{
	task->due_us = due_us;
	if (due_us == 0) {
		if (task->due_slot) {
			drop(timers, task);
		}
	} else if (task->due_slot) {
		settle(timers, task->due_slot - 1, task);
	} else {
		alloc_grow(timers->heap, timers->len, timers->cap);
		sift_up(timers, timers->len++, task);
	}
}

struct task *timers_first(const struct timers *timers)
{
	return timers->len ? timers->heap[0] : NULL;
}

void timers_fini(struct timers *timers)
{
	free(timers->heap);
	*timers = (struct timers){ 0 };
}
