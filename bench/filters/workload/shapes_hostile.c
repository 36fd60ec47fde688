#include "workload/shapes.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"

#define LONG_TEXT 65536
#define MEGABYTE  1000000

/* `len` times the letter a, then `tail`. */
static struct value run_of(size_t len, const char *tail)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < len; i++) {
		buf_put_byte(&text, 'a');
	}
	buf_put_text(&text, tail);
	struct value value = value_string(buf_slice(&text));

	buf_fini(&text);
	return value;
}

static struct value long_event(struct dice *dice, size_t i)
{
	(void)dice;
	return shape_pair("text", run_of(LONG_TEXT - i, i % 2 ? "b" : ""));
}

static struct value long_list(struct dice *dice, int len)
{
	struct value list = value_array();

	for (int i = 0; i < len; i++) {
		value_push(&list, shape_word(dice_below(dice, 1000000)));
	}
	return list;
}

static struct value alternatives_filter(struct dice *dice, size_t i)
{
	(void)i;
	return shape_pair("word", long_list(dice, LIMIT_FILTER_ALTERNATIVES));
}

static struct value but_list_filter(struct dice *dice, size_t i)
{
	(void)i;
	/* anything-but is an alternative itself */
	return shape_clause("word", "anything-but",
			    long_list(dice, LIMIT_FILTER_ALTERNATIVES - 1));
}

static struct value prefix_list_filter(struct dice *dice, size_t i)
{
	struct value list = value_array();

	(void)i;
	for (int j = 0; j < LIMIT_FILTER_ALTERNATIVES; j++) {
		value_push(
		    &list,
		    shape_pair("prefix",
			       shape_letters(dice, dice_between(dice, 4, 8))));
	}
	return shape_pair("text", list);
}

static struct value word_event(struct dice *dice, size_t i)
{
	(void)i;
	return shape_pair("word", shape_word(dice_below(dice, 1000000)));
}

static struct value text_event(struct dice *dice, size_t i)
{
	(void)i;
	return shape_pair("text", shape_letters(dice, 200));
}

static struct value many_or_filter(struct dice *dice, size_t i)
{
	(void)dice;
	return shape_or(5, i);
}

static struct value many_or_event(struct dice *dice, size_t i)
{
	uint32_t wanted = dice_below(dice, 100);
	struct value event = value_map();

	for (unsigned level = 1; level <= 5; level++) {
		char key[16];

		(void)snprintf(key, sizeof(key), "level%u", level);
		value_set(&event, key,
			  shape_word(level == 1 && i % 2
					 ? 999
					 : wanted * 4 + dice_below(dice, 4)));
	}
	return event;
}

/* "*aaa...b*aaa...b*": as many stars and bytes as may be. */
static struct value stars_filter(struct dice *dice, size_t i)
{
	struct buf text = { 0 };
	size_t part = LIMIT_FILTER_WILDCARD / LIMIT_FILTER_WILDCARD_STARS;

	(void)dice;
	for (int j = 0; j < LIMIT_FILTER_WILDCARD_STARS; j++) {
		struct value run = run_of(part - 2 - i, j ? "b" : "");

		buf_put_byte(&text, '*');
		buf_put_slice(&text, run.as.text);
		value_clear(&run);
	}
	struct value filter =
	    shape_clause("text", "wildcard", value_string(buf_slice(&text)));

	buf_fini(&text);
	return filter;
}

static struct value affix_filter(const char *operator, size_t i)
{
	/* Any length up to the limit, none alike. */
	struct value run = run_of(i * 13 % (LONG_TEXT - 2), "c");

	return shape_clause("text", operator, run);
}

static struct value prefixes_filter(struct dice *dice, size_t i)
{
	(void)dice;
	return affix_filter("prefix", i);
}

/* "caaa...": no value ends so. */
static struct value suffixes_filter(struct dice *dice, size_t i)
{
	struct value run = run_of(i * 13 % (LONG_TEXT - 2) + 1, "");
	struct buf text = { 0 };

	(void)dice;
	buf_put_byte(&text, 'c');
	buf_put_slice(&text, run.as.text);
	value_clear(&run);
	struct value filter =
	    shape_clause("text", "suffix", value_string(buf_slice(&text)));

	buf_fini(&text);
	return filter;
}

/* Nested prefixes that are all of the value: every one of them matches. */
static struct value nested_filter(struct dice *dice, size_t i)
{
	(void)dice;
	return shape_clause("text", "prefix", run_of(i + 1, ""));
}

static struct value network_filter(struct dice *dice, size_t i)
{
	uint64_t bits = dice_next(dice);
	char text[64];

	if (i % 2) {
		(void)snprintf(
		    text, sizeof(text), "%u.%u.%u.%u/%u",
		    (unsigned)(bits & 255), (unsigned)(bits >> 8 & 255),
		    (unsigned)(bits >> 16 & 255), (unsigned)(bits >> 24 & 255),
		    (unsigned)(8 + i / 2 % 25));
	} else {
		(void)snprintf(text, sizeof(text), "20%02x:%x:%x::%x/%u",
			       (unsigned)(bits & 255),
			       (unsigned)(bits >> 8 & 65535),
			       (unsigned)(bits >> 24 & 65535),
			       (unsigned)(bits >> 40 & 65535),
			       (unsigned)(16 + i / 2 % 113));
	}
	return shape_clause("address", "cidr", value_text(text));
}

static struct value address_event(struct dice *dice, size_t i)
{
	uint64_t bits = dice_next(dice);
	char text[64];

	if (i % 2) {
		(void)snprintf(
		    text, sizeof(text), "%u.%u.%u.%u", (unsigned)(bits & 255),
		    (unsigned)(bits >> 8 & 255), (unsigned)(bits >> 16 & 255),
		    (unsigned)(bits >> 24 & 255));
	} else {
		(void)snprintf(text, sizeof(text), "20%02x:%x::1",
			       (unsigned)(bits & 255),
			       (unsigned)(bits >> 8 & 65535));
	}
	return shape_pair("address", value_text(text));
}

/* Both keys of one order must be right: {"orders": {"a": .., "b": ..}}. */
static struct value element_filter(struct dice *dice, size_t i)
{
	struct value inner = value_map();

	(void)i;
	value_set(&inner, "a", shape_list(shape_word(dice_below(dice, 1000))));
	value_set(&inner, "b", shape_list(shape_word(dice_below(dice, 1000))));
	return shape_pair("orders", inner);
}

static struct value element_event(struct dice *dice, size_t i)
{
	struct value list = value_array();

	(void)i;
	for (int j = 0; j < 1000; j++) {
		struct value order =
		    shape_pair("a", shape_word(dice_below(dice, 1000)));

		value_set(&order, "b", shape_word(dice_below(dice, 1000)));
		value_push(&list, order);
	}
	return shape_pair("orders", list);
}

/* Five keys that all elements have one by one, and no element together. */
static struct value apart_filter(struct dice *dice, size_t i)
{
	struct value inner = value_map();

	(void)dice;
	(void)i;
	for (int key = 0; key < 5; key++) {
		char name[2] = { (char)('a' + key), 0 };

		value_set(&inner, name, shape_list(value_text("yes")));
	}
	return shape_pair("list", inner);
}

static struct value apart_event(struct dice *dice, size_t i)
{
	struct value list = value_array();

	(void)dice;
	(void)i;
	for (int j = 0; j < 1000; j++) {
		struct value item = value_map();

		for (int key = 0; key < 5; key++) {
			char name[2] = { (char)('a' + key), 0 };

			value_set(&item, name,
				  value_text(j % 5 == key ? "no" : "yes"));
		}
		value_push(&list, shape_list(item));
	}
	return shape_pair("list", list);
}

static struct value both_filter(struct dice *dice, size_t i)
{
	struct value filter = shape_pair("hot", shape_list(value_text("yes")));

	(void)dice;
	(void)i;
	value_set(&filter, "warm", shape_list(value_bool(true)));
	return filter;
}

static struct value both_event(struct dice *dice, size_t i)
{
	struct value event = shape_pair("hot", value_text("yes"));

	(void)dice;
	(void)i;
	value_set(&event, "warm", value_bool(true));
	return event;
}

/* Something of everything that reads a text. */
static struct value text_filter(struct dice *dice, size_t i)
{
	static const char *const operators[] = {
		"prefix", "suffix", "equals-ignore-case", "wildcard", "cidr",
	};
	struct value letters = shape_letters(dice, 4);
	char text[16];

	(void)snprintf(text, sizeof(text), i % 5 == 3 ? "*%.4s*" : "%.4s",
		       letters.as.text.ptr);
	value_clear(&letters);
	return shape_clause("text", operators[i % 5],
			    value_text(i % 5 == 4 ? "10.0.0.0/8" : text));
}

static struct value megabyte_event(struct dice *dice, size_t i)
{
	(void)i;
	return shape_pair("text", shape_letters(dice, MEGABYTE));
}

static struct value many_keys_event(struct dice *dice, size_t i)
{
	struct value event = value_map();

	(void)i;
	for (uint32_t j = 0; j < 40000; j++) {
		char key[16];

		(void)snprintf(key, sizeof(key), "key%u", j);
		value_set(&event, key, shape_word(dice_below(dice, 1000000)));
	}
	return event;
}

static struct value many_keys_filter(struct dice *dice, size_t i)
{
	char key[16];

	(void)i;
	(void)snprintf(key, sizeof(key), "key%u", dice_below(dice, 40000));
	return shape_pair(key,
			  shape_list(shape_word(dice_below(dice, 1000000))));
}

static struct value numbers_event(struct dice *dice, size_t i)
{
	struct value list = value_array();

	(void)i;
	for (int j = 0; j < 100000; j++) {
		value_push(&list, value_double(dice_unit(dice)));
	}
	return shape_pair("number", list);
}

static struct value thin_range_filter(struct dice *dice, size_t i)
{
	double from = dice_unit(dice);
	struct value list = value_array();

	(void)i;
	value_push(&list, value_text(">="));
	value_push(&list, value_double(from));
	value_push(&list, value_text("<"));
	value_push(&list, value_double(from + 1e-6));
	return shape_clause("number", "numeric", list);
}

/* All hold: the inner ones of one another. */
static struct value onion_filter(struct dice *dice, size_t i)
{
	struct value list = value_array();

	(void)dice;
	value_push(&list, value_text(">="));
	value_push(&list, value_int(-(int64_t)i - 1));
	value_push(&list, value_text("<"));
	value_push(&list, value_int((int64_t)i + 1));
	return shape_clause("number", "numeric", list);
}

static struct value onion_event(struct dice *dice, size_t i)
{
	(void)i;
	return shape_pair("number",
			  value_int((int64_t)dice_below(dice, 20000) - 10000));
}

/* a.a.a...: sixteen levels, each key also spelled with dots. */
static struct value spelled(unsigned depth)
{
	struct value map = value_map();

	if (depth <= 1) {
		return value_int(depth);
	}
	value_set(&map, "a", spelled(depth - 1));
	value_set(&map, "a.a", spelled(depth - 2));
	return map;
}

static struct value spelled_event(struct dice *dice, size_t i)
{
	(void)dice;
	(void)i;
	return spelled(16);
}

static struct value spelled_filter(struct dice *dice, size_t i)
{
	(void)dice;
	return shape_pair("a.a.a.a.a.a.a.a.a.a.a.a.a.a.a",
			  shape_list(value_int((int64_t)i)));
}

/*
 * One path spelled in four ways, each a list, and five keys to find in one
 * element of one of them, where each element has one key: any choice of lists
 * for the keys fails, and there are 4^5.
 */
static struct value choices_filter(struct dice *dice, size_t i)
{
	struct value filter = value_map();

	(void)dice;
	(void)i;
	for (int key = 0; key < 5; key++) {
		char name[] = { 'l', '.', 'm',
				'.', 'n', '.',
				'o', '.', (char)('a' + key),
				0 };

		value_set(&filter, name, shape_list(value_text("yes")));
	}
	return filter;
}

static struct value one_key_each(const char *path, size_t len)
{
	struct value list = value_array();

	for (size_t i = 0; i < len; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "%s%c", path,
			       'a' + (int)(i % 5));
		value_push(&list, shape_pair(name, value_text("yes")));
	}
	return list;
}

static struct value choices_event(struct dice *dice, size_t i)
{
	struct value event = value_map();

	(void)dice;
	(void)i;
	value_set(&event, "l", one_key_each("m.n.o.", 1000));
	value_set(&event, "l.m", one_key_each("n.o.", 1000));
	value_set(&event, "l.m.n", one_key_each("o.", 1000));
	value_set(&event, "l.m.n.o", one_key_each("", 1000));
	return event;
}

const struct shape shapes_hostile[] = {
	{ "10k-equal", 100, 4096, alternatives_filter, word_event },
	{ "10k-but", 100, 4096, but_list_filter, word_event },
	{ "10k-prefixes", 10, 4096, prefix_list_filter, text_event },
	{ "100-x-1024-or", 100, 4096, many_or_filter, many_or_event },
	{ "8-stars-64k", 100, 16, stars_filter, long_event },
	{ "prefix-lengths", 5000, 16, prefixes_filter, long_event },
	{ "suffix-lengths", 5000, 16, suffixes_filter, long_event },
	{ "prefix-nested", 5000, 16, nested_filter, long_event },
	{ "networks", 10000, 4096, network_filter, address_event },
	{ "elements", 10000, 64, element_filter, element_event },
	{ "elements-apart", 1000, 64, apart_filter, apart_event },
	{ "50k-true", 50000, 64, both_filter, both_event },
	{ "1M-text", 1000, 8, text_filter, megabyte_event },
	{ "1M-keys", 10000, 8, many_keys_filter, many_keys_event },
	{ "1M-numbers", 10000, 8, thin_range_filter, numbers_event },
	{ "onion-ranges", 10000, 4096, onion_filter, onion_event },
	{ "choices", 10, 4, choices_filter, choices_event },
	{ "spelled", 1000, 64, spelled_filter, spelled_event },
	{ 0 },
};
