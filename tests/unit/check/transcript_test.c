/*
 * What is compared of two tasks, field by field.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <tutti/plugin.h>

#include "check/transcript.h"

static void complete(struct transcript *transcript, const char *message)
{
	transcript_complete(transcript, TUTTI_SUCCEEDED, slice_of(message),
			    SLICE("\x81\xa1"
				  "a\x01"),
			    SLICE(""), 0);
}

static void test_the_same_differs_in_nothing(void **state)
{
	struct transcript one = { .outcome = 0 };
	struct transcript other = { .outcome = 0 };

	(void)state;
	complete(&one, "done");
	complete(&other, "done");
	for (int field = 0; field < TRANSCRIPT_FIELDS; field++) {
		assert_false(transcript_differs(&one, &other,
						(enum transcript_field)field));
		assert_non_null(
		    transcript_field_name((enum transcript_field)field));
	}
	assert_string_equal(one.output, "{\"a\":1}");
	assert_null(one.patch);
	transcript_fini(&one);
	transcript_fini(&other);
}

static void test_each_field_is_seen(void **state)
{
	struct transcript one = { .outcome = 0 };
	struct transcript other = { .outcome = 0 };

	(void)state;
	complete(&one, "done");
	transcript_complete(&other, TUTTI_FAILED, SLICE("broken"), SLICE(""),
			    SLICE("\x80"), 0);
	transcript_progress(&other, 0.5, SLICE("half"));
	transcript_log(&other, 1, SLICE("line"));
	for (int field = 0; field < TRANSCRIPT_FIELDS; field++) {
		assert_true(transcript_differs(&one, &other,
					       (enum transcript_field)field));
	}
	transcript_fini(&one);
	transcript_fini(&other);
}

static void test_outcomes(void **state)
{
	struct transcript one = { .outcome = TUTTI_PARKED };
	struct transcript other = { .outcome = TUTTI_PARKED, .parked = true };

	(void)state;
	assert_true(transcript_differs(&one, &other, TRANSCRIPT_OUTCOME));
	one.parked = true;
	assert_false(transcript_differs(&one, &other, TRANSCRIPT_OUTCOME));
	one.given_back = true;
	assert_true(transcript_differs(&one, &other, TRANSCRIPT_OUTCOME));
	one.given_back = false;
	one.outcome = 99;
	assert_true(slice_is(transcript_field_text(&one, TRANSCRIPT_OUTCOME),
			     "unknown"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_same_differs_in_nothing),
		cmocka_unit_test(test_each_field_is_seen),
		cmocka_unit_test(test_outcomes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
