#include "filter/keys.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "filter/hash.h"

const uint16_t affix_lengths[AFFIX_LENGTHS] = {
	0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,  11,  12,        13,
	14, 15, 16, 20, 24, 32, 40, 48, 64, 96, 128, 192, AFFIX_MAX,
};

unsigned affix_class(size_t len)
{
	unsigned class = len < 16 ? (unsigned)len : 16;

	while (class + 1 < AFFIX_LENGTHS && affix_lengths[class + 1] <= len) {
		class ++;
	}
	return class;
}

static void key_fini(struct keys *keys, struct key *key)
{
	keys->heap -= (key->affixes ? sizeof(*key->affixes) : 0) +
		      (key->networks ? sizeof(*key->networks) : 0) +
		      (key->grams ? sizeof(*key->grams) : 0) + key->path_len +
		      1;
	free(key->path);
	free(key->affixes);
	free(key->networks);
	free(key->grams);
	free(key->groups);
	ranges_fini(&key->ranges);
}

void keys_fini(struct keys *keys)
{
	for (uint32_t i = 1; i < keys->len; i++) {
		if (keys->list[i].path) {
			key_fini(keys, &keys->list[i]);
		}
	}
	free(keys->list);
	slots_fini(&keys->slots);
}

/* memcmp() as a call costs more than the comparison of a short key. */
static inline bool same_bytes(const char *a, const char *b, size_t len)
{
	uint64_t x;
	uint64_t y;

	if (len < sizeof(x)) {
		while (len && a[len - 1] == b[len - 1]) {
			len--;
		}
		return len == 0;
	}
	for (size_t i = 0; i + sizeof(x) < len; i += sizeof(x)) {
		memcpy(&x, a + i, sizeof(x));
		memcpy(&y, b + i, sizeof(y));
		if (x != y) {
			return false;
		}
	}
	memcpy(&x, a + len - sizeof(x), sizeof(x));
	memcpy(&y, b + len - sizeof(y), sizeof(y));
	return x == y;
}

uint32_t keys_find(const struct keys *keys, struct slice path, uint64_t hash)
{
	size_t at = (size_t)hash;
	uint32_t number;

	while ((number = slots_next(&keys->slots, hash, &at))) {
		const struct key *key = &keys->list[number];

		if (key->path_len == path.len &&
		    same_bytes(key->path, path.ptr, path.len)) {
			break;
		}
	}
	return number;
}

static uint32_t new_key(struct keys *keys)
{
	uint32_t number = keys->free;

	if (number) {
		keys->free = keys->list[number].uses;
		return number;
	}
	if (keys->len + 1 >= keys->cap) {
		keys->cap = keys->cap ? keys->cap * 2 : 16;
		keys->list =
		    alloc_resize(keys->list, keys->cap, sizeof(*keys->list));
	}
	if (keys->len == 0) {
		memset(&keys->list[keys->len++], 0, sizeof(*keys->list));
	}
	return keys->len++;
}

static void count_trait(struct keys *keys, struct slice path, int by)
{
	uint8_t *count = &keys->traits[key_trait(path)];

	if (*count < UINT8_MAX) {
		*count = (uint8_t)(*count + by);
	}
}

uint32_t keys_use(struct keys *keys, struct slice path)
{
	uint64_t hash = hash_text(keys->seed, HASH_PATH, 0, path);
	uint32_t number = keys_find(keys, path, hash);

	if (!number) {
		number = new_key(keys);
		keys->list[number] = (struct key){
			.path = slice_dup(path),
			.path_len = path.len,
			.hash = hash,
			.ranges = { .seed = (uint32_t)(hash >> 16) },
		};
		keys->heap += path.len + 1;
		slots_add(&keys->slots, hash, number);
		count_trait(keys, path, 1);
	}
	keys->list[number].uses++;
	return number;
}

void keys_release(struct keys *keys, uint32_t number)
{
	struct key *key = &keys->list[number];

	if (--key->uses == 0) {
		slots_remove(&keys->slots, key->hash, number);
		count_trait(keys, (struct slice){ key->path, key->path_len },
			    -1);
		key_fini(keys, key);
		*key = (struct key){ .uses = keys->free };
		keys->free = number;
	}
}

void sketch_add(struct sketch *sketch, uint64_t hash)
{
	unsigned place = hash % SKETCH_SIZE;
	unsigned rank =
	    1 + (unsigned)__builtin_ctzll(hash / SKETCH_SIZE | 1ULL << 57);
	double sum = 0;
	unsigned empty = 0;

	if (sketch->registers[place] >= rank) {
		return;
	}
	sketch->registers[place] = (uint8_t)rank;
	for (size_t i = 0; i < SKETCH_SIZE; i++) {
		sum += ldexp(1, -sketch->registers[i]);
		empty += sketch->registers[i] == 0;
	}
	sketch->estimate = 0.709 * SKETCH_SIZE * SKETCH_SIZE / sum;
	if (empty && sketch->estimate < 2.5 * SKETCH_SIZE) {
		sketch->estimate =
		    SKETCH_SIZE * log((double)SKETCH_SIZE / empty);
	}
}

void key_count_affix(struct keys *keys, uint32_t number, enum affix affix,
		     unsigned length, int by)
{
	struct key *key = &keys->list[number];

	if (!key->affixes) {
		key->affixes = alloc_zeroed(1, sizeof(*key->affixes));
		keys->heap += sizeof(*key->affixes);
	}
	uint32_t *count = &key->affixes->count[affix][length];

	*count += (uint32_t)by;
	if (*count) {
		key->affixes->used[affix] |= 1u << length;
	} else {
		key->affixes->used[affix] &= ~(1u << length);
	}
}

void key_count_network(struct keys *keys, uint32_t number, bool v6,
		       unsigned bits, int by)
{
	struct key *key = &keys->list[number];

	if (!key->networks) {
		key->networks = alloc_zeroed(1, sizeof(*key->networks));
		keys->heap += sizeof(*key->networks);
	}
	key->networks->count[v6][bits] += (uint32_t)by;
	key->networks->total[v6] += (uint32_t)by;
}

/* Bits are not taken back one by one: others may share them. */
void key_count_gram(struct keys *keys, uint32_t number, uint64_t hash, int by)
{
	struct key *key = &keys->list[number];

	if (!key->grams) {
		key->grams = alloc_zeroed(1, sizeof(*key->grams));
		keys->heap += sizeof(*key->grams);
	}
	key->grams->count += (uint32_t)by;
	if (by > 0) {
		key->grams->bits[hash % GRAM_BITS / 64] |= 1ULL << hash % 64;
	} else if (key->grams->count == 0) {
		memset(key->grams->bits, 0, sizeof(key->grams->bits));
	}
}

size_t keys_size(const struct keys *keys)
{
	size_t slots = keys->slots.list ? keys->slots.mask + 1 : 0;
	size_t size = keys->heap + keys->cap * sizeof(*keys->list) +
		      slots * sizeof(*keys->slots.list);

	for (uint32_t i = 1; i < keys->len; i++) {
		size += ranges_size(&keys->list[i].ranges) +
			keys->list[i].groups_cap * sizeof(uint32_t);
	}
	return size;
}
