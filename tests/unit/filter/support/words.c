#include "words.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"

static const char *const texts[] = {
	"",
	"a",
	"b",
	"ab",
	"ba",
	"abc",
	"abcabc",
	"aaaaaaaa",
	"ABC",
	"Abc",
	"x-1",
	"x-12",
	"x-123",
	"a*b",
	"a\\b",
	"a?b",
	"@",
	"`",
	"[x]",
	"{x}",
	"É",
	"é",
	"ÉTÉ",
	"été",
	"Straße",
	"STRASSE",
	"ΣΑΣ",
	"σας",
	"σασ",
	"ПРИВЕТ",
	"Привет",
	"\xf0\x90\x90\x80",
	"\xf0\x90\x90\xa8", /* Deseret, upper and lower case */
	"K",
	"\xe2\x84\xaa", /* Kelvin sign */
	"300",
	"1",
	"null",
	"true",
	"10.0.0.1",
	"10.0.0.255",
	"10.0.1.7",
	"10.255.0.1",
	"010.0.0.1",
	"192.168.7.9",
	"::1",
	"0:0:0:0:0:0:0:1",
	"::ffff:10.0.0.1",
	"2001:db8::1",
	"2001:DB8:0:0::1",
	"2001:db8:8000::7",
};

#define TEXTS (sizeof(texts) / sizeof(texts[0]))

/* Lengths at which hashing or comparing may change its way. */
static const size_t lengths[] = { 7,  8,  9,  15,  16,  17,  31,  32,  33,
				  63, 64, 65, 255, 256, 257, 300, 1025 };

#define LENGTHS (sizeof(lengths) / sizeof(lengths[0]))

static const int64_t integers[] = {
	0,
	1,
	2,
	3,
	-1,
	-2,
	300,
	9007199254740991, /* 2^53 and about it */
	9007199254740992,
	9007199254740993,
	9007199254740994,
	-9007199254740993,
	INT64_MAX,
	INT64_MAX - 1,
	INT64_MIN,
	INT64_MIN + 1,
};

#define INTEGERS (sizeof(integers) / sizeof(integers[0]))

static const uint64_t unsigneds[] = {
	9223372036854775808u,
	9223372036854775809u,
	UINT64_MAX,
	UINT64_MAX - 1,
};

#define UNSIGNEDS (sizeof(unsigneds) / sizeof(unsigneds[0]))

static const double doubles[] = {
	-0.0,
	0.0,
	1.0,
	1.5,
	-1.5,
	0.1,
	300.0,
	9007199254740992.0,
	9007199254740994.0,
	9223372036854775808.0,
	-9223372036854775808.0,
	9223372036854774784.0,
	18446744073709551616.0,
	1e19,
	1e308,
	-1e308,
	5e-324,
	2.9999999999999996,
};

#define DOUBLES (sizeof(doubles) / sizeof(doubles[0]))

static const char *const paths[] = {
	"a",   "b",     "c",     "a.b",   "b.c",   "a.b.c", "a.a",
	"x",   "l.x",   "l.y",   "l.a",   "l.m.x", "l.m.y", "l.m.a.b",
	"m.x", "m.l.x", "a.b.x", "a.l.x", "a.l.y", "a..b",  "",
};

#define PATHS (sizeof(paths) / sizeof(paths[0]))

static const char *const keys[] = { "a", "b", "c",   "x",   "y",   "l",
				    "m", "l", "a.b", "b.c", "l.x", "l.m" };

#define KEYS (sizeof(keys) / sizeof(keys[0]))

/* "xyxyxy...", perhaps with another first or last letter. */
static struct value draw_long(struct chance *chance)
{
	size_t len = lengths[chance_below(chance, LENGTHS)];
	struct buf text = { 0 };
	char *at = buf_reserve(&text, len);

	for (size_t i = 0; i < len; i++) {
		at[i] = "xy"[i % 2];
	}
	text.len = len;
	if (chance_percent(chance, 30)) {
		at[len - 1] = 'z';
	}
	if (chance_percent(chance, 30)) {
		at[0] = 'Z';
	}
	struct value value = value_string(buf_slice(&text));

	buf_fini(&text);
	return value;
}

static struct value draw_text(struct chance *chance)
{
	if (chance_percent(chance, 20)) {
		return draw_long(chance);
	}
	return value_text(texts[chance_below(chance, TEXTS)]);
}

static struct value draw_number(struct chance *chance)
{
	switch (chance_below(chance, 4)) {
	case 0:
		return value_uint(unsigneds[chance_below(chance, UNSIGNEDS)]);
	case 1:
		return value_double(doubles[chance_below(chance, DOUBLES)]);
	default:
		return value_int(integers[chance_below(chance, INTEGERS)]);
	}
}

void words_init(struct words *words, struct chance *chance)
{
	for (size_t i = 0; i < WORDS_TEXTS; i++) {
		words->texts[i] = draw_text(chance);
	}
	for (size_t i = 0; i < WORDS_NUMBERS; i++) {
		words->numbers[i] = draw_number(chance);
	}
	for (size_t i = 0; i < WORDS_PATHS; i++) {
		words->paths[i] = paths[chance_below(chance, PATHS)];
	}
	/* Every other time two keys that can be in one element. */
	if (chance_percent(chance, 50)) {
		words->paths[0] = "l.m.x";
		words->paths[1] = "l.m.y";
	}
}

void words_fini(struct words *words)
{
	for (size_t i = 0; i < WORDS_TEXTS; i++) {
		value_clear(&words->texts[i]);
	}
	for (size_t i = 0; i < WORDS_NUMBERS; i++) {
		value_clear(&words->numbers[i]);
	}
}

const struct value *words_text(const struct words *words, struct chance *chance)
{
	return &words->texts[chance_below(chance, WORDS_TEXTS)];
}

const struct value *words_number(const struct words *words,
				 struct chance *chance)
{
	return &words->numbers[chance_below(chance, WORDS_NUMBERS)];
}

struct value words_scalar(const struct words *words, struct chance *chance)
{
	uint32_t kind = chance_below(chance, 100);

	if (kind < 60) {
		return value_copy(words_text(words, chance));
	}
	if (kind < 88) {
		return value_copy(words_number(words, chance));
	}
	return kind < 92 ? value_null() : value_bool(kind < 96);
}

const char *words_key(struct chance *chance)
{
	return keys[chance_below(chance, KEYS)];
}
