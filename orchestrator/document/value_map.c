#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/err.h"
#include "document/owned.h"
#include "document/value_private.h"

static void entry_fini(struct value_entry *entry)
{
	owned_free(entry->key);
	value_clear(&entry->value);
}

void value_map_destroy(struct value_map *map)
{
	if (map) {
		for (size_t i = 0; i < map->len; i++) {
			entry_fini(&map->entries[i]);
		}
		free(map->entries);
		key_index_fini(&map->index);
		free(map);
	}
}

struct value value_map_copy(const struct value *map)
{
	struct value copy = value_map();

	for (size_t i = 0; i < value_len(map); i++) {
		const struct value_entry *entry = value_entry_at(map, i);

		value_set_slice(&copy, entry->key, value_copy(&entry->value));
	}
	return copy;
}

static struct value_entry *scan(const struct value_map *map, struct slice key)
{
	for (size_t i = 0; i < map->len; i++) {
		if (slice_equal(map->entries[i].key, key)) {
			return &map->entries[i];
		}
	}
	return NULL;
}

static struct value_entry *find(const struct value *value, struct slice key)
{
	const struct value_map *map =
	    value->type == VALUE_MAP ? value->as.map : NULL;

	if (!map) {
		return NULL;
	}
	if (map->len < KEY_INDEX_FROM) {
		return scan(map, key);
	}
	struct key_probe probe = key_index_probe(&map->index, key_hash(key));
	size_t place;

	while (key_index_next(&map->index, &probe, &place)) {
		if (slice_equal(map->entries[place].key, key)) {
			return &map->entries[place];
		}
	}
	return NULL;
}

static bool index_from(struct value_map *map, size_t first, key_resize resize)
{
	for (size_t i = first; i < map->len; i++) {
		if (!key_index_add(&map->index, key_hash(map->entries[i].key),
				   i, resize)) {
			return false;
		}
	}
	return true;
}

/* Index the last entry, and all before it once they are worth it. */
static bool index_last(struct value_map *map, key_resize resize)
{
	if (map->len < KEY_INDEX_FROM) {
		return true;
	}
	if (map->len > KEY_INDEX_FROM) {
		return index_from(map, map->len - 1, resize);
	}
	key_index_clear(&map->index);
	return index_from(map, 0, resize);
}

static int append(struct value_map *map, struct slice key, struct value item,
		  key_resize resize)
{
	void *entries = map->entries;

	if (!value_grow(&entries, map->len, &map->cap, sizeof(*map->entries),
			resize)) {
		return E_NO_MEMORY;
	}
	map->entries = entries;
	char *copy = value_dup(key, resize);

	if (!copy) {
		return E_NO_MEMORY;
	}
	map->entries[map->len++] = (struct value_entry){
		.key = { copy, key.len },
		.value = item,
	};
	if (!index_last(map, resize)) {
		map->len--;
		free(copy);
		return E_NO_MEMORY;
	}
	return 0;
}

static int map_set(struct value *value, struct slice key, struct value item,
		   key_resize resize)
{
	assert(value->type == VALUE_MAP);
	struct value_entry *entry = find(value, key);

	if (entry) {
		value_clear(&entry->value);
		entry->value = item;
		return 0;
	}
	if (!value->as.map) {
		struct value_map *map = resize(NULL, sizeof(*map));

		if (!map) {
			return E_NO_MEMORY;
		}
		*map = (struct value_map){ 0 };
		value->as.map = map;
	}
	return append(value->as.map, key, item, resize);
}

void value_set_slice(struct value *map, struct slice key, struct value item)
{
	(void)map_set(map, key, item, key_resize_or_end);
}

void value_set(struct value *map, const char *key, struct value item)
{
	value_set_slice(map, slice_of(key), item);
}

int value_set_try(struct value *map, struct slice key, struct value item)
{
	int rc = map_set(map, key, item, alloc_try_resize);

	if (rc < 0) {
		value_clear(&item);
	}
	return rc;
}

const struct value *value_get_slice(const struct value *map, struct slice key)
{
	const struct value_entry *entry = find(map, key);

	return entry ? &entry->value : NULL;
}

const struct value *value_get(const struct value *map, const char *key)
{
	return value_get_slice(map, slice_of(key));
}

struct value *value_get_mutable(struct value *map, struct slice key)
{
	struct value_entry *entry = find(map, key);

	return entry ? &entry->value : NULL;
}

const struct value_entry *value_entry_at(const struct value *map, size_t index)
{
	if (map->type != VALUE_MAP || index >= value_len(map)) {
		return NULL;
	}
	return &map->as.map->entries[index];
}

size_t value_remove_if(struct value *value,
		       bool (*drop)(const struct value_entry *entry, void *arg),
		       void *arg)
{
	struct value_map *map = value->type == VALUE_MAP ? value->as.map : NULL;
	size_t kept = 0;

	for (size_t i = 0; map && i < map->len; i++) {
		if (drop(&map->entries[i], arg)) {
			entry_fini(&map->entries[i]);
		} else {
			map->entries[kept++] = map->entries[i];
		}
	}
	if (!map || kept == map->len) {
		return 0;
	}
	size_t dropped = map->len - kept;

	map->len = kept;
	key_index_clear(&map->index);
	if (kept >= KEY_INDEX_FROM) {
		(void)index_from(map, 0, key_resize_or_end);
	}
	return dropped;
}

static bool is_entry(const struct value_entry *entry, void *arg)
{
	return entry == arg;
}

bool value_remove(struct value *map, struct slice key)
{
	struct value_entry *entry = find(map, key);

	return entry && value_remove_if(map, is_entry, entry) == 1;
}

struct slice value_get_text(const struct value *map, const char *key)
{
	const struct value *value = value_get(map, key);

	if (!value || value->type != VALUE_STRING) {
		return (struct slice){ 0 };
	}
	return value->as.text;
}

int64_t value_get_int(const struct value *map, const char *key, int64_t other)
{
	const struct value *value = value_get(map, key);

	return value && value->type == VALUE_INT ? value->as.integer : other;
}

bool value_get_bool(const struct value *map, const char *key, bool other)
{
	const struct value *value = value_get(map, key);

	return value && value->type == VALUE_BOOL ? value->as.boolean : other;
}
