/* Histograms, against exact percentiles of the same data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/histogram.h"

#define COUNT 20000

static struct histogram histogram;
static uint64_t values[COUNT];
static uint64_t seed;

static uint64_t dice(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static int begin(void **state)
{
	(void)state;
	histogram = (struct histogram){ 0 };
	seed = UINT64_C(88172645463325252);
	return 0;
}

static int compare(const void *a, const void *b)
{
	const uint64_t *one = a;
	const uint64_t *other = b;

	return *one < *other ? -1 : *one > *other;
}

/* The smallest value that so many of a thousand do not exceed. */
static uint64_t exact(size_t count, unsigned per_mille)
{
	size_t rank = (count * per_mille + 999) / 1000;

	return values[rank > 0 ? rank - 1 : 0];
}

static void check_quantiles(size_t count)
{
	static const unsigned asked[] = { 0,   1,   10,  250, 500,
					  750, 900, 990, 999, 1000 };

	qsort(values, count, sizeof(*values), compare);
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		double right = (double)exact(count, asked[i]);
		double got = (double)histogram_quantile(&histogram, asked[i]);
		double off = got > right ? got - right : right - got;

		if (off > right * HISTOGRAM_ERROR) {
			fail_msg("%u per mille of %zu: %f, not %f", asked[i],
				 count, got, right);
		}
	}
	assert_int_equal(histogram_quantile(&histogram, 1000),
			 values[count - 1]);
}

/* Of every size up to the range, many more small ones than large ones. */
static void test_random_data(void **state)
{
	static const size_t counts[] = { 1, 2, 3, 10, 99, 1000, COUNT };

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		histogram_clear(&histogram);
		for (size_t j = 0; j < counts[i]; j++) {
			unsigned bits =
			    (unsigned)(dice() % HISTOGRAM_RANGE_BITS);

			values[j] = dice() & ((UINT64_C(2) << bits) - 1);
			histogram_add(&histogram, values[j]);
		}
		assert_int_equal(histogram.count, counts[i]);
		check_quantiles(counts[i]);
	}
}

/* At each power of two and beside it. */
static void test_edges(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits < HISTOGRAM_RANGE_BITS; bits++) {
		for (int beside = -1; beside <= 1; beside++) {
			uint64_t value =
			    (UINT64_C(1) << bits) + (uint64_t)beside;

			histogram_clear(&histogram);
			values[0] = value;
			values[1] = value;
			values[2] = UINT64_C(1) << HISTOGRAM_RANGE_BITS;
			for (int i = 0; i < 3; i++) {
				histogram_add(&histogram, values[i]);
			}
			qsort(values, 3, sizeof(*values), compare);
			double off =
			    (double)histogram_quantile(&histogram, 500) -
			    (double)value;

			assert_true(off <= (double)value * HISTOGRAM_ERROR);
			assert_true(-off <= (double)value * HISTOGRAM_ERROR);
		}
	}
}

static void test_small_values_are_exact(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 2 * HISTOGRAM_STEPS; i++) {
		values[i] = i;
		histogram_add(&histogram, i);
	}
	for (unsigned per_mille = 1; per_mille <= 1000; per_mille++) {
		assert_int_equal(histogram_quantile(&histogram, per_mille),
				 exact(2 * HISTOGRAM_STEPS, per_mille));
	}
}

static void test_beyond_the_range(void **state)
{
	(void)state;
	histogram_add(&histogram, UINT64_MAX / 2);
	histogram_add(&histogram, UINT64_MAX / 2);
	histogram_add(&histogram, 7);
	assert_int_equal(histogram_quantile(&histogram, 1000), UINT64_MAX / 2);
	assert_int_equal(histogram_quantile(&histogram, 300), 7);
	/* All that is known of what is in the last bucket. */
	assert_true(histogram_quantile(&histogram, 500) >=
		    UINT64_C(31) << (HISTOGRAM_RANGE_BITS - 5));
}

static void test_nothing(void **state)
{
	(void)state;
	assert_int_equal(histogram_quantile(&histogram, 500), 0);
	assert_int_equal(histogram_quantile(&histogram, 1000), 0);
	assert_int_equal(histogram_mean(&histogram), 0);
}

static void test_merged_is_as_if_added(void **state)
{
	static struct histogram one;
	static struct histogram other;

	(void)state;
	one = (struct histogram){ 0 };
	other = one;
	for (size_t i = 0; i < COUNT; i++) {
		uint64_t value = dice() >> (22 + dice() % 40);

		histogram_add(&histogram, value);
		histogram_add(i % 3 ? &one : &other, value);
	}
	histogram_merge(&one, &other);
	assert_memory_equal(&one, &histogram, sizeof(one));
	assert_int_equal(histogram_mean(&one), one.sum / COUNT);
	histogram_clear(&one);
	histogram_merge(&other, &one);
	histogram_merge(&one, &other);
	assert_memory_equal(&one, &other, sizeof(one));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_random_data, begin),
		cmocka_unit_test_setup(test_edges, begin),
		cmocka_unit_test_setup(test_small_values_are_exact, begin),
		cmocka_unit_test_setup(test_beyond_the_range, begin),
		cmocka_unit_test_setup(test_nothing, begin),
		cmocka_unit_test_setup(test_merged_is_as_if_added, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
