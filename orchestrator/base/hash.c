#include "base/hash.h"

#include <pthread.h>
#include <string.h>
#include <sys/random.h>

static uint64_t seed[2];
static pthread_once_t seeded = PTHREAD_ONCE_INIT;

static void make_seed(void)
{
	if (getrandom(seed, sizeof(seed), 0) != (ssize_t)sizeof(seed)) {
		/* Addresses differ between processes; better than nothing. */
		seed[0] = (uint64_t)(uintptr_t)&seed;
	}
}

static uint64_t rotate(uint64_t x, unsigned by)
{
	return x << by | x >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

uint64_t hash_bytes(const void *bytes, size_t len)
{
	pthread_once(&seeded, make_seed);
	const unsigned char *at = bytes;
	uint64_t v[4] = { seed[0] ^ UINT64_C(0x736f6d6570736575),
			  seed[1] ^ UINT64_C(0x646f72616e646f6d),
			  seed[0] ^ UINT64_C(0x6c7967656e657261),
			  seed[1] ^ UINT64_C(0x7465646279746573) };
	uint64_t word = 0;

	for (size_t left = len; left >= 8; left -= 8, at += 8) {
		memcpy(&word, at, 8);
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
	}
	word = (uint64_t)len << 56;
	for (size_t i = 0; i < (len & 7); i++) {
		word |= (uint64_t)at[i] << (8 * i);
	}
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++) {
		sip_round(v);
	}
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
