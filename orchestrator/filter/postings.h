/*
 * Lists of the conjunctions that are worth a look when something is seen in a
 * message. Private to this room.
 */
#ifndef FILTER_POSTINGS_H
#define FILTER_POSTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A conjunction, with a quick test of one more of its clauses: the message has
 * leaves at key `guard_key`, and the hash of one of them is among those whose
 * bits are set in `guard` (bit hash mod 64). Most candidates end here, without
 * a look at the filter itself. No guard: key 0, which every message has, and
 * all bits.
 */
struct posting {
	uint64_t guard;
	uint32_t entry;
	uint16_t guard_key;
	uint16_t ordinal; /* which of the entry's terms */
};

/* One posting stands in the list itself, more on the heap. */
struct postings {
	uint32_t len;
	uint32_t cap; /* of `many`; 0: there is at most one */
	union {
		struct posting one;
		struct posting *many;
	} as;
};

static inline const struct posting *postings_first(const struct postings *list)
{
	return list->cap ? list->as.many : &list->as.one;
}

void postings_fini(struct postings *list);

/* Returns its position. */
uint32_t postings_add(struct postings *list, struct posting posting);

/*
 * The last posting takes the free position. True when there was one to move:
 * whoever keeps its position must be told; it stands at `position` now.
 */
bool postings_remove(struct postings *list, uint32_t position);

size_t postings_size(const struct postings *list); /* on the heap */

/*
 * Lists of postings by the hash of what must be seen: open addressing as in
 * slots.h, with the lists in the slots themselves, so that a value with one
 * posting is found in one place.
 */
struct listed {
	uint64_t hash;
	struct postings postings; /* empty: the slot is free */
};

struct lists {
	struct listed *slots;
	size_t mask;
	size_t len;
	size_t heap; /* bytes of all `many` */
};

void lists_fini(struct lists *lists);

/* NULL when there is none. */
static inline const struct postings *lists_find(const struct lists *lists,
						uint64_t hash)
{
	size_t at = (size_t)hash;

	while (lists->len) {
		const struct listed *slot = &lists->slots[at & lists->mask];

		if (!slot->postings.len) {
			break;
		}
		if (slot->hash == hash) {
			return &slot->postings;
		}
		at++;
	}
	return NULL;
}

static inline void lists_prefetch(const struct lists *lists, uint64_t hash)
{
	if (lists->len) {
		__builtin_prefetch(&lists->slots[(size_t)hash & lists->mask]);
	}
}

uint32_t lists_add(struct lists *lists, uint64_t hash, struct posting posting);

/* As postings_remove(); the posting that moved goes to *ret_moved. */
bool lists_remove(struct lists *lists, uint64_t hash, uint32_t position,
		  struct posting *ret_moved);

size_t lists_size(const struct lists *lists);

#endif
