/*
 * An index beside the list of what is in it, so that every answer can be
 * computed a second time, one filter after the other.
 */
#ifndef SUPPORT_WORLD_H
#define SUPPORT_WORLD_H

#include "filter/filter.h"
#include "words.h"

#define WORLD_SLOTS 120

/* A place for a filter; `index_id` is what the index knows it by. */
struct slot {
	struct value document;
	struct filter *filter; /* NULL matches everything */
	bool used;
	uint64_t born;
	uint64_t retired; /* UINT64_MAX: not yet */
};

struct world {
	uint64_t seed;
	struct chance chance;
	struct words words;
	struct filter_index *index;
	struct slot slots[WORLD_SLOTS];
	uint32_t stride; /* between ids */
	uint64_t generation;
	uint64_t step;
	/* counted over all: */
	size_t pairs;
	size_t matches;
};

void world_init(struct world *world, uint64_t seed);
void world_fini(struct world *world);

/* Adds, retires or removes one, or begins a new generation. */
void world_change(struct world *world);

/* As world_change(), but removes nothing and adds for later generations. */
void world_change_later(struct world *world);

/*
 * Matches the message in this generation and in an older one, as value and
 * packed, and compares with the list. Fails the test with what it takes to
 * see the same again.
 */
void world_check(struct world *world, const struct value *message);

#endif
