#include "document/key_index.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/alloc.h"

/* Twice the keys from which on an index pays, up to a power of two. */
#define FIRST_SIZE ((size_t)32)

struct sip {
	uint64_t v0, v1, v2, v3;
};

static uint64_t seed[2];

static void seed_make(void)
{
	if (getrandom(seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed)) {
		struct timespec now;

		/* Early in boot: weaker, but no reason not to start. */
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
		seed[0] ^= (uint64_t)now.tv_nsec;
		seed[1] ^= (uint64_t)(uintptr_t)&now;
	}
}

static uint64_t rotate(uint64_t word, unsigned by)
{
	return word << by | word >> (64 - by);
}

static void sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v0 = rotate(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v2 = rotate(s->v2, 32);
}

static void sip_word(struct sip *s, uint64_t word)
{
	s->v3 ^= word;
	sip_round(s);
	s->v0 ^= word;
}

uint32_t key_hash(struct slice key)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	(void)pthread_once(&once, seed_make);
	struct sip s = {
		.v0 = seed[0] ^ 0x736f6d6570736575u,
		.v1 = seed[1] ^ 0x646f72616e646f6du,
		.v2 = seed[0] ^ 0x6c7967656e657261u,
		.v3 = seed[1] ^ 0x7465646279746573u,
	};
	uint64_t word;
	size_t at = 0;

	for (; key.len - at >= sizeof(word); at += sizeof(word)) {
		memcpy(&word, key.ptr + at, sizeof(word));
		sip_word(&s, word);
	}
	word = (uint64_t)key.len << 56;
	for (unsigned i = 0; at < key.len; at++, i++) {
		word |= (uint64_t)(unsigned char)key.ptr[at] << (8 * i);
	}
	sip_word(&s, word);
	s.v2 ^= 0xff;
	sip_round(&s);
	sip_round(&s);
	sip_round(&s);
	return (uint32_t)(s.v0 ^ s.v1 ^ s.v2 ^ s.v3);
}

void *key_resize_or_end(void *old, size_t size)
{
	return alloc_resize(old, size, 1);
}

static void put(struct key_index *index, struct key_slot slot)
{
	size_t at = slot.hash & (index->size - 1);

	while (index->slots[at].place) {
		at = (at + 1) & (index->size - 1);
	}
	index->slots[at] = slot;
	index->len++;
}

static bool grow(struct key_index *index, key_resize resize)
{
	size_t size = index->size ? index->size * 2 : FIRST_SIZE;
	struct key_index bigger = { 0 };

	bigger.slots = resize(NULL, size * sizeof(*bigger.slots));
	if (!bigger.slots) {
		return false;
	}
	bigger.size = size;
	memset(bigger.slots, 0, size * sizeof(*bigger.slots));
	for (size_t i = 0; i < index->size; i++) {
		if (index->slots[i].place) {
			put(&bigger, index->slots[i]);
		}
	}
	free(index->slots);
	*index = bigger;
	return true;
}

bool key_index_add(struct key_index *index, uint32_t hash, size_t place,
		   key_resize resize)
{
	if (2 * (index->len + 1) > index->size && !grow(index, resize)) {
		return false;
	}
	put(index, (struct key_slot){ hash, (uint32_t)place + 1 });
	return true;
}

struct key_probe key_index_probe(const struct key_index *index, uint32_t hash)
{
	return (struct key_probe){ hash,
				   index->size ? hash & (index->size - 1) : 0 };
}

bool key_index_next(const struct key_index *index, struct key_probe *probe,
		    size_t *ret_place)
{
	while (index->size && index->slots[probe->slot].place) {
		struct key_slot slot = index->slots[probe->slot];

		probe->slot = (probe->slot + 1) & (index->size - 1);
		if (slot.hash == probe->hash) {
			*ret_place = slot.place - 1;
			return true;
		}
	}
	return false;
}

void key_index_clear(struct key_index *index)
{
	if (index->size) {
		memset(index->slots, 0, index->size * sizeof(*index->slots));
	}
	index->len = 0;
}

void key_index_fini(struct key_index *index)
{
	free(index->slots);
	*index = (struct key_index){ 0 };
}
