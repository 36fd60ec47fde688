#include "document_test.h"

#include "document/expression.h"

static const char scope_text[] =
    "{\"a\":{\"b\":[10,20,{\"c d\":\"deep\"}],\"_x9\":null},"
    "\"quoted \\\" name\":1,\"\":2,\"\xc3\xa4\":3,\"n\\n\":4,"
    "\"\xf0\x9f\x98\x80\":5,\"true\":6}";

static void assert_finds(const char *text, const char *wanted)
{
	struct value scope = from_json(scope_text);
	struct expression *expression;
	struct err err;

	if (expression_compile(slice_of(text), &expression, NULL, &err) < 0) {
		fail_msg("%s: %s", text, err.msg);
	}
	struct value found = expression_evaluate(expression, &scope);

	value_clear(&scope);
	assert_value(&found, wanted);
	value_clear(&found);
	expression_destroy(expression);
}

static void test_paths(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "a.b[0]", "10" },
		{ "a.b[1]", "20" },
		{ "a.b[-1].\"c d\"", "\"deep\"" },
		{ "a.b[-3]", "10" },
		{ "a.b[-4]", "null" },
		{ "a.b[3]", "null" },
		{ "a.b[-0]", "10" },
		{ "a.b[007]", "null" },
		{ "a.b[9223372036854775807]", "null" },
		{ "a.b[-9223372036854775807]", "null" },
		{ "a.b.c", "null" },
		{ "a[0]", "null" },
		{ "[0]", "null" },
		{ "a.b[0].c.d[1]", "null" },
		{ "a._x9", "null" },
		{ "none", "null" },
		{ "true", "6" },
		{ " a . b [ 1 ] ", "20" },
		{ "a.b[ -1 ].\"c d\"", "\"deep\"" },
		{ "\ta\n.b\r[1]", "20" },
		{ "\"a\".\"b\"[1]", "20" },
		{ "\"quoted \\\" name\"", "1" },
		{ "\"\"", "2" },
		{ "\"\xc3\xa4\"", "3" },
		{ "\"\\u00e4\"", "3" },
		{ "\"n\\n\"", "4" },
		{ "\"\\ud83d\\ude00\"", "5" },
		{ "\"\\uD83D\\uDE00\"", "5" },
		{ "\"\\/\\b\\f\\r\\t\\u20ac\"", "null" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_finds(cases[i][0], cases[i][1]);
	}
}

static void test_find_borrows(void **state)
{
	(void)state;
	struct value scope = from_json(scope_text);
	struct expression *expression;

	assert_int_equal(
	    expression_compile(SLICE("a.b"), &expression, NULL, NULL), 0);
	assert_ptr_equal(expression_find(expression, &scope),
			 value_get(value_get(&scope, "a"), "b"));
	expression_destroy(expression);
	assert_int_equal(
	    expression_compile(SLICE("a.z"), &expression, NULL, NULL), 0);
	assert_null(expression_find(expression, &scope));
	expression_destroy(expression);
	expression_destroy(NULL);
	value_clear(&scope);
}

static void assert_wrong(struct slice text, size_t offset)
{
	struct expression *expression = NULL;
	struct err err = { 0 };
	size_t found = 4711;
	int rc = expression_compile(text, &expression, &found, &err);

	if (rc != E_INVALID || found != offset || err.msg[0] == '\0') {
		fail_msg("'%.*s': %d at %zu, %s", SLICE_ARG(text), rc, found,
			 err.msg);
	}
	assert_null(expression);
	assert_int_equal(expression_compile(text, &expression, NULL, NULL),
			 E_INVALID);
}

static void test_mistakes(void **state)
{
	(void)state;
	static const struct {
		struct slice text;
		size_t offset;
	} cases[] = {
		{ TEXT(""), 0 },
		{ TEXT("  "), 2 },
		{ TEXT("a."), 2 },
		{ TEXT("a. "), 3 },
		{ TEXT(".a"), 0 },
		{ TEXT("a..b"), 2 },
		{ TEXT("9a"), 0 },
		{ TEXT("a b"), 2 },
		{ TEXT("a-b"), 1 },
		{ TEXT("a.[0]"), 2 },
		{ TEXT("a["), 2 },
		{ TEXT("a[]"), 2 },
		{ TEXT("a[x]"), 2 },
		{ TEXT("a[*]"), 2 },
		{ TEXT("a[-]"), 3 },
		{ TEXT("a[- ]"), 3 },
		{ TEXT("a[1"), 3 },
		{ TEXT("a[1:2]"), 3 },
		{ TEXT("a[9223372036854775808]"), 2 },
		{ TEXT("a[99999999999999999999999]"), 2 },
		{ TEXT("a[0]b"), 4 },
		{ TEXT("a | b"), 2 },
		{ TEXT("a\0"), 1 },
		{ TEXT("\0"), 0 },
		{ TEXT("a.\xc3\xa4"), 2 },
		{ TEXT("\"open"), 0 },
		{ TEXT("a.\"open\\\""), 2 },
		{ TEXT("\"a\\x\""), 2 },
		{ TEXT("\"a\\u12g4\""), 2 },
		{ TEXT("\"\\ud800\""), 1 },
		{ TEXT("\"\\ud800\\u0041\""), 1 },
		{ TEXT("\"\\udc00\""), 1 },
		{ TEXT("\"\\u12"), 1 },
		{ TEXT("\"\\"), 1 },
		{ TEXT("\"a\nb\""), 2 },
		{ TEXT("\"a\xff\""), 2 },
		{ TEXT("foo()"), 3 },
		{ TEXT("'a'"), 0 },
		{ TEXT("@"), 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_wrong(cases[i].text, cases[i].offset);
	}
}

static void test_long_path(void **state)
{
	(void)state;
	struct buf text = { 0 };
	struct expression *expression;
	struct value scope = value_null();

	buf_put_text(&text, "a");
	for (int i = 0; i < 100000; i++) {
		buf_put_text(&text, ".a[0]");
	}
	assert_int_equal(
	    expression_compile(buf_slice(&text), &expression, NULL, NULL), 0);
	assert_null(expression_find(expression, &scope));
	expression_destroy(expression);
	buf_fini(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_find_borrows),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_long_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
