#include "filter/postings.h"

#include <stdlib.h>

#include "base/alloc.h"

void postings_fini(struct postings *list)
{
	if (list->cap) {
		free(list->as.many);
	}
	*list = (struct postings){ 0 };
}

size_t postings_size(const struct postings *list)
{
	return list->cap * sizeof(*list->as.many);
}

static void resize(struct postings *list, uint32_t cap)
{
	list->as.many =
	    alloc_resize(list->as.many, cap, sizeof(*list->as.many));
	list->cap = cap;
}

uint32_t postings_add(struct postings *list, struct posting posting)
{
	if (list->len == 0) {
		list->as.one = posting;
	} else if (!list->cap) {
		struct posting first = list->as.one;

		list->as.many = NULL;
		resize(list, 2);
		list->as.many[0] = first;
		list->as.many[1] = posting;
	} else {
		if (list->len == list->cap) {
			resize(list, list->cap + list->cap / 2 + 1);
		}
		list->as.many[list->len] = posting;
	}
	return list->len++;
}

static void shrink(struct postings *list)
{
	if (list->len == 1) {
		struct posting last = list->as.many[0];

		free(list->as.many);
		list->cap = 0;
		list->as.one = last;
	} else if (list->len < list->cap / 4) {
		resize(list, list->cap / 2);
	}
}

bool postings_remove(struct postings *list, uint32_t position)
{
	list->len--;
	bool moved = position < list->len;

	if (!list->cap) {
		return false;
	}
	list->as.many[position] = list->as.many[list->len];
	shrink(list);
	return moved;
}

static size_t cap_of(const struct lists *lists)
{
	return lists->slots ? lists->mask + 1 : 0;
}

void lists_fini(struct lists *lists)
{
	for (size_t i = 0; i < cap_of(lists); i++) {
		postings_fini(&lists->slots[i].postings);
	}
	free(lists->slots);
	*lists = (struct lists){ 0 };
}

/* The slot of that hash, or the free one where it would be. */
static struct listed *slot_of(const struct lists *lists, uint64_t hash)
{
	size_t at = (size_t)hash & lists->mask;

	while (lists->slots[at].postings.len && lists->slots[at].hash != hash) {
		at = (at + 1) & lists->mask;
	}
	return &lists->slots[at];
}

#define SLOTS_MIN 16

static void grow(struct lists *lists)
{
	struct listed *old = lists->slots;
	size_t old_cap = cap_of(lists);
	size_t cap = old_cap ? old_cap * 2 : SLOTS_MIN;

	lists->slots = alloc_zeroed(cap, sizeof(*lists->slots));
	lists->mask = cap - 1;
	for (size_t i = 0; i < old_cap; i++) {
		if (old[i].postings.len) {
			*slot_of(lists, old[i].hash) = old[i];
		}
	}
	free(old);
}

uint32_t lists_add(struct lists *lists, uint64_t hash, struct posting posting)
{
	size_t cap = cap_of(lists);

	/* At most three in four are taken. */
	if (lists->len + 1 > cap - cap / 4) {
		grow(lists);
	}
	struct listed *slot = slot_of(lists, hash);
	struct postings *list = &slot->postings;

	lists->len += list->len == 0;
	slot->hash = hash;
	lists->heap -= postings_size(list);
	uint32_t position = postings_add(list, posting);

	lists->heap += postings_size(list);
	return position;
}

/* Who stands behind the gap moves up, unless its home lies behind it. */
static void close_gap(struct lists *lists, size_t gap)
{
	size_t at = gap;

	for (;;) {
		at = (at + 1) & lists->mask;
		const struct listed *slot = &lists->slots[at];

		if (!slot->postings.len) {
			break;
		}
		size_t home = (size_t)slot->hash & lists->mask;

		if (((at - home) & lists->mask) >= ((at - gap) & lists->mask)) {
			lists->slots[gap] = *slot;
			gap = at;
		}
	}
	lists->slots[gap] = (struct listed){ 0 };
}

bool lists_remove(struct lists *lists, uint64_t hash, uint32_t position,
		  struct posting *ret_moved)
{
	struct listed *slot = slot_of(lists, hash);
	struct postings *list = &slot->postings;

	lists->heap -= postings_size(list);
	bool moved = postings_remove(list, position);

	lists->heap += postings_size(list);
	if (moved) {
		*ret_moved = postings_first(list)[position];
	}
	if (list->len == 0) {
		lists->len--;
		close_gap(lists, (size_t)(slot - lists->slots));
	}
	return moved;
}

size_t lists_size(const struct lists *lists)
{
	return lists->heap + cap_of(lists) * sizeof(*lists->slots);
}
