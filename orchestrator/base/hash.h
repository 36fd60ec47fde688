/*
 * The hash function of all in-memory tables: seeded once per process, so that
 * whoever chooses the keys cannot choose the collisions. Their memory is that
 * of base/alloc.h. Include this before <uthash.h>. Any thread.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/alloc.h"

/* SipHash-1-3 (Aumasson, Bernstein 2012) under the process's random key. */
uint64_t hash_bytes(const void *bytes, size_t len);

#define HASH_FUNCTION(key, len, hashv) \
	((hashv) = (unsigned)hash_bytes((key), (len)))

/* uthash would end the process without a word. */
#define uthash_malloc(size)       alloc_bytes(size)
#define uthash_free(memory, size) free(memory)

#endif
