/* Wildcards: what they match, against the definition; what is refused. */
#include "filter_test.h"

#include "base/limits.h"

#define W(pattern, value) \
	"{\"a\":[{\"wildcard\":\"" pattern "\"}]}", "{\"a\":\"" value "\"}"

static const struct match_case cases[] = {
	{ W("", ""), true },
	{ W("", "a"), false },
	{ W("*", ""), true },
	{ W("*", "anything"), true },
	{ W("a", "a"), true },
	{ W("a", "ab"), false },
	{ W("a*", "a"), true },
	{ W("a*", "abc"), true },
	{ W("a*", "ba"), false },
	{ W("*a", "a"), true },
	{ W("*a", "bca"), true },
	{ W("*a", "ab"), false },
	{ W("*a*", "bab"), true },
	{ W("*a*", "bb"), false },
	{ W("a*b", "ab"), true },
	{ W("a*b", "a-b"), true },
	{ W("a*b", "a"), false },
	/* Beginning and end never share what they need. */
	{ W("aba*ba", "aba"), false },
	{ W("aba*ba", "ababa"), true },
	{ W("ab*bc*cd", "abcd"), false },
	{ W("ab*bc*cd", "abbccd"), true },
	{ W("*ab*ab*", "aab"), false },
	{ W("*ab*ab*", "aabab"), true },
	{ W("a*b*c*d*e*f*g*h*i", "a.b.c.d.e.f.g.h.i"), true },
	{ W("a*b*c*d*e*f*g*h*i", "a.b.c.d.e.f.h.g.i"), false },
	/* Escapes. */
	{ W("a\\\\*b", "a*b"), true },
	{ W("a\\\\*b", "axb"), false },
	{ W("a\\\\\\\\b", "a\\\\b"), true },
	{ W("a\\\\\\\\*", "a\\\\anything"), true },
	{ W("*\\\\**", "a*b"), true },
	{ W("*\\\\**", "ab"), false },
	{ W("\\\\**", "*x"), true },
	/* Nothing else means anything, and case matters. */
	{ W("a?b", "axb"), false },
	{ W("a?b", "a?b"), true },
	{ W("[ab]", "a"), false },
	{ W("A*", "ab"), false },
	{ W("ü*ß", "über Straß"), true },
	{ W("*\\u0000*", "a\\u0000b"), true },
	{ W("a\\u0000*c", "a\\u0000bc"), true },
	{ "{\"a\":[{\"wildcard\":\"*\"}]}", "{\"a\":[1,null,true]}", false },
	{ "{\"a\":[{\"anything-but\":{\"wildcard\":\"\"}}]}", "{\"a\":\"\"}",
	  false },
	{ "{\"a\":[{\"anything-but\":{\"wildcard\":\"\"}}]}", "{\"a\":\"x\"}",
	  true },
	{ "{\"a\":[{\"anything-but\":{\"wildcard\":[\"a*\",\"*b\"]}}]}",
	  "{\"a\":\"ab\"}", false },
	{ "{\"a\":[{\"anything-but\":{\"wildcard\":[\"a*\",\"*b\"]}}]}",
	  "{\"a\":\"ba\"}", true },
};

static void texts(void **arg)
{
	(void)arg;
	assert_matches(cases, COUNT(cases));
}

/* The definition, letter by letter. */
static bool matches_slowly(const char *pattern, const char *text)
{
	if (*pattern == '*') {
		return matches_slowly(pattern + 1, text) ||
		       (*text && matches_slowly(pattern, text + 1));
	}
	if (*pattern == '\0' || *text == '\0') {
		return *pattern == *text;
	}
	return *pattern == *text && matches_slowly(pattern + 1, text + 1);
}

static uint32_t seed = 7;

static uint32_t dice(uint32_t sides)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % sides;
}

/* Letters of a tiny alphabet, and stars apart from one another. */
static void random_text(char *out, uint32_t len, bool stars)
{
	char last = 0;

	for (uint32_t i = 0; i < len; i++) {
		bool star = stars && last != '*' && dice(3) == 0;

		last = star ? '*' : (char)('a' + dice(2));
		*out++ = last;
	}
	*out = '\0';
}

static void the_definition_agrees(void **arg)
{
	size_t found = 0;

	(void)arg;
	for (size_t round = 0; round < 20000; round++) {
		char pattern[16];
		char text[16];
		char filter[64];
		char attributes[64];

		random_text(pattern, dice(9), true);
		random_text(text, dice(9), false);
		(void)snprintf(filter, sizeof(filter),
			       "{\"a\":[{\"wildcard\":\"%s\"}]}", pattern);
		(void)snprintf(attributes, sizeof(attributes), "{\"a\":\"%s\"}",
			       text);
		bool expected = matches_slowly(pattern, text);

		if (matches(filter, attributes) != expected) {
			fail_msg("%s on %s", pattern, text);
		}
		found += expected;
	}
	assert_in_range(found, 2000, 18000);
}

#define AT     "filter.k[0].wildcard: "
#define ESCAPE AT "a backslash must stand before '*' or another backslash"
#define STARS  AT "two stars together; one is enough"

static void refusals(void **arg)
{
	static const struct {
		const char *pattern;
		const char *msg;
	} refused[] = {
		{ "**", STARS },       { "a**b", STARS },  { "a\\***", STARS },
		{ "a\\", ESCAPE },     { "\\", ESCAPE },   { "a\\b", ESCAPE },
		{ "a\\\\\\", ESCAPE }, { "a\\?", ESCAPE }, { "\\\\**", STARS },
	};

	(void)arg;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct err err = { 0 };

		assert_int_equal(
		    compile_and_clear(
			with_operator("wildcard",
				      value_text(refused[i].pattern)),
			&err),
		    E_INVALID);
		assert_string_equal(err.msg, refused[i].msg);
	}
	assert_refused("{\"k\":[{\"wildcard\":[\"a*\"]}]}", E_INVALID,
		       AT "expected a string, found list");
	assert_refused("{\"k\":[{\"anything-but\":{\"wildcard\":\"a**\"}}]}",
		       E_INVALID,
		       "filter.k[0].anything-but.wildcard: two stars together; "
		       "one is enough");
	assert_refused(
	    "{\"k\":[{\"anything-but\":{\"wildcard\":[\"a\",\"\\\\\"]}}]}",
	    E_INVALID,
	    "filter.k[0].anything-but.wildcard[1]: a backslash must stand "
	    "before '*' or another backslash");
}

static struct value with_stars(size_t stars)
{
	struct buf pattern = { 0 };
	struct value value;

	for (size_t i = 0; i < stars; i++) {
		buf_put_text(&pattern, "*\\*");
	}
	value = value_string(buf_slice(&pattern));
	buf_fini(&pattern);
	return value;
}

static void limits(void **arg)
{
	struct err err = { 0 };

	(void)arg;
	assert_int_equal(
	    compile_and_clear(
		with_operator("wildcard", text_of(LIMIT_FILTER_WILDCARD, 'a')),
		&err),
	    0);
	assert_int_equal(
	    compile_and_clear(
		with_operator("wildcard",
			      text_of(LIMIT_FILTER_WILDCARD + 1, 'a')),
		&err),
	    E_TOO_BIG);
	assert_string_equal(err.msg, AT "longer than 1024 bytes");
	assert_int_equal(
	    compile_and_clear(
		with_operator("wildcard",
			      with_stars(LIMIT_FILTER_WILDCARD_STARS)),
		&err),
	    0);
	assert_int_equal(
	    compile_and_clear(
		with_operator("wildcard",
			      with_stars(LIMIT_FILTER_WILDCARD_STARS + 1)),
		&err),
	    E_TOO_BIG);
	assert_string_equal(err.msg, AT "more than 8 stars");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(the_definition_agrees),
		cmocka_unit_test(refusals),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
