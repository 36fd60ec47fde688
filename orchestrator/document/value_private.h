/*
 * The inside of arrays and maps: value.c and value_map.c only. Both are NULL
 * while they are empty.
 */
#ifndef DOCUMENT_VALUE_PRIVATE_H
#define DOCUMENT_VALUE_PRIVATE_H

#include "document/key_index.h"
#include "document/value.h"

struct value_array {
	struct value *items;
	size_t len;
	size_t cap;
};

struct value_map {
	struct value_entry *entries;
	size_t len;
	size_t cap;
	struct key_index index; /* only from KEY_INDEX_FROM entries on */
};

/* A copy with a NUL behind it, or NULL without memory. */
char *value_dup(struct slice text, key_resize resize);

/* Room for one more of `size` bytes in *array; false without memory. */
bool value_grow(void **array, size_t len, size_t *cap, size_t size,
		key_resize resize);

void value_map_destroy(struct value_map *map);
struct value value_map_copy(const struct value *map);

#endif
