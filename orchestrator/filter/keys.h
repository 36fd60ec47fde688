/*
 * The keys that filters of one index name, and what is known of each: which
 * tables are worth a probe, and how telling its values are. Private to this
 * room.
 */
#ifndef FILTER_KEYS_H
#define FILTER_KEYS_H

#include "base/slice.h"
#include "filter/ranges.h"
#include "filter/slots.h"

/*
 * Prefixes and suffixes are filed under lengths of a fixed set, each under the
 * greatest that it has, so that a text is probed a bounded number of times.
 */
#define AFFIX_LENGTHS 27
#define AFFIX_MAX     256
extern const uint16_t affix_lengths[AFFIX_LENGTHS];
unsigned affix_class(size_t len); /* index of the greatest one within len */

enum affix {
	AFFIX_PREFIX,
	AFFIX_SUFFIX,
	AFFIX_FOLDED_PREFIX,
	AFFIX_FOLDED_SUFFIX,
	AFFIX_KINDS,
};

struct affixes {
	uint32_t count[AFFIX_KINDS][AFFIX_LENGTHS];
	uint32_t used[AFFIX_KINDS]; /* bit per length that has some */
};

#define NETWORK_BITS 129

struct networks {
	uint32_t count[2][NETWORK_BITS]; /* by v6, then bits of the mask */
	uint32_t total[2];
};

/* Which three-byte pieces are in use, roughly: bits by hash. */
#define GRAM_BITS 65536

struct grams {
	uint32_t count;
	uint64_t bits[GRAM_BITS / 64];
};

/* Distinct operands, estimated: HyperLogLog with 64 registers. */
#define SKETCH_SIZE 64

struct sketch {
	uint8_t registers[SKETCH_SIZE];
	double estimate; /* of the registers as they are */
};

struct key {
	char *path;
	size_t path_len;
	uint64_t hash;
	uint32_t uses;  /* clauses of entries that name it */
	uint32_t equal; /* postings in the tables, by kind */
	uint32_t folded;
	struct affixes *affixes; /* NULL: none so far */
	struct networks *networks;
	struct grams *grams;
	struct ranges ranges;
	/* Clauses that no table can hold, each once. */
	uint32_t *groups;
	uint32_t groups_len;
	uint32_t groups_cap;
	struct sketch sketch;
};

/*
 * Most attributes are named by no filter. Nearly all of those are told by the
 * ends and the length of their path, before a hash of it is worked out.
 */
#define KEY_TRAIT_BITS 10

/* Key 0 is not used, so that 0 can mean none. */
struct keys {
	uint64_t seed;
	struct slots slots;
	struct key *list;
	uint32_t len;
	uint32_t cap;
	uint32_t free; /* a chain through `uses`; 0: none */
	size_t heap;   /* bytes that hang on the keys */
	/* How many keys have each; UINT8_MAX: or more, ever since. */
	uint8_t traits[1 << KEY_TRAIT_BITS];
};

void keys_fini(struct keys *keys);

/* Finds or makes it and counts one more use. */
uint32_t keys_use(struct keys *keys, struct slice path);
void keys_release(struct keys *keys, uint32_t key);

static inline uint32_t key_trait(struct slice path)
{
	uint32_t trait = (uint32_t)path.len << 16;

	if (path.len) {
		trait ^= (uint32_t)(uint8_t)path.ptr[path.len - 1] << 8 |
			 (uint8_t)path.ptr[0];
	}
	/* The topmost bits of a product depend on all below them. */
	return trait * 0x9e3779b1u >> (32 - KEY_TRAIT_BITS);
}

/* False only when no filter names it. */
static inline bool keys_may_have(const struct keys *keys, struct slice path)
{
	return keys->traits[key_trait(path)] > 0;
}

/* 0 when no filter names it. `hash` is hash_text() of the path. */
uint32_t keys_find(const struct keys *keys, struct slice path, uint64_t hash);

void sketch_add(struct sketch *sketch, uint64_t hash);

void key_count_affix(struct keys *keys, uint32_t key, enum affix affix,
		     unsigned length, int by);
void key_count_network(struct keys *keys, uint32_t key, bool v6, unsigned bits,
		       int by);
void key_count_gram(struct keys *keys, uint32_t key, uint64_t hash, int by);

size_t keys_size(const struct keys *keys);

#endif
