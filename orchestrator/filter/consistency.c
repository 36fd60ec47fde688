#include "filter/consistency.h"

#include <stdlib.h>

#include "base/alloc.h"

/*
 * Trails are numbered in the order of the message, so that those inside one
 * element, and those inside one list, stand together in a goal. A goal at some
 * element is reached when a leaf lies there outside of any further list; else
 * it must go on into a list. Goals that go into the same list must find one
 * element that serves them all; goals that go into different ones do not meet
 * again.
 *
 * Only a message that spells one path in two ways leaves a goal the choice
 * between several lists. All choices are tried, but the work on them is
 * bounded, because whoever writes the message could make it endless; beyond
 * the bound nothing agrees.
 */
#define WORK_MAX 100000

void consistency_fini(struct consistency *consistency)
{
	free(consistency->trails);
	free(consistency->goals);
}

void consistency_begin(struct consistency *consistency)
{
	consistency->trails_len = 0;
	consistency->len = 0;
	consistency->unsorted = false;
	consistency->tried = false;
	consistency->work = 0;
}

static void push(struct consistency *consistency, struct goal goal)
{
	alloc_grow(consistency->goals, consistency->len, consistency->cap);
	consistency->goals[consistency->len++] = goal;
}

void consistency_add_goal(struct consistency *consistency)
{
	size_t at = consistency->trails_len;

	push(consistency, (struct goal){ .first = at, .end = at });
}

void consistency_add_trail(struct consistency *consistency, uint32_t trail)
{
	struct goal *goal = &consistency->goals[consistency->len - 1];

	if (goal->end > goal->first) {
		uint32_t last = consistency->trails[goal->end - 1];

		if (last == trail) {
			return;
		}
		consistency->unsorted |= last > trail;
	}
	alloc_grow(consistency->trails, consistency->trails_len,
		   consistency->trails_cap);
	consistency->trails[consistency->trails_len++] = trail;
	goal->end = consistency->trails_len;
}

/* The first place in the goal whose trail is not below `trail`. */
static size_t place_of(const struct consistency *consistency,
		       const struct goal *goal, uint32_t trail)
{
	size_t low = goal->first;
	size_t high = goal->end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (consistency->trails[middle] < trail) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

/* The element at `depth` through which the trail goes. */
static uint32_t hop(const struct message *message, uint32_t trail,
		    uint32_t depth)
{
	while (message->trails[trail].depth > depth) {
		trail = message->trails[trail].parent;
	}
	return trail;
}

/* Counts one more try, once there was a choice. */
static bool exhausted(struct consistency *consistency)
{
	consistency->work += consistency->tried;
	return consistency->work > WORK_MAX;
}

static bool agree(struct consistency *consistency,
		  const struct message *message, size_t first, uint32_t at);

/* Those goals of the group that are inside the element, with their leaves
 * there; false when one has none. */
static bool push_inside(struct consistency *consistency,
			const struct message *message, size_t first, size_t end,
			uint32_t group, uint32_t element)
{
	for (size_t i = first; i < end; i++) {
		struct goal goal = consistency->goals[i];

		if (goal.group != group) {
			continue;
		}
		struct goal inside = {
			.first = place_of(consistency, &goal, element),
			.end = place_of(consistency, &goal,
					message->trails[element].end),
		};
		if (inside.first == inside.end) {
			return false;
		}
		push(consistency, inside);
	}
	return true;
}

/* One element of the list for all goals of the group, of which goals[lead] is
 * the first. */
static bool agree_group(struct consistency *consistency,
			const struct message *message, size_t first, size_t end,
			size_t lead, uint32_t depth)
{
	struct goal goal = consistency->goals[lead];
	size_t at = goal.first;

	while (at < goal.end) {
		uint32_t element = hop(message, consistency->trails[at], depth);
		size_t base = consistency->len;
		bool agreed = push_inside(consistency, message, first, end,
					  goal.group, element) &&
			      (consistency->len == base + 1 ||
			       agree(consistency, message, base, element));

		consistency->len = base;
		if (agreed || exhausted(consistency)) {
			return agreed;
		}
		at = place_of(consistency, &goal, message->trails[element].end);
	}
	return false;
}

static bool is_lead(const struct consistency *consistency, size_t first,
		    size_t i)
{
	for (size_t j = first; j < i; j++) {
		if (consistency->goals[j].group ==
		    consistency->goals[i].group) {
			return false;
		}
	}
	return true;
}

/* Each goal has its list now. */
static bool agree_groups(struct consistency *consistency,
			 const struct message *message, size_t first,
			 size_t end, uint32_t depth)
{
	for (size_t i = first; i < end; i++) {
		if (is_lead(consistency, first, i) &&
		    !agree_group(consistency, message, first, end, i, depth)) {
			return false;
		}
	}
	return true;
}

/* Those of the goal's trails from `at` on that go into the same list. */
static struct goal one_list(const struct consistency *consistency,
			    const struct message *message,
			    const struct goal *whole, size_t at, uint32_t depth)
{
	uint32_t element = hop(message, consistency->trails[at], depth);
	uint32_t list = message->trails[element].list;
	size_t next = at;

	do {
		next =
		    place_of(consistency, whole, message->trails[element].end);
		if (next < whole->end) {
			element =
			    hop(message, consistency->trails[next], depth);
		}
	} while (next < whole->end && message->trails[element].list == list);
	return (struct goal){ at, next, list };
}

/* Narrows goals[i] to one of the lists it could go into, one after another,
 * and goes on to the next goal. */
static bool choose(struct consistency *consistency,
		   const struct message *message, size_t first, size_t end,
		   size_t i, uint32_t depth)
{
	if (i == end) {
		return agree_groups(consistency, message, first, end, depth);
	}
	struct goal whole = consistency->goals[i];
	size_t at = whole.first;
	bool agreed = false;

	while (!agreed && at < whole.end && !exhausted(consistency)) {
		struct goal narrow =
		    one_list(consistency, message, &whole, at, depth);

		consistency->goals[i] = narrow;
		agreed = choose(consistency, message, first, end, i + 1, depth);
		at = narrow.end;
		consistency->tried |= at < whole.end;
	}
	consistency->goals[i] = whole;
	return agreed;
}

/* The goals from `first` on have leaves inside element `at`. */
static bool agree(struct consistency *consistency,
		  const struct message *message, size_t first, uint32_t at)
{
	size_t end = first;

	for (size_t i = first; i < consistency->len; i++) {
		struct goal goal = consistency->goals[i];

		if (consistency->trails[goal.first] != at) {
			consistency->goals[end++] = goal;
		}
	}
	consistency->len = end;
	if (end - first < 2) {
		return true;
	}
	return choose(consistency, message, first, end, first,
		      message->trails[at].depth + 1);
}

static int compare_trails(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* A leaf beside a list comes after those in it, and has a lower trail. */
static void sort(struct consistency *consistency)
{
	for (size_t i = 0; i < consistency->len; i++) {
		const struct goal *goal = &consistency->goals[i];

		qsort(consistency->trails + goal->first,
		      goal->end - goal->first, sizeof(*consistency->trails),
		      compare_trails);
	}
}

bool consistency_holds(struct consistency *consistency,
		       const struct message *message)
{
	if (consistency->unsorted) {
		sort(consistency);
	}
	return consistency->len < 2 || agree(consistency, message, 0, 0);
}
