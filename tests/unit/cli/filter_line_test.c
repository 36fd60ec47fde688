#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/filter_line.h"
#include "cli/line_input.h"
#include "document/json.h"

static void check_with(const struct filter_line_options *options, bool too_long,
		       const char *line, const char *expected)
{
	struct buf out = { 0 };

	filter_line_answer(&out, slice_of(line), 3, too_long, options);
	buf_put_byte(&out, '\0');
	assert_string_equal(out.data, expected);
	buf_fini(&out);
}

static void check(const char *line, const char *expected)
{
	struct filter_line_options options = { 0 };

	check_with(&options, false, line, expected);
}

static void test_answers(void **state)
{
	(void)state;
	check("{\"name\":1,\"filter\":{\"a\":[1]},\"attributes\":{\"a\":1.0}}",
	      "{\"name\":1,\"match\":true}");
	check("{\"attributes\":{\"a\":2},\"filter\":{\"a\":[1]}}",
	      "{\"name\":null,\"match\":false}");
	check("{\"name\":\"x\",\"filter_text\":\"{\\\"a\\\":[1]}\"}",
	      "{\"name\":\"x\",\"match\":false}");
	check("{\"n\\u0061me\":5}", "{\"name\":5,\"match\":true}");
	/* The caller's own members mean nothing, but are JSON. */
	check("{\"tags\":{\"a\":1,\"a\":2},\"name\":[],\"match\":false,"
	      "\"error\":1,\"src\":2,\"scope\":3,\"combinations\":4,"
	      "\"sns_accepts\":5,\"reason\":6,\"\":7}",
	      "{\"name\":[],\"match\":true}");
}

static void test_mistakes(void **state)
{
	(void)state;
	check("{\"name\":1,\"filter\":{\"a\":1}}",
	      "{\"name\":1,\"error\":\"filter.a: expected a list of "
	      "alternatives or a map, found number\"}");
	check("{\"name\":1,\"attributes\":{\"a\":tru}}",
	      "{\"name\":1,\"error\":\"line 3, column 31: invalid token near "
	      "'tru'\"}");
	check("{\"name\":1,\"match\":[1,]}",
	      "{\"name\":1,\"error\":\"line 3, column 22: unexpected token "
	      "near ']'\"}");
	check("{\"name\":1,\"filter_text\":5}",
	      "{\"name\":1,\"error\":\"filter_text: expected a string, found "
	      "number\"}");
	check("{\"name\":1,\"filter_text\":\"{\\\"a\\\":\\n[}\"}",
	      "{\"name\":1,\"error\":\"filter_text: line 2, column 2: "
	      "unexpected token near '}'\"}");
	check("{\"name\":[1,\"filter\":{}",
	      "{\"name\":null,\"error\":\"line 3, column 9: what begins here "
	      "does not end\"}");
}

static void test_unknown_members(void **state)
{
	(void)state;
	check("{\"filters\":{\"a\":[1]},\"name\":7}",
	      "{\"name\":7,\"error\":\"line 3, column 2: unknown member "
	      "'filters'; did you mean 'filter'?\"}");
	check("{\"name\":7, \"Attributes\":{},\"nmae\":1}",
	      "{\"name\":7,\"error\":\"line 3, column 12: unknown member "
	      "'Attributes'; did you mean 'attributes'?\"}");
	/* What is no JSON says more. */
	check("{\"filters\":1,\"match\":[1,]}",
	      "{\"name\":null,\"error\":\"line 3, column 25: unexpected "
	      "token near ']'\"}");
}

static void test_too_long(void **state)
{
	(void)state;
	struct filter_line_options options = { 0 };

	check_with(&options, true, "{\"name\":\"x\",\"attributes\":{\"a\":",
		   "{\"name\":\"x\",\"error\":\"line 3: longer than the limit "
		   "of 4194304 bytes\"}");
	check_with(&options, true, "{\"name\":\"x",
		   "{\"name\":null,\"error\":\"line 3: longer than the limit "
		   "of 4194304 bytes\"}");
}

static void test_options(void **state)
{
	(void)state;
	struct filter_line_options sns = {
		.limits = FILTER_LIMITS_SNS_ATTRIBUTES,
	};
	struct filter_line_options why = { .explain = true };
	struct buf out = { 0 };

	check_with(&sns, false, "{\"filter\":{\"a\":[1]}}",
		   "{\"name\":null,\"match\":false}");
	filter_line_answer(&out, SLICE("{\"filter\":{\"a\":{\"b\":[1]}}}"), 1,
			   false, &sns);
	buf_put_byte(&out, '\0');
	assert_non_null(strstr(out.data, "\"error\":\"filter"));
	buf_fini(&out);
	check_with(&why, false, "{\"filter\":{}}",
		   "{\"name\":null,\"match\":true}");
	filter_line_answer(&out, SLICE("{\"filter\":{\"a\":[1]}}"), 1, false,
			   &why);
	buf_put_byte(&out, '\0');
	assert_non_null(strstr(out.data, "\"match\":false,\"why\":\""));
	buf_fini(&out);
}

/* Whatever comes, the answer is one line of JSON. */
static void test_cut_anywhere(void **state)
{
	(void)state;
	static const char line[] =
	    "{\"name\":{\"\xc3\xa4\":[1]},\"filter\":{\"a\":[{\"prefix\":"
	    "\"\\u00e4\"},null]},\"attributes\":{\"a\":[\"x\",{\"b\":1e3}]}}";
	struct filter_line_options options = { .explain = true };

	for (size_t len = 0; len < sizeof(line); len++) {
		for (size_t from = 0; from < len; from += 7) {
			struct buf out = { 0 };
			struct value value;
			struct slice part = { line + from, len - from };

			filter_line_answer(&out, part, 1, false, &options);
			assert_null(memchr(out.data, '\n', out.len));
			assert_int_equal(
			    json_read(buf_slice(&out), NULL, &value, NULL), 0);
			assert_non_null(value_get(&value, "name"));
			assert_true(from > 0 || !value_get(&value, "error") ==
						    (len == sizeof(line) - 1));
			value_clear(&value);
			buf_fini(&out);
		}
	}
}

static void test_lines_of_a_stream(void **state)
{
	(void)state;
	char text[] = "one\n\nthree is long\nfour5\nlast";
	struct line_input input = {
		.stream = fmemopen(text, sizeof(text) - 1, "r"),
		.limit = 5,
	};
	static const char *const expected[] = { "one", "", "three", "four5",
						"last" };

	assert_non_null(input.stream);
	for (size_t i = 0; i < 5; i++) {
		assert_true(line_input_next(&input));
		assert_true(slice_is(buf_slice(&input.line), expected[i]));
		assert_int_equal(input.number, i + 1);
		assert_int_equal(input.too_long, i == 2);
	}
	assert_false(line_input_next(&input));
	line_input_fini(&input);
	(void)fclose(input.stream);
}

static void test_blank(void **state)
{
	(void)state;
	char text[] = "\n \t\r\n x\n\0\n     \n";
	const bool expected[] = { true, true, false, false, false };
	struct line_input input = {
		.stream = fmemopen(text, sizeof(text) - 1, "r"),
		.limit = 4,
	};

	/* The last one is too long to tell. */
	for (size_t i = 0; i < 5; i++) {
		assert_true(line_input_next(&input));
		assert_int_equal(line_input_blank(&input), expected[i]);
	}
	assert_false(line_input_next(&input));
	line_input_fini(&input);
	(void)fclose(input.stream);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_unknown_members),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_lines_of_a_stream),
		cmocka_unit_test(test_blank),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
