/* What an ended run is of when it goes on with a newer definition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/alloc.h"
#include "model/definition.h"

/* "a=1 b=2": activities with a deadline of so many milliseconds. */
static struct definition *make(const char *text, int64_t deadline_ms)
{
	size_t len = (strlen(text) + 1) / 4;
	struct activity_definition *activities =
	    alloc_zeroed(len, sizeof(*activities));

	for (size_t i = 0; i < len; i++) {
		activities[i].name =
		    slice_dup((struct slice){ text + 4 * i, 1 });
		activities[i].deadline_ms = text[4 * i + 2] - '0';
	}
	return definition_make("w", activities, len, deadline_ms);
}

static void assert_extended(const char *old_text, size_t reached,
			    const char *newest_text, const char *expected_text)
{
	struct definition *old = make(old_text, 1);
	struct definition *newest = make(newest_text, 2);
	struct definition *expected = make(expected_text, 2);
	struct definition *extended;

	assert_int_equal(
	    definition_extend(old, reached, newest, &extended, NULL), 0);
	assert_memory_equal(extended->hash, expected->hash,
			    DEFINITION_HASH_SIZE);
	definition_unref(old);
	definition_unref(newest);
	definition_unref(expected);
	definition_unref(extended);
}

static void new_ones_follow(void **arg)
{
	(void)arg;
	assert_extended("a=1 b=1", 2, "a=1 b=1 c=1", "a=1 b=1 c=1");
	assert_extended("a=1 b=1", 2, "a=1 c=1 b=1", "a=1 b=1 c=1");
	assert_extended("a=1 b=1", 2, "c=1 b=1 a=1", "a=1 b=1 c=1");
	assert_extended("a=1", 0, "b=1 a=1", "b=1 a=1");
}

static void all_are_as_they_are_now(void **arg)
{
	(void)arg;
	assert_extended("a=1 b=1", 2, "a=2 b=3", "a=2 b=3");
}

/* What the run has not come to may go, move and change. */
static void only_what_was_reached_counts(void **arg)
{
	(void)arg;
	assert_extended("a=1 b=1 c=1", 1, "a=1 c=1", "a=1 c=1");
	assert_extended("a=1 b=1 c=1", 1, "c=1 b=1 a=1", "a=1 c=1 b=1");
	assert_extended("a=1 b=1 c=1", 2, "a=1 b=1", "a=1 b=1");
}

static void what_was_reached_must_be_there(void **arg)
{
	struct definition *old = make("a=1 b=1 c=1", 0);
	struct definition *newest = make("a=1 c=1", 0);
	struct definition *extended = NULL;
	struct err err = { 0 };

	(void)arg;
	assert_int_equal(definition_extend(old, 2, newest, &extended, &err),
			 E_CONFLICT);
	assert_string_equal(err.msg, "the run has been through activity 'b', "
				     "which workflow 'w' no longer has");
	assert_null(extended);
	definition_unref(old);
	definition_unref(newest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_ones_follow),
		cmocka_unit_test(all_are_as_they_are_now),
		cmocka_unit_test(only_what_was_reached_counts),
		cmocka_unit_test(what_was_reached_must_be_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
