/* The tables against the drawings in state.h, pair by pair. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/state.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct row {
	const char *from;
	bool final;
	const char *to; /* every state that may follow, between spaces */
};

static const struct row tasks[] = {
	{ "pending", false, " queued running failed skipped cancelled " },
	{ "queued", false, " running failed skipped cancelled " },
	{ "running", false,
	  " pending queued running waiting retrying succeeded failed "
	  "cancelled " },
	{ "waiting", false, " queued running failed cancelled " },
	{ "retrying", false, " queued running failed cancelled " },
	{ "succeeded", true, " " },
	{ "failed", true, " " },
	{ "skipped", true, " " },
	{ "cancelled", true, " " },
};

static const struct row groups[] = {
	{ "pending", false,
	  " running cancelling succeeded degraded failed cancelled skipped " },
	{ "running", false,
	  " waiting cancelling succeeded degraded failed cancelled " },
	{ "waiting", false,
	  " running cancelling succeeded degraded failed cancelled " },
	{ "cancelling", false, " succeeded degraded failed cancelled " },
	{ "succeeded", true, " " },
	{ "degraded", true, " " },
	{ "failed", true, " " },
	{ "cancelled", true, " " },
	{ "skipped", true, " " },
};

static bool follows(const struct row *row, const char *name)
{
	char word[32] = " ";

	strcat(word, name);
	strcat(word, " ");
	return strstr(row->to, word) != NULL;
}

static void task_pairs(void **arg)
{
	(void)arg;
	assert_int_equal(COUNT(tasks), TASK_STATES);
	for (enum task_state from = 0; from < TASK_STATES; from++) {
		for (enum task_state to = 0; to < TASK_STATES; to++) {
			assert_int_equal(task_state_allowed(from, to),
					 follows(&tasks[from], tasks[to].from));
		}
	}
}

static void group_pairs(void **arg)
{
	(void)arg;
	assert_int_equal(COUNT(groups), GROUP_STATES);
	for (enum group_state from = 0; from < GROUP_STATES; from++) {
		for (enum group_state to = 0; to < GROUP_STATES; to++) {
			assert_int_equal(
			    group_state_allowed(from, to),
			    follows(&groups[from], groups[to].from));
		}
	}
}

static void task_names_and_ends(void **arg)
{
	(void)arg;
	for (enum task_state state = 0; state < TASK_STATES; state++) {
		const char *name = task_state_name(state);

		assert_string_equal(name, tasks[state].from);
		assert_int_equal(task_state_parse(slice_of(name)), state);
		assert_int_equal(task_state_final(state), tasks[state].final);
	}
	assert_int_equal(task_state_parse(SLICE("degraded")), -1);
	assert_int_equal(task_state_parse(SLICE("")), -1);
}

static void group_names_and_ends(void **arg)
{
	(void)arg;
	for (enum group_state state = 0; state < GROUP_STATES; state++) {
		const char *name = group_state_name(state);

		assert_string_equal(name, groups[state].from);
		assert_int_equal(group_state_parse(slice_of(name)), state);
		assert_int_equal(group_state_final(state), groups[state].final);
	}
	assert_int_equal(group_state_parse(SLICE("retrying")), -1);
	assert_int_equal(group_state_parse(SLICE("Pending")), -1);
}

static void phase_names(void **arg)
{
	static const char *const names[] = { "pre", "parallel", "post" };

	(void)arg;
	assert_int_equal(COUNT(names), PHASE_KINDS);
	for (enum phase_kind phase = 0; phase < PHASE_KINDS; phase++) {
		assert_string_equal(phase_kind_name(phase), names[phase]);
		assert_int_equal(phase_kind_parse(slice_of(names[phase])),
				 phase);
	}
	assert_int_equal(phase_kind_parse(SLICE("undo")), -1);
}

static void run_on_names(void **arg)
{
	static const char *const names[] = { "success", "failure", "always" };

	(void)arg;
	assert_int_equal(COUNT(names), RUN_ON_KINDS);
	for (enum run_on run_on = 0; run_on < RUN_ON_KINDS; run_on++) {
		assert_string_equal(run_on_name(run_on), names[run_on]);
		assert_int_equal(run_on_parse(slice_of(names[run_on])), run_on);
	}
	assert_int_equal(run_on_parse(SLICE("never")), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(task_pairs),
		cmocka_unit_test(group_pairs),
		cmocka_unit_test(task_names_and_ends),
		cmocka_unit_test(group_names_and_ends),
		cmocka_unit_test(phase_names),
		cmocka_unit_test(run_on_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
