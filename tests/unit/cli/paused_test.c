/* Who holds a run back, and how that is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/json_run.h"
#include "cli/paused.h"
#include "document/json.h"
#include "run_fixture.h"

static struct pause_record pauses[3];
static struct transition_record transitions[4];
static struct run_record running;

static struct transition_record by(enum object_kind kind, const char *actor,
				   int64_t time_us)
{
	return (struct transition_record){
		.kind = kind,
		.reason = REASON_PAUSED,
		.actor = slice_of(actor),
		.time_us = time_us,
	};
}

static int set_up(void **state)
{
	static const char *const workflows[] = { "", "Demo", "Other" };
	static const char *const actors[] = { "operator uid 1",
					      "operator uid 2",
					      "operator uid 3" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		pauses[i].workflow = slice_of(workflows[i]);
		pauses[i].actor = slice_of(actors[i]);
	}
	transitions[0] = by(OBJECT_RUN, "operator uid 4", 1);
	transitions[1] = by(OBJECT_RUN, "operator uid 5", 2);
	transitions[2] = by(OBJECT_TASK, "operator uid 6", 3);
	transitions[3] = by(OBJECT_RUN, "engine", 4);
	running = (struct run_record){
		.workflow = SLICE("Demo"),
		.state = GROUP_RUNNING,
	};
	return 0;
}

static void assert_paused(const struct paused *paused, const char *scope,
			  const char *actor)
{
	assert_string_equal(paused->scope, scope);
	assert_true(slice_is(paused->actor, actor));
}

static void the_widest_counts(void **state)
{
	struct pause_list all = { .pauses = pauses, .len = 3 };
	struct pause_list some = { .pauses = pauses + 1, .len = 2 };
	struct pause_list other = { .pauses = pauses + 2, .len = 1 };
	struct history_list history = { .transitions = transitions, .len = 4 };
	struct run_record run = running;
	struct paused paused = paused_of(&run, &other, &history);

	(void)state;
	assert_null(paused.scope);
	run.paused = true;
	paused = paused_of(&run, &all, &history);
	assert_paused(&paused, "all", "operator uid 1");
	paused = paused_of(&run, &some, &history);
	assert_paused(&paused, "workflow", "operator uid 2");
	paused = paused_of(&run, &other, &history);
	assert_paused(&paused, "run", "operator uid 5");
	assert_int_equal(paused.since_us, 2);
	paused = paused_of(&run, &other, NULL);
	assert_paused(&paused, "run", "");
}

static void what_ends_is_not_held_back(void **state)
{
	struct pause_list all = { .pauses = pauses, .len = 3 };
	struct run_record run = running;

	(void)state;
	run.paused = true;
	run.state = GROUP_FAILED;
	assert_null(paused_of(&run, &all, NULL).scope);
	run.state = GROUP_CANCELLING;
	run.cancel_requested = true;
	assert_null(paused_of(&run, &all, NULL).scope);
}

static void check_words(const struct paused *paused, const char *expected)
{
	struct buf text = { 0 };

	paused_put(&text, paused, FIXTURE_NOW);
	buf_put_byte(&text, '\0');
	assert_string_equal(text.data, expected);
	buf_fini(&text);
}

static void words(void **state)
{
	struct paused paused = {
		.scope = "workflow",
		.actor = SLICE("operator uid 2"),
		.since_us = FIXTURE_NOW - 60000 * FIXTURE_MS,
	};

	(void)state;
	check_words(&paused,
		    "its workflow is paused by operator uid 2, 1m ago");
	paused.scope = "all";
	paused.since_us = 0;
	check_words(&paused, "all runs are paused by operator uid 2");
	paused = (struct paused){ .scope = "run" };
	check_words(&paused, "paused");
}

static void documents(void **state)
{
	struct paused paused = { .scope = "run" };
	struct paused none = { 0 };
	struct value value = paused_to_value(&none);
	struct buf text = { 0 };

	(void)state;
	assert_int_equal(value.type, VALUE_NULL);
	value = paused_to_value(&paused);
	json_write(&text, &value, JSON_COMPACT);
	buf_put_byte(&text, '\0');
	assert_string_equal(text.data,
			    "{\"scope\":\"run\",\"by\":null,\"since\":null}");
	buf_fini(&text);
	value_clear(&value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_widest_counts),
		cmocka_unit_test(what_ends_is_not_held_back),
		cmocka_unit_test(words),
		cmocka_unit_test(documents),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
