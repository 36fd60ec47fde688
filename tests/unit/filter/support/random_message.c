#include "random_message.h"

#include <string.h>

#include "base/buf.h"

#define DEPTH 5

struct maker {
	const struct words *words;
	struct chance *chance;
};

static struct value random_node(const struct maker *maker, unsigned depth);

static struct value random_list(const struct maker *maker, unsigned depth)
{
	struct value list = value_array();

	for (uint32_t i = chance_below(maker->chance, 4); i; i--) {
		value_push(&list, random_node(maker, depth - 1));
	}
	return list;
}

static struct value random_scalars(const struct maker *maker)
{
	struct value list = value_array();

	for (uint32_t i = chance_below(maker->chance, 6); i; i--) {
		value_push(&list, words_scalar(maker->words, maker->chance));
	}
	return list;
}

static struct value random_map(const struct maker *maker, unsigned depth)
{
	struct value map = value_map();

	for (uint32_t i = chance_below(maker->chance, 4); i; i--) {
		value_set(&map, words_key(maker->chance),
			  random_node(maker, depth - 1));
	}
	return map;
}

/* Maps with the same keys, as in {"l": [{"x": .., "y": ..}, ..]}. */
static struct value random_rows(const struct maker *maker, unsigned depth)
{
	struct value list = value_array();
	const char *first = words_key(maker->chance);
	const char *second = words_key(maker->chance);

	for (uint32_t i = chance_below(maker->chance, 4); i; i--) {
		struct value row = value_map();

		value_set(&row, first, random_node(maker, depth - 1));
		value_set(&row, second, random_node(maker, depth - 1));
		value_push(&list, row);
	}
	return list;
}

static struct value random_bytes(const struct maker *maker)
{
	const struct value *text = words_text(maker->words, maker->chance);

	return value_bytes(text->as.text);
}

static struct value random_node(const struct maker *maker, unsigned depth)
{
	uint32_t kind = chance_below(maker->chance, 100);

	if (depth == 0 || kind < 45) {
		return words_scalar(maker->words, maker->chance);
	}
	if (kind < 55) {
		return random_scalars(maker);
	}
	if (kind < 60) {
		return random_list(maker, depth);
	}
	if (kind < 78) {
		return random_rows(maker, depth);
	}
	return kind < 97 ? random_map(maker, depth) : random_bytes(maker);
}

/* Puts `item` at the path, in one of its spellings: the keys between dots
 * stand alone or together, and a list of one may stand anywhere. */
static void put_at(const struct maker *maker, struct value *map,
		   const char *path, struct value item)
{
	const char *dot = strchr(path, '.');

	while (dot && chance_percent(maker->chance, 40)) {
		dot = strchr(dot + 1, '.');
	}
	if (chance_percent(maker->chance, 10)) {
		struct value list = value_array();

		value_push(&list, item);
		item = list;
	}
	if (!dot) {
		value_set(map, path, item);
		return;
	}
	struct slice key = { path, (size_t)(dot - path) };
	struct value *below = value_get_mutable(map, key);

	if (!below || below->type != VALUE_MAP) {
		value_set_slice(map, key, value_map());
		below = value_get_mutable(map, key);
	}
	put_at(maker, below, dot + 1, item);
}

/* Rows for "l.m.x", "l.m.y" and "l.m.a.b", each with some of them. */
static struct value known_rows(const struct maker *maker)
{
	static const char *const keys[] = { "x", "y", "a.b" };
	struct value list = value_array();

	for (uint32_t i = chance_below(maker->chance, 4); i; i--) {
		struct value row = value_map();

		for (size_t j = 0; j < 3; j++) {
			if (chance_percent(maker->chance, 60)) {
				value_set(&row, keys[j], random_node(maker, 0));
			}
		}
		value_push(&list, row);
	}
	return list;
}

/* One path in two spellings, so that either list may serve. */
static void put_twice(const struct maker *maker, struct value *map)
{
	struct value below = value_map();

	value_set(&below, "m", known_rows(maker));
	value_set(map, "l", below);
	value_set(map, "l.m", known_rows(maker));
}

struct value random_message(const struct words *words, struct chance *chance)
{
	const struct maker maker = { words, chance };
	struct value map = value_map();

	if (chance_percent(chance, 1)) {
		return value_null();
	}
	for (uint32_t i = chance_below(chance, 5); i; i--) {
		value_set(&map, words_key(chance), random_node(&maker, DEPTH));
	}
	for (uint32_t i = chance_below(chance, 8); i; i--) {
		put_at(&maker, &map,
		       words->paths[chance_below(chance, WORDS_PATHS)],
		       random_node(&maker, 2));
	}
	if (chance_percent(chance, 30)) {
		put_twice(&maker, &map);
	}
	return map;
}
