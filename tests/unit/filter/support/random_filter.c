#include "random_filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "document/json.h"

struct maker {
	const struct words *words;
	struct chance *chance;
};

static uint32_t below(const struct maker *maker, uint32_t sides)
{
	return chance_below(maker->chance, sides);
}

static struct value operation(const char *name, struct value operand)
{
	struct value map = value_map();

	value_set(&map, name, operand);
	return map;
}

/* A text of the message's, cut off before or behind some character. */
static struct value random_part(const struct maker *maker, bool front)
{
	struct slice text = words_text(maker->words, maker->chance)->as.text;
	size_t cut =
	    below(maker, 3) ? below(maker, (uint32_t)text.len + 1) : text.len;
	size_t at = utf8_floor(text, front ? cut : text.len - cut);

	return value_string(
	    front ? (struct slice){ text.ptr, at }
		  : (struct slice){ text.ptr + at, text.len - at });
}

static void put_escaped(struct buf *out, char letter)
{
	if (letter == '*' || letter == '\\') {
		buf_put_byte(out, '\\');
	}
	buf_put_byte(out, (uint8_t)letter);
}

static bool starts_character(char letter)
{
	return ((unsigned char)letter & 0xc0) != 0x80;
}

/* Stars between and instead of some characters, never two together. */
static struct value random_wildcard(const struct maker *maker)
{
	struct slice text = words_text(maker->words, maker->chance)->as.text;
	struct buf out = { 0 };
	uint32_t stars = below(maker, 5);
	bool starred = false;

	text.len = text.len < 300 ? text.len : 300;
	for (size_t i = 0; i < text.len;) {
		if (stars && !starred && below(maker, 3) == 0) {
			buf_put_byte(&out, '*');
			starred = true;
			stars--;
			for (uint32_t skip = below(maker, 4);
			     skip && i < text.len; skip--) {
				do {
					i++;
				} while (i < text.len &&
					 !starts_character(text.ptr[i]));
			}
			continue;
		}
		do {
			put_escaped(&out, text.ptr[i++]);
		} while (i < text.len && !starts_character(text.ptr[i]));
		starred = false;
	}
	if (stars && !starred) {
		buf_put_byte(&out, '*');
	}
	struct value value = value_string(buf_slice(&out));

	buf_fini(&out);
	return value;
}

static struct value copy_text(const struct maker *maker)
{
	return value_copy(words_text(maker->words, maker->chance));
}

static struct value copy_number(const struct maker *maker)
{
	return value_copy(words_number(maker->words, maker->chance));
}

/* One operand, or a list of some. */
static struct value one_or_more(const struct maker *maker,
				struct value (*make)(const struct maker *))
{
	struct value list = value_array();

	if (below(maker, 2)) {
		return make(maker);
	}
	for (uint32_t i = below(maker, 3) + 1; i; i--) {
		value_push(&list, make(maker));
	}
	return list;
}

/* Not empty: anything-but has no use for those. */
static struct value nonempty(const struct maker *maker, bool front)
{
	for (;;) {
		struct value part = random_part(maker, front);

		if (part.as.text.len) {
			return part;
		}
		value_clear(&part);
		if (below(maker, 20) == 0) {
			return value_text("a");
		}
	}
}

static struct value start(const struct maker *maker)
{
	return nonempty(maker, true);
}

static struct value end(const struct maker *maker)
{
	return nonempty(maker, false);
}

static struct value random_but(const struct maker *maker)
{
	switch (below(maker, 6)) {
	case 0:
		return one_or_more(maker, copy_number);
	case 1:
		return operation("prefix", one_or_more(maker, start));
	case 2:
		return operation("suffix", one_or_more(maker, end));
	case 3:
		return operation("equals-ignore-case",
				 one_or_more(maker, copy_text));
	case 4:
		return operation("wildcard",
				 one_or_more(maker, random_wildcard));
	default:
		return one_or_more(maker, copy_text);
	}
}

static struct value random_range(const struct maker *maker)
{
	static const char *const signs[] = { "<", "<=", ">", ">=", "=" };
	const struct value *a = words_number(maker->words, maker->chance);
	const struct value *b = words_number(maker->words, maker->chance);
	int order = value_compare_numbers(a, b);
	struct value list = value_array();

	if (order == 0 || below(maker, 3) == 0) {
		value_push(&list, value_text(signs[below(maker, 5)]));
		value_push(&list, value_copy(a));
		return list;
	}
	value_push(&list, value_text(signs[2 + below(maker, 2)]));
	value_push(&list, value_copy(order < 0 ? a : b));
	value_push(&list, value_text(signs[below(maker, 2)]));
	value_push(&list, value_copy(order < 0 ? b : a));
	return list;
}

static struct value random_network(const struct maker *maker)
{
	static const char *const networks[] = {
		"10.0.0.0", "10.0.1.7",    "192.168.7.9", "0.0.0.0",
		"::1",      "2001:db8::1", "2001:DB8::",
	};
	uint32_t which = below(maker, 7);
	char text[64];

	(void)snprintf(text, sizeof(text), "%s/%u", networks[which],
		       below(maker, 4) ? below(maker, which < 4 ? 33 : 129)
		       : which < 4     ? 24
				       : 33);
	return value_text(text);
}

static struct value affix(const struct maker *maker, bool front)
{
	struct value part = random_part(maker, front);

	return operation(
	    front ? "prefix" : "suffix",
	    below(maker, 3) ? part : operation("equals-ignore-case", part));
}

static struct value random_alternative(const struct maker *maker)
{
	switch (below(maker, 13)) {
	case 0:
	case 1:
		return affix(maker, true);
	case 2:
		return affix(maker, false);
	case 3:
		return operation("equals-ignore-case", copy_text(maker));
	case 4:
	case 5:
		return operation("wildcard", random_wildcard(maker));
	case 6:
		return operation("anything-but", random_but(maker));
	case 7:
	case 8:
		return operation("numeric", random_range(maker));
	case 9:
		return operation("exists", value_bool(below(maker, 2)));
	case 10:
		return operation("cidr", random_network(maker));
	default:
		return words_scalar(maker->words, maker->chance);
	}
}

static struct value random_alternatives(const struct maker *maker)
{
	struct value list = value_array();
	uint32_t len = below(maker, 50) ? below(maker, 3) + 1 : 20;

	for (uint32_t i = 0; i < len; i++) {
		value_push(&list, random_alternative(maker));
	}
	return list;
}

/* At the path, in one of its spellings. False: something is there. */
static bool put_at(const struct maker *maker, struct value *map,
		   const char *path, struct value list)
{
	const char *dot = strchr(path, '.');

	while (dot && below(maker, 5) < 2) {
		dot = strchr(dot + 1, '.');
	}
	struct slice key = { path, dot ? (size_t)(dot - path) : strlen(path) };
	struct value *there = value_get_mutable(map, key);

	if (!dot && !there) {
		value_set_slice(map, key, list);
		return true;
	}
	if (!dot || (there && there->type != VALUE_MAP)) {
		value_clear(&list);
		return false;
	}
	if (!there) {
		value_set_slice(map, key, value_map());
		there = value_get_mutable(map, key);
	}
	return put_at(maker, there, dot + 1, list);
}

static struct value random_object(const struct maker *maker, unsigned depth);

static void put_or(const struct maker *maker, struct value *map, unsigned depth)
{
	struct value branches = value_array();
	struct value *inner = NULL;

	for (uint32_t i = below(maker, 2) + 2; i; i--) {
		value_push(&branches, random_object(maker, depth - 1));
	}
	/* Also at a deeper level, where one is. */
	if (below(maker, 3) == 0) {
		inner = value_get_mutable(map, SLICE("l"));
	}
	value_set(inner && inner->type == VALUE_MAP ? inner : map, "$or",
		  branches);
}

static struct value random_object(const struct maker *maker, unsigned depth)
{
	struct value map = value_map();
	uint32_t len = below(maker, 20) ? below(maker, 3) + 1 : 5;

	for (uint32_t i = 0; i < len; i++) {
		const char *path =
		    maker->words->paths[below(maker, WORDS_PATHS)];

		(void)put_at(maker, &map, path, random_alternatives(maker));
	}
	if (depth && below(maker, 6) == 0) {
		put_or(maker, &map, depth);
	}
	return map;
}

static _Noreturn void refuse(const struct value *document,
			     const struct err *err)
{
	struct buf json = { 0 };

	json_write(&json, document, JSON_COMPACT);
	(void)fprintf(stderr, "%.*s: %s\n", SLICE_ARG(buf_slice(&json)),
		      err->msg);
	abort();
}

/* Branches of branches may be too many; nothing else is wrong. */
static bool may_be_refused(const struct err *err)
{
	return err->code == E_TOO_BIG;
}

struct value random_filter(const struct words *words, struct chance *chance,
			   struct filter **ret_filter)
{
	const struct maker maker = { words, chance };

	for (;;) {
		struct value document = chance_percent(chance, 1)
					    ? value_map()
					    : random_object(&maker, 3);
		struct err err = { 0 };

		if (filter_compile(&document, ret_filter, &err) == 0) {
			return document;
		}
		if (!may_be_refused(&err)) {
			refuse(&document, &err);
		}
		value_clear(&document);
	}
}
