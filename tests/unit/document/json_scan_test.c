#include "document_test.h"

#include "document/json_scan.h"

static const struct document_limits some = { 1000, 10, 20 };

static void test_finds_big_integers(void **state)
{
	(void)state;
	struct slice text = SLICE("{\"a\": [9223372036854775807, "
				  "9223372036854775808], "
				  "\"9223372036854775809\": "
				  "18446744073709551615}");
	struct json_scan scan;

	assert_int_equal(json_scan(text, &some, &scan, NULL), 0);
	assert_int_equal(scan.len, 2);
	assert_int_equal(scan.bigs[0].ordinal, 3);
	assert_int_equal(scan.bigs[0].len, 19);
	assert_true(scan.bigs[0].number.as.unsigned_integer ==
		    (uint64_t)INT64_MAX + 1);
	assert_int_equal(text.ptr[scan.bigs[0].offset], '9');
	assert_int_equal(scan.bigs[1].ordinal, 4);
	assert_true(scan.bigs[1].number.as.unsigned_integer == UINT64_MAX);
	json_scan_fini(&scan);
}

static void test_strings_hide_everything(void **state)
{
	(void)state;
	struct document_limits one = { 1000, 0, 1 };
	struct json_scan scan;

	assert_int_equal(
	    json_scan(SLICE("\"[{\\\"[1,2,3]\\\\\""), &one, &scan, NULL), 0);
	json_scan_fini(&scan);
	/* An open string ends with the text, not behind it. */
	assert_int_equal(json_scan(SLICE("\"\\"), &one, &scan, NULL), 0);
	json_scan_fini(&scan);
}

static void test_limits(void **state)
{
	(void)state;
	struct document_limits tight = { 8, 2, 3 };
	static const struct {
		const char *text;
		int code;
	} cases[] = {
		{ "[[1]]", 0 },
		{ "[[[]]]", E_TOO_BIG },
		{ "[1,2]", 0 },
		{ "[1,2,3]", E_TOO_BIG },
		{ "[[],[]]", 0 },
		{ "        ", 0 },
		{ "         ", E_TOO_BIG },
		{ "]]]]", 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct json_scan scan;

		assert_int_equal(
		    json_scan(slice_of(cases[i].text), &tight, &scan, NULL),
		    cases[i].code);
		json_scan_fini(&scan);
	}
}

static void test_without_memory(void **state)
{
	(void)state;
	struct json_scan scan;
	struct err err;

	alloc_fail_after(1);
	assert_int_equal(
	    json_scan(SLICE("[18446744073709551615]"), &some, &scan, &err),
	    E_NO_MEMORY);
	alloc_fail_after(0);
	json_scan_fini(&scan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds_big_integers),
		cmocka_unit_test(test_strings_hide_everything),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
