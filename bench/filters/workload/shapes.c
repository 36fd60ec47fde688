#include "workload/shapes.h"

#include <stdio.h>

#include "base/buf.h"

struct value shape_pair(const char *key, struct value item)
{
	struct value map = value_map();

	value_set(&map, key, item);
	return map;
}

struct value shape_list(struct value item)
{
	struct value list = value_array();

	value_push(&list, item);
	return list;
}

struct value shape_clause(const char *key, const char *operator,
			  struct value operand)
{
	return shape_pair(key, shape_list(shape_pair(operator, operand)));
}

struct value shape_letters(struct dice *dice, size_t len)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < len; i++) {
		buf_put_byte(&text, (uint8_t)('a' + dice_below(dice, 26)));
	}
	struct value value = value_string(buf_slice(&text));

	buf_fini(&text);
	return value;
}

struct value shape_word(uint32_t number)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "v%u", number);
	return value_text(text);
}

static struct value rare(struct dice *dice)
{
	return shape_list(shape_word(dice_below(dice, 100000)));
}

/* "*abc*def*" */
static struct value wildcard_filter(struct dice *dice, size_t i)
{
	struct value letters = shape_letters(dice, 6);
	char text[16];

	(void)i;
	(void)snprintf(text, sizeof(text), "*%.3s*%.3s*", letters.as.text.ptr,
		       letters.as.text.ptr + 3);
	value_clear(&letters);
	return shape_clause("text", "wildcard", value_text(text));
}

static struct value letters_event(struct dice *dice, size_t i)
{
	(void)i;
	return shape_pair("text", shape_letters(dice, 200));
}

static struct value product_filter(struct dice *dice, size_t i)
{
	struct value filter = value_map();

	(void)i;
	for (int key = 0; key < 5; key++) {
		struct value list = value_array();
		char name[2] = { (char)('a' + key), 0 };

		for (int j = 0; j < 30; j++) {
			value_push(&list, shape_word(dice_below(dice, 60)));
		}
		value_set(&filter, name, list);
	}
	return filter;
}

static struct value product_event(struct dice *dice, size_t i)
{
	struct value event = value_map();

	(void)i;
	for (int key = 0; key < 5; key++) {
		char name[2] = { (char)('a' + key), 0 };

		value_set(&event, name, shape_word(dice_below(dice, 60)));
	}
	return event;
}

struct value shape_or(unsigned depth, size_t i)
{
	struct value branches = value_array();
	char key[16];

	(void)snprintf(key, sizeof(key), "level%u", depth);
	for (uint32_t j = 0; j < 4; j++) {
		struct value list = shape_list(shape_word((uint32_t)i * 4 + j));
		struct value branch = shape_pair(key, list);

		if (depth > 1) {
			struct value below = shape_or(depth - 1, i);
			struct value *inner =
			    value_get_mutable(&below, SLICE("$or"));

			value_set(&branch, "$or", *inner);
			*inner = value_null();
			value_clear(&below);
		}
		value_push(&branches, branch);
	}
	return shape_pair("$or", branches);
}

static struct value or_filter(struct dice *dice, size_t i)
{
	(void)dice;
	return shape_or(5, i);
}

static struct value or_event(struct dice *dice, size_t i)
{
	struct value event = value_map();

	for (unsigned level = 1; level <= 5; level++) {
		char key[16];

		(void)snprintf(key, sizeof(key), "level%u", level);
		/* Every other event matches, the others up to the last one. */
		value_set(
		    &event, key,
		    shape_word(level == 1 && i % 2 ? 99 : dice_below(dice, 4)));
	}
	return event;
}

static struct value range_filter(struct dice *dice, size_t i)
{
	double from = dice_unit(dice) * 0.99;
	struct value list = value_array();

	(void)i;
	value_push(&list, value_text(">="));
	value_push(&list, value_double(from));
	value_push(&list, value_text("<"));
	value_push(&list, value_double(from + 0.01));
	return shape_clause("number", "numeric", list);
}

static struct value number_event(struct dice *dice, size_t i)
{
	(void)i;
	return shape_pair("number", value_double(dice_unit(dice)));
}

static struct value absence_filter(struct dice *dice, size_t i)
{
	struct value filter =
	    shape_clause("seldom", "exists", value_bool(false));

	(void)i;
	value_set(&filter, "rare", rare(dice));
	return filter;
}

static struct value but_filter(struct dice *dice, size_t i)
{
	struct value filter = shape_clause("status", "anything-but",
					   shape_word(dice_below(dice, 8)));

	(void)i;
	value_set(&filter, "rare", rare(dice));
	return filter;
}

static struct value rare_event(struct dice *dice, size_t i)
{
	struct value event =
	    shape_pair("rare", shape_word(dice_below(dice, 100000)));

	value_set(&event, "status", shape_word(dice_below(dice, 8)));
	if (i % 100 == 0) {
		value_set(&event, "seldom", value_bool(true));
	}
	return event;
}

static struct value words(struct dice *dice, size_t len, uint32_t known)
{
	struct value list = value_array();

	for (size_t i = 0; i < len; i++) {
		value_push(&list, shape_word(dice_below(dice, known)));
	}
	return list;
}

static struct value words_filter(struct dice *dice, size_t i)
{
	(void)i;
	return shape_pair("words", words(dice, 50, 1000000));
}

static struct value words_event(struct dice *dice, size_t i)
{
	(void)i;
	return shape_pair("words", words(dice, 1000, 1000000));
}

static struct value hot_filter(struct dice *dice, size_t i)
{
	struct value filter = shape_pair("hot", shape_list(value_text("yes")));

	(void)i;
	value_set(&filter, "rare", rare(dice));
	return filter;
}

static struct value hot_event(struct dice *dice, size_t i)
{
	struct value event = rare_event(dice, i);

	value_set(&event, "hot", value_text("yes"));
	return event;
}

const struct shape shapes_specified[] = {
	{ "wildcards", 1000, 4096, wildcard_filter, letters_event },
	{ "cross-product", 1, 4096, product_filter, product_event },
	{ "or-expansion", 1, 4096, or_filter, or_event },
	{ "ranges", 10000, 4096, range_filter, number_event },
	{ "absence", 10000, 4096, absence_filter, rare_event },
	{ "anything-but", 10000, 4096, but_filter, rare_event },
	{ "array-values", 1000, 256, words_filter, words_event },
	{ "hot-value", 50000, 4096, hot_filter, hot_event },
	{ 0 },
};
