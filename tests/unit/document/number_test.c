#include "document_test.h"

#include <float.h>
#include <locale.h>

#include "document/number.h"

static void test_fewest_digits(void **state)
{
	(void)state;
	static const struct {
		double number;
		const char *text;
	} cases[] = {
		{ 0, "0.0" },
		{ -0.0, "-0.0" },
		{ 1, "1.0" },
		{ -1, "-1.0" },
		{ 0.1, "0.1" },
		{ 0.1 + 0.2, "0.30000000000000004" },
		{ 1e20, "1e+20" },
		{ 1e-7, "1e-07" },
		{ 5e-324, "5e-324" },
		{ 2.5e-320, "2.5e-320" },
		{ DBL_MIN, "2.2250738585072014e-308" },
		{ DBL_MAX, "1.7976931348623157e+308" },
		{ 123456789012345, "123456789012345.0" },
		{ 9007199254740993.0, "9007199254740992.0" },
		{ 3.141592653589793, "3.141592653589793" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[NUMBER_TEXT_SIZE];

		number_format(cases[i].number, text);
		assert_string_equal(text, cases[i].text);
	}
}

static void test_reads_back(void **state)
{
	(void)state;
	struct chance chance = { 7 };

	for (int i = 0; i < 20000; i++) {
		uint64_t bits = chance_next(&chance);
		char text[NUMBER_TEXT_SIZE];
		double number;
		double again;

		memcpy(&number, &bits, sizeof(number));
		if (number - number != 0) {
			continue;
		}
		number_format(number, text);
		assert_true(number_parse(slice_of(text), &again));
		assert_memory_equal(&number, &again, sizeof(number));
	}
}

static void test_parse(void **state)
{
	(void)state;
	static const char *const wrong[] = { "",       "x",   "1x",  "1e999",
					     "-1e999", "nan", "inf", "1,5" };
	struct buf many = { 0 };
	double number = 42;

	for (size_t i = 0; i < COUNT(wrong); i++) {
		assert_false(number_parse(slice_of(wrong[i]), &number));
		assert_true(number == 42);
	}
	buf_put_text(&many, "0.");
	for (int i = 0; i < 300; i++) {
		buf_put_text(&many, "5");
	}
	assert_true(number_parse(buf_slice(&many), &number));
	assert_true(number > 0.55 && number < 0.56);
	buf_fini(&many);
}

static void test_digits(void **state)
{
	(void)state;
	uint64_t number = 42;

	assert_false(number_parse_digits(SLICE(""), 10, &number));
	assert_false(number_parse_digits(SLICE("-1"), 10, &number));
	assert_false(number_parse_digits(SLICE("8"), 8, &number));
	assert_false(number_parse_digits(SLICE("fg"), 16, &number));
	assert_false(
	    number_parse_digits(SLICE("18446744073709551616"), 10, &number));
	assert_false(
	    number_parse_digits(SLICE("10000000000000000"), 16, &number));
	assert_int_equal(number, 42);
	assert_true(
	    number_parse_digits(SLICE("18446744073709551615"), 10, &number));
	assert_true(number == UINT64_MAX);
	assert_true(
	    number_parse_digits(SLICE("fFfFffffffffffff"), 16, &number));
	assert_true(number == UINT64_MAX);
	assert_true(number_parse_digits(SLICE("0017"), 8, &number));
	assert_int_equal(number, 15);
}

/* Where the machine has no such locale this shows nothing, but passes. */
static void test_locale_does_not_matter(void **state)
{
	(void)state;
	static const char *const names[] = { "de_DE.UTF-8", "fr_FR.UTF-8",
					     "de_DE", "C.UTF-8" };
	char text[NUMBER_TEXT_SIZE];
	double number;

	for (size_t i = 0; i < COUNT(names); i++) {
		(void)setlocale(LC_ALL, names[i]);
		number_format(1.5, text);
		assert_string_equal(text, "1.5");
		assert_true(number_parse(SLICE("1.5"), &number));
		assert_true(number == 1.5);
	}
	(void)setlocale(LC_ALL, "C");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fewest_digits),
		cmocka_unit_test(test_reads_back),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_digits),
		cmocka_unit_test(test_locale_does_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
