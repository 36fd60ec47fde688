/*
 * Numbers by 64-bit hash: open addressing with linear probing, entries moved
 * back on removal, so that there are no tombstones. Several numbers may have
 * one hash; who cares compares what they stand for. Private to this room.
 */
#ifndef FILTER_SLOTS_H
#define FILTER_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slot {
	uint64_t hash;
	uint32_t number; /* 0: the slot is free */
};

struct slots {
	struct slot *list;
	size_t mask;
	size_t len;
};

void slots_fini(struct slots *slots);

/*
 * The next number of that hash, 0 when there is no more. `at` starts as the
 * hash itself and keeps the place.
 */
static inline uint32_t slots_next(const struct slots *slots, uint64_t hash,
				  size_t *at)
{
	while (slots->len) {
		const struct slot *slot = &slots->list[*at & slots->mask];

		(*at)++;
		if (!slot->number || slot->hash == hash) {
			return slot->number;
		}
	}
	return 0;
}

/* The first one; 0 when there is none. */
static inline uint32_t slots_find(const struct slots *slots, uint64_t hash)
{
	size_t at = (size_t)hash;

	return slots_next(slots, hash, &at);
}

/* `number` is not 0. */
void slots_add(struct slots *slots, uint64_t hash, uint32_t number);

/* The number is there, under that hash. */
void slots_remove(struct slots *slots, uint64_t hash, uint32_t number);

#endif
