/*
 * What the tests of this room share: values from JSON text and back, and
 * random values from a seed.
 */
#ifndef DOCUMENT_TEST_H
#define DOCUMENT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "document/json.h"
#include "document/value.h"

/* A slice in a static table. */
#define TEXT(literal)                          \
	{                                      \
		(literal), sizeof(literal) - 1 \
	}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static inline struct value from_json(const char *text)
{
	struct err err;
	struct value value;

	if (json_read(slice_of(text), NULL, &value, &err) < 0) {
		fail_msg("%s: %s", text, err.msg);
	}
	return value;
}

static inline void assert_value(const struct value *value, const char *json)
{
	struct buf out = { 0 };

	json_write(&out, value, JSON_COMPACT);
	char *text = buf_take(&out);

	assert_string_equal(text, json);
	free(text);
}

static inline void assert_same(const struct value *a, const struct value *b)
{
	struct buf out = { 0 };

	if (value_equal(a, b)) {
		return;
	}
	json_write(&out, a, JSON_COMPACT);
	buf_put_text(&out, "\nis not\n");
	json_write(&out, b, JSON_COMPACT);
	fail_msg("%s", buf_take(&out));
}

struct chance {
	uint64_t state;
};

/* splitmix64 */
static inline uint64_t chance_next(struct chance *chance)
{
	uint64_t z = chance->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static inline size_t chance_below(struct chance *chance, size_t bound)
{
	return (size_t)(chance_next(chance) % bound);
}

/* Pieces that readers and writers trip over. */
static inline void chance_text(struct chance *chance, struct buf *out)
{
	static const char *const pieces[] = {
		"a",
		"b c",
		" ",
		"\n",
		"\n\n",
		":",
		": ",
		" #",
		"-",
		"- ",
		"---",
		"...",
		"\t",
		"\r",
		"'",
		"\"",
		"\\",
		"{",
		"}",
		"[",
		"]",
		",",
		"&",
		"*",
		"!",
		"|",
		">",
		"%",
		"@",
		"`",
		"?",
		"~",
		"null",
		"true",
		"no",
		"0",
		"1",
		"010",
		"0x1f",
		"1.5",
		"1e3",
		".inf",
		"<<",
		"=",
		"\x01",
		"\x7f",
		"\x1b",
		"\xc2\x85",
		"\xc2\xa0",
		"\xc3\xa4",
		"\xe2\x80\xa8",
		"\xef\xbb\xbf",
		"\xf0\x9f\x98\x80",
		"${{",
		"}}",
		"  x",
		"/",
		"\xed\x9f\xbf",
		"\xef\xbf\xbd",
		"word and word",
	};
	size_t len = chance_below(chance, 6);

	for (size_t i = 0; i < len; i++) {
		buf_put_text(out, pieces[chance_below(chance, COUNT(pieces))]);
	}
}

static inline struct value chance_number(struct chance *chance)
{
	uint64_t bits = chance_next(chance);
	double number;

	switch (chance_below(chance, 5)) {
	case 0:
		return value_int((int64_t)(bits % 2000) - 1000);
	case 1:
		return value_int((int64_t)bits);
	case 2:
		return value_uint(bits);
	case 3:
		return value_double((double)(int64_t)(bits % 2000) / 8);
	default:
		memcpy(&number, &bits, sizeof(number));
		number = number - number == 0 ? number : 0.1;
		return value_double(number);
	}
}

static inline struct value chance_value(struct chance *chance, size_t depth)
{
	struct buf text = { 0 };
	struct value value;
	size_t kind = chance_below(chance, depth ? 12 : 6);

	switch (kind) {
	case 0:
		return value_null();
	case 1:
		return value_bool(chance_below(chance, 2) == 1);
	case 2:
	case 3:
		return chance_number(chance);
	case 4:
	case 5:
		chance_text(chance, &text);
		value = value_string(buf_slice(&text));
		break;
	default:
		value = kind < 9 ? value_array() : value_map();
		for (size_t i = chance_below(chance, 6); i > 0; i--) {
			struct value item = chance_value(chance, depth - 1);

			buf_clear(&text);
			if (kind < 9) {
				value_push(&value, item);
			} else {
				chance_text(chance, &text);
				value_set_slice(&value, buf_slice(&text), item);
			}
		}
		break;
	}
	buf_fini(&text);
	return value;
}

#endif
