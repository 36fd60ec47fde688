#include "document_test.h"

#include <float.h>

static struct value number(const char *json)
{
	struct value value = from_json(json);

	assert_true(value_is_number(&value));
	return value;
}

static void test_exact_order(void **state)
{
	(void)state;
	/* Each is less than the next. */
	static const char *const rising[] = {
		"-1.7976931348623157e308",
		"-9223372036854777856.0",
		"-9223372036854775808",
		"-9223372036854775807",
		"-9007199254740993",
		"-9007199254740992.0",
		"-1.5",
		"-1",
		"-0.5",
		"0",
		"5e-324",
		"0.1",
		"1",
		"1.0000000000000002",
		"2",
		"9007199254740992.0",
		"9007199254740993",
		"9007199254740994.0",
		"9223372036854775807",
		"9223372036854775808",
		"9223372036854775809",
		"9223372036854777856.0",
		"18446744073709549568.0",
		"18446744073709551615",
		"18446744073709551616.0",
		"1e300",
	};

	for (size_t i = 0; i < COUNT(rising); i++) {
		for (size_t j = 0; j < COUNT(rising); j++) {
			struct value a = number(rising[i]);
			struct value b = number(rising[j]);
			int order = value_compare_numbers(&a, &b);

			assert_int_equal((order > 0) - (order < 0),
					 (i > j) - (i < j));
			assert_int_equal(value_equal(&a, &b), i == j);
		}
	}
}

static void test_equal_across_types(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {
		{ "0", "-0.0" },
		{ "1", "1.0" },
		{ "-9223372036854775808", "-9223372036854775808.0" },
		{ "9223372036854775808", "9223372036854775808.0" },
		{ "1e3", "1000" },
	};

	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct value a = number(pairs[i][0]);
		struct value b = number(pairs[i][1]);

		assert_int_equal(value_compare_numbers(&a, &b), 0);
		assert_int_equal(value_compare_numbers(&b, &a), 0);
	}
}

static void test_as_double(void **state)
{
	(void)state;
	struct value text = value_text("5");
	struct value big = value_uint(UINT64_MAX);
	struct value small = value_int(-3);
	struct value half = value_double(0.5);

	assert_true(value_as_double(&big) == 18446744073709551616.0);
	assert_true(value_as_double(&small) == -3.0);
	assert_true(value_as_double(&half) == 0.5);
	assert_true(value_as_double(&text) == 0.0);
	assert_false(value_is_number(&text));
	assert_int_equal(value_compare_numbers(&text, &small), 0);
	value_clear(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exact_order),
		cmocka_unit_test(test_equal_across_types),
		cmocka_unit_test(test_as_double),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
