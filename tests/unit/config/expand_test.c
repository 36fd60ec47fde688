#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "config/expand.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void assert_expands(const char *text, enum expand_into into,
			   const char *expected)
{
	struct buf out = { 0 };
	struct slice mistake;
	struct err err = { 0 };

	if (expand(slice_of(text), into, &out, &mistake, &err)) {
		fail_msg("%s: %s", text, err.msg);
	}
	buf_put_byte(&out, 0);
	assert_string_equal(out.data, expected);
	buf_fini(&out);
}

static void expansions(void **arg)
{
	static const char *const cases[][2] = {
		{ "", "" },
		{ "plain $ {x} $x", "plain $ {x} $x" },
		{ "${E_SET}", "value" },
		{ "<${E_SET}${E_SET}>", "<valuevalue>" },
		{ "${E_SET:-other}", "value" },
		{ "${E_EMPTY:-other}", "other" },
		{ "${E_UNSET:-other}", "other" },
		{ "${E_UNSET:-}", "" },
		{ "${E_UNSET:-a:-b ${}", "a:-b ${" },
		{ "$${E_SET}", "${E_SET}" },
		{ "$$${E_SET}", "$${E_SET}" },
		{ "$$${{ x }}", "$$${{ x }}" },
		{ "${{ a }}${E_SET}", "${{ a }}value" },
		{ "${{ a.\"}} ${E_SET}\" }}", "${{ a.\"}} ${E_SET}\" }}" },
		{ "${{ ${E_UNSET} ", "${{ ${E_UNSET} " },
		{ "$${{ ${E_SET}", "$${{ value" },
		{ "${E_CODE}", "${{ x }} ${E_SET}" },
	};

	(void)arg;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_expands(cases[i][0], EXPAND_PLAIN, cases[i][1]);
	}
	assert_expands("a ${E_CODE}", EXPAND_TEMPLATE, "a $${{ x }} ${E_SET}");
	assert_expands("${E_SET} ${{ x }}", EXPAND_TEMPLATE, "value ${{ x }}");
}

static void mistakes(void **arg)
{
	static const struct {
		const char *text;
		const char *mistake;
		const char *msg;
	} cases[] = {
		{ "a ${E_UNSET} b", "${E_UNSET}",
		  "the environment variable 'E_UNSET' is not set and has no "
		  "default" },
		{ "${E_EMPTY}", "${E_EMPTY}",
		  "the environment variable 'E_EMPTY' is not set and has no "
		  "default" },
		{ "a ${E_SET", "${E_SET",
		  "this ${ has no }; a literal ${ is written $${" },
		{ "a${}b", "${}",
		  "expected ${NAME} or ${NAME:-default}; a literal ${ is "
		  "written $${" },
		{ "${1A}", "${1A}",
		  "expected ${NAME} or ${NAME:-default}; a literal ${ is "
		  "written $${" },
		{ "${E_SET-x}", "${E_SET-x}",
		  "expected ${NAME} or ${NAME:-default}; a literal ${ is "
		  "written $${" },
		{ "${E_BYTES}", "${E_BYTES}",
		  "the environment variable 'E_BYTES' holds bytes that are "
		  "not UTF-8" },
	};

	(void)arg;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out = { 0 };
		struct slice mistake;
		struct err err = { 0 };

		assert_int_equal(expand(slice_of(cases[i].text), EXPAND_PLAIN,
					&out, &mistake, &err),
				 E_INVALID);
		assert_string_equal(err.msg, cases[i].msg);
		assert_true(slice_is(mistake, cases[i].mistake));
		buf_fini(&out);
	}
}

/* Every short text over the bytes that matter is read back as it was. */
static void escapes(void **arg)
{
	static const char alphabet[] = { '$', '{', '}', 'A', '"', '\\' };
	char text[7];

	(void)arg;
	for (size_t n = 0; n < 46656; n++) {
		struct buf escaped = { 0 };
		size_t rest = n;

		for (size_t i = 0; i < 6; i++, rest /= 6) {
			text[i] = alphabet[rest % 6];
		}
		text[6] = '\0';
		expand_escape(slice_of(text), &escaped);
		buf_put_byte(&escaped, 0);
		assert_expands(escaped.data, EXPAND_PLAIN, text);
		buf_fini(&escaped);
	}
}

static int enter(void **arg)
{
	(void)arg;
	return setenv("E_SET", "value", 1) || setenv("E_EMPTY", "", 1) ||
	       setenv("E_CODE", "${{ x }} ${E_SET}", 1) ||
	       setenv("E_BYTES", "caf\xe9", 1) || unsetenv("E_UNSET");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expansions),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(escapes),
	};

	return cmocka_run_group_tests(tests, enter, NULL);
}
