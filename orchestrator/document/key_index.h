/*
 * A hash index over keys that its user keeps in an array: it finds the places
 * at which a key may stand. The hash is seeded at random once per process, so
 * that nobody outside can choose keys that collide. A zeroed struct is an
 * empty index. Inside this room only.
 */
#ifndef DOCUMENT_KEY_INDEX_H
#define DOCUMENT_KEY_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* Below this number of keys looking at each is faster than hashing. */
#define KEY_INDEX_FROM 9

/* How memory is got: alloc_try_resize() or key_resize_or_end(). */
typedef void *(*key_resize)(void *old, size_t size);

void *key_resize_or_end(void *old, size_t size); /* never NULL */

struct key_slot {
	uint32_t hash;
	uint32_t place; /* plus 1; 0 is a free slot */
};

struct key_index {
	struct key_slot *slots;
	size_t size; /* a power of two, or 0 */
	size_t len;
};

/* SipHash-1-3 with the seed of this process. */
uint32_t key_hash(struct slice key);

/* Adds a place; false when `resize` has no memory. */
bool key_index_add(struct key_index *index, uint32_t hash, size_t place,
		   key_resize resize);

/* Walks the places that have this hash; compare the keys there. */
struct key_probe {
	uint32_t hash;
	size_t slot;
};

struct key_probe key_index_probe(const struct key_index *index, uint32_t hash);
bool key_index_next(const struct key_index *index, struct key_probe *probe,
		    size_t *ret_place);

void key_index_clear(struct key_index *index); /* keeps the memory */
void key_index_fini(struct key_index *index);

#endif
