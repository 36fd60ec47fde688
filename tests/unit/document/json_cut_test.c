#include "document_test.h"

#include "document/json_cut.h"

/* "key=value;" of all parts, or the mistake. */
static void check(const char *text, const char *expected)
{
	struct json_cut cut;
	struct json_part part;
	struct buf out = { 0 };
	struct err err = { 0 };
	int rc = json_cut_begin(&cut, slice_of(text), &err);

	while (rc == 0 && (rc = json_cut_next(&cut, &part, &err)) > 0) {
		buf_printf(&out, "%.*s=%.*s;", SLICE_ARG(part.key),
			   SLICE_ARG(part.value));
		rc = 0;
	}
	if (rc < 0) {
		assert_int_equal(rc, E_INVALID);
		buf_put_text(&out, err.msg);
	}
	buf_put_byte(&out, '\0');
	assert_string_equal(out.data, expected);
	buf_fini(&out);
}

static void test_parts_are_as_written(void **state)
{
	(void)state;
	check("{}", "");
	check(" [ ] \r\n", "");
	check("{\"a\":1}", "\"a\"=1;");
	check(" { \"a\" : 3E+2 , \"\\u0061\":[1, {\"b\": \"}\"}] }",
	      "\"a\"=3E+2;\"\\u0061\"=[1, {\"b\": \"}\"}];");
	check("[1,\"]\\\"\",{\"a\":[]},null]",
	      "=1;=\"]\\\"\";={\"a\":[]};=null;");
	check("{\"a\\\\\":\"\\\\\"}", "\"a\\\\\"=\"\\\\\";");
	/* What is in a part is for others to judge. */
	check("{\"a\":[1,],\"b\":tru,\"c\":{]}",
	      "\"a\"=[1,];\"b\"=tru;\"c\"={];");
}

static void test_mistakes(void **state)
{
	(void)state;
	check("", "line 1, column 1: expected '{' or '['");
	check("x", "line 1, column 1: expected '{' or '['");
	check("{", "line 1, column 2: expected a key in quotes");
	check("[", "line 1, column 2: expected a value");
	check("[1", "=1;line 1, column 3: expected ',' or ']'");
	check("{\"a\"}", "line 1, column 5: expected ':' after the key");
	check("{\"a", "line 1, column 2: what begins here does not end");
	check("{\"a\":\"b\\\"", "line 1, column 6: what begins here does not "
				"end");
	check("{\"a\":\n{[}",
	      "line 2, column 1: what begins here does not end");
	check("{\"a\":1,}", "\"a\"=1;line 1, column 8: expected a key in "
			    "quotes");
	check("{\"a\":1 \"b\":2}", "\"a\"=1;line 1, column 8: expected ',' or "
				   "'}'");
	check("{\"a\":}", "line 1, column 6: expected a value");
	check("{\"\xc3\xa4\":1} x", "\"\xc3\xa4\"=1;line 1, column 9: nothing "
				    "may follow the end");
	check("[1}", "=1;line 1, column 3: expected ',' or ']'");
}

static void test_nul_bytes(void **state)
{
	(void)state;
	static const char text[] = "{\"a\":1\0}";
	static const char behind[] = "[1]\0";
	struct json_cut cut;
	struct json_part part;
	struct err err;

	assert_int_equal(json_cut_begin(&cut, (struct slice){ text, 8 }, &err),
			 0);
	assert_int_equal(json_cut_next(&cut, &part, &err), 1);
	assert_int_equal(part.value.len, 2);
	assert_int_equal(
	    json_cut_begin(&cut, (struct slice){ behind, 4 }, &err), 0);
	assert_int_equal(json_cut_next(&cut, &part, &err), 1);
	assert_int_equal(json_cut_next(&cut, &part, &err), E_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts_are_as_written),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_nul_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
