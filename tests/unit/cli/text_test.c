#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/csv.h"
#include "cli/exit_code.h"
#include "cli/form.h"
#include "cli/text.h"

#define SECOND INT64_C(1000000)

static void check(struct buf *text, const char *expected)
{
	buf_put_byte(text, '\0');
	assert_string_equal(text->data, expected);
	buf_fini(text);
}

static void check_duration(int64_t us, const char *expected)
{
	struct buf text = { 0 };

	text_put_duration(&text, us);
	check(&text, expected);
}

static void test_durations(void **state)
{
	(void)state;
	check_duration(-5, "0.0ms");
	check_duration(0, "0.0ms");
	check_duration(999, "0.9ms");
	check_duration(1000, "1ms");
	check_duration(999999, "999ms");
	check_duration(SECOND, "1.0s");
	check_duration(59 * SECOND + 999999, "59.9s");
	check_duration(60 * SECOND, "1m");
	check_duration(200 * SECOND, "3m 20s");
	check_duration(3600 * SECOND, "1h");
	check_duration(2 * 3600 * SECOND + 5 * 60 * SECOND, "2h 5m");
	check_duration(86400 * SECOND, "1d");
	check_duration(3 * 86400 * SECOND + 4 * 3600 * SECOND, "3d 4h");
}

static void check_size(uint64_t bytes, const char *expected)
{
	struct buf text = { 0 };

	text_put_size(&text, bytes);
	check(&text, expected);
}

static void test_sizes(void **state)
{
	(void)state;
	check_size(0, "0 B");
	check_size(1023, "1023 B");
	check_size(1024, "1.0 KiB");
	check_size(1536 * UINT64_C(1024), "1.5 MiB");
	check_size(UINT64_C(3) << 50, "3072.0 TiB");
}

static void check_age(int64_t then_us, const char *expected)
{
	struct buf text = { 0 };

	text_put_age(&text, then_us, 1000 * SECOND);
	check(&text, expected);
}

static void test_ages(void **state)
{
	(void)state;
	check_age(1000 * SECOND, "0s ago");
	check_age(988 * SECOND, "12s ago");
	check_age(700 * SECOND, "5m ago");
	check_age(1300 * SECOND, "in 5m");
}

static void check_clean(struct slice given, const char *expected)
{
	struct buf text = { 0 };

	text_put_clean(&text, given);
	check(&text, expected);
}

static void test_nothing_drives_the_terminal(void **state)
{
	(void)state;
	check_clean(SLICE("plain — 日本"), "plain — 日本");
	check_clean(SLICE("\033[31mred"), "\\x1b[31mred");
	check_clean(SLICE("a\nb\tc\x7f"), "a\\x0ab\\x09c\\x7f");
	check_clean(SLICE("\xc2\x9b"
			  "31m"),
		    "\\x9b31m");
	check_clean(SLICE("\xe2\x80\xae"
			  "abc"),
		    "\\u202eabc");
	check_clean(SLICE("\xff\xfe"), "\\xff\\xfe");
	check_clean(SLICE("\xef\xbf\xbd"), "\xef\xbf\xbd");
}

static void test_lines(void **state)
{
	struct slice text = SLICE("one\r\n\ntwo");
	struct slice line;

	(void)state;
	assert_true(text_next_line(&text, &line));
	assert_true(slice_is(line, "one"));
	assert_true(text_next_line(&text, &line));
	assert_int_equal(line.len, 0);
	assert_true(text_next_line(&text, &line));
	assert_true(slice_is(line, "two"));
	assert_false(text_next_line(&text, &line));
}

static void check_csv(struct value value, const char *expected)
{
	struct buf text = { 0 };

	csv_put_value(&text, &value);
	value_clear(&value);
	check(&text, expected);
}

static void test_csv(void **state)
{
	struct value map = value_map();

	(void)state;
	value_set(&map, "a", value_text("b,c"));
	check_csv(value_null(), "");
	check_csv(value_int(-3), "-3");
	check_csv(value_bool(true), "true");
	check_csv(value_text("plain"), "plain");
	check_csv(value_text("a,b"), "\"a,b\"");
	check_csv(value_text("say \"hi\""), "\"say \"\"hi\"\"\"");
	check_csv(value_text("two\nlines"), "\"two\nlines\"");
	check_csv(map, "\"{\"\"a\"\":\"\"b,c\"\"}\"");
}

static void test_forms(void **state)
{
	unsigned allowed = FORM_BIT(FORM_TEXT) | FORM_BIT(FORM_JSON);
	enum form form;
	struct err err;

	(void)state;
	assert_int_equal(form_parse(SLICE("json"), allowed, &form, &err), 0);
	assert_int_equal(form, FORM_JSON);
	assert_int_equal(form_parse(SLICE("jsn"), allowed, &form, &err),
			 E_INVALID);
	assert_string_equal(err.msg,
			    "unknown form 'jsn'; did you mean 'json'?");
	assert_int_equal(form_parse(SLICE("csv"), allowed, &form, &err),
			 E_INVALID);
	assert_string_equal(err.msg,
			    "there is no form 'csv' here, only: text, json");
}

/* What the exit codes promise to scripts. */
static void test_exit_codes_of_errors(void **state)
{
	(void)state;
	assert_int_equal(exit_code_of_error(0), 0);
	assert_int_equal(exit_code_of_error(E_INVALID), 2);
	assert_int_equal(exit_code_of_error(E_TOO_BIG), 2);
	assert_int_equal(exit_code_of_error(E_NOT_FOUND), 3);
	assert_int_equal(exit_code_of_error(E_TIMEOUT), 4);
	assert_int_equal(exit_code_of_error(E_UNREACHABLE), 5);
	assert_int_equal(exit_code_of_error(E_BUSY), 5);
	assert_int_equal(exit_code_of_error(E_FULL), 5);
	assert_int_equal(exit_code_of_error(E_VERSION), 5);
	assert_int_equal(exit_code_of_error(E_CONFLICT), 6);
	assert_int_equal(exit_code_of_error(E_UNCHANGED), 6);
#define X(name, number, text) assert_true(exit_code_of_error(name) >= 2);
	ERR_MAP(X)
#undef X
}

static void test_exit_codes_of_runs(void **state)
{
	static const int codes[GROUP_STATES] = {
		[GROUP_PENDING] = 4,   [GROUP_RUNNING] = 4,
		[GROUP_WAITING] = 4,   [GROUP_CANCELLING] = 4,
		[GROUP_SUCCEEDED] = 0, [GROUP_DEGRADED] = 0,
		[GROUP_FAILED] = 1,    [GROUP_CANCELLED] = 7,
		[GROUP_SKIPPED] = 0,
	};

	(void)state;
	for (int i = 0; i < GROUP_STATES; i++) {
		assert_int_equal(exit_code_of_state((enum group_state)i),
				 codes[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_ages),
		cmocka_unit_test(test_nothing_drives_the_terminal),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_csv),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_exit_codes_of_errors),
		cmocka_unit_test(test_exit_codes_of_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
