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

void lists_fini(struct lists *lists)
{
	for (uint32_t i = 1; i < lists->len; i++) {
		postings_fini(&lists->list[i]);
	}
	free(lists->list);
	slots_fini(&lists->slots);
	*lists = (struct lists){ 0 };
}

static uint32_t new_list(struct lists *lists)
{
	uint32_t number = lists->free;

	if (number) {
		lists->free = lists->list[number].as.one.entry;
		lists->list[number] = (struct postings){ 0 };
		return number;
	}
	if (lists->len + 1 >= lists->cap) {
		lists->cap = lists->cap ? lists->cap + lists->cap / 2 : 16;
		lists->list =
		    alloc_resize(lists->list, lists->cap, sizeof(*lists->list));
	}
	if (lists->len == 0) {
		lists->list[lists->len++] = (struct postings){ 0 };
	}
	lists->list[lists->len] = (struct postings){ 0 };
	return lists->len++;
}

uint32_t lists_add(struct lists *lists, uint64_t hash, struct posting posting)
{
	uint32_t number = slots_find(&lists->slots, hash);

	if (!number) {
		number = new_list(lists);
		slots_add(&lists->slots, hash, number);
	}
	struct postings *list = &lists->list[number];

	lists->heap -= postings_size(list);
	uint32_t position = postings_add(list, posting);

	lists->heap += postings_size(list);
	return position;
}

bool lists_remove(struct lists *lists, uint64_t hash, uint32_t position,
		  struct posting *ret_moved)
{
	uint32_t number = slots_find(&lists->slots, hash);
	struct postings *list = &lists->list[number];

	lists->heap -= postings_size(list);
	bool moved = postings_remove(list, position);

	lists->heap += postings_size(list);
	if (moved) {
		*ret_moved = postings_first(list)[position];
	}
	if (list->len == 0) {
		slots_remove(&lists->slots, hash, number);
		list->as.one.entry = lists->free;
		lists->free = number;
	}
	return moved;
}

size_t lists_size(const struct lists *lists)
{
	size_t slots = lists->slots.list ? lists->slots.mask + 1 : 0;

	return lists->heap + lists->cap * sizeof(*lists->list) +
	       slots * sizeof(*lists->slots.list);
}
