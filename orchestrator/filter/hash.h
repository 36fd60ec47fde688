/*
 * Hashes of what filters name and messages hold: XXH3, seeded, so that nobody
 * who writes filters or messages can aim at collisions without knowing the
 * seed. Equal hashes are never taken for equal values. Private to this room.
 */
#ifndef FILTER_HASH_H
#define FILTER_HASH_H

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "document/value.h"

/* What is hashed is told apart by its kind and by the key it belongs to. */
enum hash_kind {
	HASH_PATH,
	HASH_EQUAL,
	HASH_FOLDED,
	HASH_PREFIX,
	HASH_SUFFIX,
	HASH_FOLDED_PREFIX,
	HASH_FOLDED_SUFFIX,
	HASH_GRAM,
	HASH_NETWORK,
	HASH_CLAUSE,
	HASH_KINDS,
};

static inline uint64_t hash_text(uint64_t seed, enum hash_kind kind,
				 uint32_t key, struct slice text)
{
	uint64_t which = (uint64_t)key * HASH_KINDS + kind;

	return XXH3_64bits_withSeed(
	    text.ptr, text.len, seed ^ which * UINT64_C(0x9e3779b97f4a7c15));
}

/* A scalar: numbers that are equal have equal hashes, whatever their type. */
uint64_t hash_leaf(uint64_t seed, uint32_t key, const struct value *leaf);

#endif
