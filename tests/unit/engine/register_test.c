/* Registrations that are replaced, removed, put in quarantine, waited for. */
#include "world.h"

#define PIN_PRE            "[[\"S\", \"pre\", 0, false]]"
#define PIN_POST           "[[\"S\", \"post\", 0, false]]"
#define ONE_STEP           "{\"workflow\": \"w\", \"activities\": [{\"name\": \"S\"}]}"
#define BIND(plugin, name) "{\"plugin\": \"" plugin "\", \"as\": \"" name "\"}"
#define OPTIONAL(plugin, name)                                \
	"{\"plugin\": \"" plugin "\", \"as\": \"" name "\", " \
	"\"mandatory\": false}"
#define STEP(keys) \
	"{\"workflow\": \"w\", \"activities\": [{\"name\": \"A\", " keys "}]}"

static void assert_said(const struct world *world, const char *line)
{
	if (!strstr(world->reasons, line)) {
		fail_msg("no \"%s\" in:\n%s", line, world->reasons);
	}
}

static enum reason run_reason(const struct world *world, struct id id)
{
	return engine_run(world->engine, &id)->record.reason;
}

static const struct activity_record *activity_of(const struct world *world,
						 struct id id, uint32_t index)
{
	return &engine_run(world->engine, &id)->activities[index].record;
}

static void assert_waits(const struct world *world, struct id id,
			 enum reason reason)
{
	assert_string_equal(run_state(world, id), "waiting");
	assert_int_equal(run_reason(world, id), reason);
	assert_int_equal(activity_of(world, id, 0)->state, GROUP_WAITING);
	assert_int_equal(activity_of(world, id, 0)->reason, reason);
	assert_false(activity_of(world, id, 0)->phases[PHASE_PRE].opened);
}

/* ---- replacing ---- */

static void the_new_subscriptions_count(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 9, PIN_PRE);
	struct id before = world_start(world, ONE_STEP, "{}");

	assert_int_equal(world_register(world, "p", PIN_POST), 0);
	struct id after = world_start(world, ONE_STEP, "{}");
	const struct phase_record *phases =
	    activity_of(world, after, 0)->phases;

	assert_int_equal(phases[PHASE_PRE].expected, 0);
	assert_int_equal(phases[PHASE_POST].expected, 1);
	/* A run stays with those that were there when it began. */
	complete_delivery(world, &world->deliveries[0], COMPLETION_SUCCEEDED,
			  NULL, NULL, NULL, 0);
	phases = activity_of(world, before, 0)->phases;
	assert_int_equal(phases[PHASE_PRE].expected, 1);
	assert_int_equal(phases[PHASE_POST].expected, 0);
	assert_string_equal(run_state(world, before), "succeeded");
}

static void a_bad_filter_changes_nothing(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 9, PIN_PRE);
	assert_int_equal(
	    world_register(world, "p",
			   "[[\"S\", \"post\", 0, false], "
			   "[\"S\", \"post\", 0, false, {\"a\": 1}]]"),
	    E_INVALID);
	struct id run = world_start(world, ONE_STEP, "{}");
	const struct phase_record *phases = activity_of(world, run, 0)->phases;

	assert_int_equal(phases[PHASE_PRE].expected, 1);
	world_succeed(world, "p");
	assert_int_equal(phases[PHASE_POST].expected, 0);
	assert_string_equal(run_state(world, run), "succeeded");
}

static void others_at_the_door_stay(void **state)
{
	struct world *world = *state;

	world_plugin(world, "a", 9, PIN_PRE);
	world_plugin(world, "b", 9,
		     "[[\"S\", \"pre\", 0, false, {\"k\": [1]}]]");
	world_plugin(world, "c", 9, PIN_PRE);
	for (int i = 0; i < 50; i++) {
		assert_int_equal(
		    world_register(world, "a", i % 2 ? PIN_POST : "[]"), 0);
		assert_int_equal(
		    world_register(world, "b", i % 2 ? "[]" : PIN_PRE), 0);
	}
	struct id run = world_start(world, ONE_STEP, "{}");
	const struct phase_record *phases = activity_of(world, run, 0)->phases;

	assert_int_equal(phases[PHASE_PRE].expected, 1);
	assert_int_equal(phases[PHASE_PRE].filtered, 0);
	world_succeed(world, "c");
	assert_int_equal(phases[PHASE_POST].expected, 1);
	world_succeed(world, "a");
	assert_string_equal(run_state(world, run), "succeeded");
}

/* ---- removing ---- */

static int remove_plugin(struct world *world, const char *name)
{
	struct event event = { .kind = EVENT_REMOVE,
			       .as.remove = { slice_of(name) } };

	return world_step(world, &event);
}

static void what_is_in_hands_may_finish(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 1, "[]");
	struct id run = world_start_phase(
	    world, "parallel", BIND("p", "x") ", " OPTIONAL("p", "y"));

	assert_int_equal(remove_plugin(world, "p"), 0);
	assert_int_equal(remove_plugin(world, "p"), E_NOT_FOUND);
	assert_said(world, "y failed plugin_removed: plugin 'p' was removed\n");
	assert_string_equal(task_state_of(world, run, "x"), "running");
	assert_false(engine_has_plugin(world->engine, SLICE("p")));
	world_succeed(world, "x");
	assert_string_equal(run_state(world, run), "degraded");
}

static void what_comes_back_of_a_removed_one_fails(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 2, "[]");
	struct id run = world_start_phase(world, "parallel",
					  BIND("p", "x") ", " BIND("p", "y"));
	struct delivery *y = world_delivery(world, "y");
	struct event event = { .kind = EVENT_RETURNED,
			       .run = run,
			       .as.returned = { y->task, y->attempt } };

	assert_int_equal(remove_plugin(world, "p"), 0);
	assert_int_equal(world_step(world, &event), 0);
	assert_string_equal(task_state_of(world, run, "y"), "failed");
	world_gone(world, "p", "here", "killed by signal 9");
	assert_said(world, "x failed plugin_removed: plugin 'p' was removed, "
			   "and this task came back: killed by signal 9\n");
	assert_string_equal(run_state(world, run), "failed");
}

static void what_is_behind_others_fails_too(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 1, "[]");
	world_plugin(world, "q", 1, "[]");
	struct id run = world_start_phase(
	    world, "pre",
	    BIND("p", "x") ", " BIND("q", "y") ", " BIND("p", "z"));

	assert_int_equal(remove_plugin(world, "q"), 0);
	assert_string_equal(task_state_of(world, run, "y"), "failed");
	world_succeed(world, "x");
	assert_string_equal(task_state_of(world, run, "z"), "skipped");
	assert_string_equal(run_state(world, run), "failed");
}

static void a_sleeper_fails_when_it_wakes(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 1, "[]");
	struct id run = world_start_phase(world, "parallel", BIND("p", "x"));

	complete_delivery(world, world_delivery(world, "x"), COMPLETION_PARKED,
			  NULL, NULL, NULL, world->now_us + 1000000);
	assert_int_equal(remove_plugin(world, "p"), 0);
	assert_string_equal(task_state_of(world, run, "x"), "waiting");
	world_pass(world, 1000);
	assert_string_equal(task_state_of(world, run, "x"), "failed");
	assert_int_equal(task_of(world, run, "x")->reason, REASON_REMOVED);
	assert_string_equal(run_state(world, run), "failed");
}

static void later_ones_wait_for_the_next_registration(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 1, PIN_PRE);
	assert_int_equal(remove_plugin(world, "p"), 0);
	struct id none = world_start(world, ONE_STEP, "{}");

	assert_string_equal(run_state(world, none), "succeeded");
	struct id run = world_start_phase(world, "parallel", BIND("p", "x"));

	assert_int_equal(world->delivered, 0);
	assert_int_equal(task_of(world, run, "x")->reason, REASON_NO_PLUGIN);
	assert_int_equal(world_register(world, "p", "[]"), 0);
	world_succeed(world, "x");
	assert_string_equal(run_state(world, run), "succeeded");
}

static void a_timeout_counts_without_the_plugin(void **state)
{
	struct world *world = *state;
	struct id run = world_start_phase(
	    world, "parallel",
	    "{\"plugin\": \"p\", \"as\": \"x\", \"timeout_ms\": 1000}");

	world_pass(world, 600);
	assert_int_equal(world_register(world, "p", "[]"), 0);
	/* It could have run all the time. */
	assert_int_equal(task_of(world, run, "x")->reason, REASON_NO_INSTANCE);
	world_pass(world, 400);
	assert_string_equal(task_state_of(world, run, "x"), "failed");
	assert_int_equal(task_of(world, run, "x")->reason, REASON_DEADLINE);
}

/* ---- quarantine ---- */

static void quarantine(struct world *world, const char *name, bool on)
{
	struct event event = { .kind = EVENT_QUARANTINE,
			       .as.quarantine = {
				   .name = slice_of(name),
				   .on = on,
				   .message = SLICE("crashed too often") } };

	assert_int_equal(world_step(world, &event), 0);
}

static void in_quarantine_nothing_is_delivered(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 1, "[]");
	struct id run = world_start_phase(world, "parallel",
					  BIND("p", "x") ", " BIND("p", "y"));

	quarantine(world, "p", true);
	assert_said(world, "y failed quarantined: crashed too often\n");
	assert_string_equal(task_state_of(world, run, "x"), "running");
	struct id later = world_start_phase(world, "parallel", BIND("p", "z"));

	assert_string_equal(task_state_of(world, later, "z"), "failed");
	assert_string_equal(run_state(world, later), "failed");
	/* Registering again does not help. */
	assert_int_equal(world_register(world, "p", "[]"), 0);
	later = world_start_phase(world, "pre", BIND("p", "z"));
	assert_string_equal(run_state(world, later), "failed");
	world_gone(world, "p", "here", "killed");
	assert_string_equal(task_state_of(world, run, "x"), "failed");
	assert_int_equal(task_of(world, run, "x")->reason, REASON_QUARANTINED);
	quarantine(world, "p", false);
	world_instance(world, "p", "here", 1);
	later = world_start_phase(world, "parallel", BIND("p", "v"));
	world_succeed(world, "v");
	assert_string_equal(run_state(world, later), "succeeded");
}

static void quarantine_ends_with_the_registration(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 1, "[]");
	quarantine(world, "p", true);
	assert_int_equal(remove_plugin(world, "p"), 0);
	assert_int_equal(world_register(world, "p", "[]"), 0);
	struct id run = world_start_phase(world, "parallel", BIND("p", "x"));

	world_succeed(world, "x");
	assert_string_equal(run_state(world, run), "succeeded");
}

static void quarantine_before_the_registration(void **state)
{
	struct world *world = *state;

	quarantine(world, "p", true);
	struct id run = world_start_phase(world, "parallel", BIND("p", "x"));

	assert_string_equal(run_state(world, run), "failed");
	world_plugin(world, "p", 1, "[]");
	run = world_start_phase(world, "parallel", BIND("p", "x"));
	assert_string_equal(run_state(world, run), "failed");
	quarantine(world, "p", false);
	run = world_start_phase(world, "parallel", BIND("p", "x"));
	assert_string_equal(run_state(world, run), "running");
}

static void a_sleeper_wakes_in_quarantine(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 1, "[]");
	struct id run = world_start_phase(world, "parallel", BIND("p", "x"));

	complete_delivery(world, world_delivery(world, "x"), COMPLETION_PARKED,
			  NULL, NULL, NULL, world->now_us + 1000000);
	quarantine(world, "p", true);
	assert_string_equal(task_state_of(world, run, "x"), "waiting");
	world_pass(world, 1000);
	assert_int_equal(task_of(world, run, "x")->reason, REASON_QUARANTINED);
	assert_string_equal(run_state(world, run), "failed");
}

/* ---- require ---- */

#define NEEDS                                                            \
	STEP("\"parallel\": [" BIND("p", "x") "], \"require\": [\"p\", " \
					      "\"q\"]")

static void all_that_is_required_must_be_there(void **state)
{
	struct world *world = *state;
	struct id run = world_start(world, NEEDS, "{}");

	assert_waits(world, run, REASON_NO_PLUGIN);
	world_plugin(world, "p", 1, "[]");
	assert_waits(world, run, REASON_NO_PLUGIN);
	world_plugin(world, "other", 1, "[]");
	assert_int_equal(world->delivered, 0);
	/* Registered is enough. */
	assert_int_equal(
	    world_register(world, "q", "[[\"A\", \"pre\", 0, false]]"), 0);
	assert_string_equal(run_state(world, run), "running");
	assert_int_equal(task_of(world, run, "q")->reason, REASON_NO_INSTANCE);
	world_instance(world, "q", "here", 1);
	world_succeed(world, "q");
	/* Only the first phase waits. */
	assert_int_equal(remove_plugin(world, "q"), 0);
	world_succeed(world, "x");
	assert_string_equal(run_state(world, run), "succeeded");
}

static void a_later_activity_may_require(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 1, "[]");
	struct id run = world_start(
	    world,
	    "{\"workflow\": \"w\", \"activities\": [{\"name\": \"A\", "
	    "\"pre\": [{\"plugin\": \"p\"}]}, {\"name\": \"B\", "
	    "\"require\": [\"q\"], \"parallel\": [{\"plugin\": \"q\"}]}]}",
	    "{}");

	assert_string_equal(run_state(world, run), "running");
	world_succeed(world, "p");
	assert_string_equal(run_state(world, run), "waiting");
	assert_int_equal(activity_of(world, run, 0)->state, GROUP_SUCCEEDED);
	assert_int_equal(activity_of(world, run, 1)->state, GROUP_WAITING);
	world_plugin(world, "q", 1, "[]");
	world_succeed(world, "q");
	assert_string_equal(run_state(world, run), "succeeded");
}

static void who_waits_can_be_cancelled(void **state)
{
	struct world *world = *state;
	struct event event = { .kind = EVENT_CANCEL };

	event.run = world_start(world, NEEDS, "{}");
	assert_int_equal(world_step(world, &event), 0);
	assert_string_equal(run_state(world, event.run), "cancelled");
	assert_int_equal(activity_of(world, event.run, 0)->state,
			 GROUP_CANCELLED);
	engine_forget(world->engine, engine_run(world->engine, &event.run));
	world_plugin(world, "p", 1, "[]");
	world_plugin(world, "q", 1, "[]");
	assert_int_equal(world->delivered, 0);
}

static void many_wait_and_some_are_gone(void **state)
{
	struct world *world = *state;
	struct event event = { .kind = EVENT_CANCEL };
	struct id runs[5];

	for (int i = 0; i < 5; i++) {
		runs[i] = world_start(world, NEEDS, "{}");
	}
	for (int i = 0; i < 5; i += 2) {
		event.run = runs[i];
		assert_int_equal(world_step(world, &event), 0);
		engine_forget(world->engine,
			      engine_run(world->engine, &runs[i]));
	}
	world_plugin(world, "p", 9, "[]");
	world_plugin(world, "q", 9, "[]");
	/* The longest waiting first. */
	assert_int_equal(world->delivered, 2);
	assert_true(id_equal(&world->deliveries[0].run, &runs[1]));
	assert_true(id_equal(&world->deliveries[1].run, &runs[3]));
}

/* ---- windows ---- */

#define WINDOW STEP("\"register_window_ms\": 500")

static void late_ones_are_waited_for(void **state)
{
	struct world *world = *state;
	struct id run = world_start(world, WINDOW, "{}");

	assert_waits(world, run, REASON_REGISTER_WINDOW);
	world_pass(world, 499);
	assert_waits(world, run, REASON_REGISTER_WINDOW);
	world_plugin(world, "p", 1,
		     "[[\"A\", \"parallel\", 0, false], "
		     "[\"A\", \"post\", 0, false]]");
	assert_waits(world, run, REASON_REGISTER_WINDOW);
	assert_int_equal(engine_next_due(world->engine), world->now_us + 1000);
	world_pass(world, 1);
	world_succeed(world, "p");
	/* Not before every phase. */
	assert_int_equal(world_count(world, "p"), 2);
	world_succeed(world, "p");
	assert_string_equal(run_state(world, run), "succeeded");
	assert_int_equal(engine_next_due(world->engine), 0);
}

static void a_window_can_be_cancelled(void **state)
{
	struct world *world = *state;
	struct event event = { .kind = EVENT_CANCEL };

	event.run = world_start(world, WINDOW, "{}");
	assert_int_equal(world_step(world, &event), 0);
	assert_string_equal(run_state(world, event.run), "cancelled");
	assert_int_equal(engine_next_due(world->engine), 0);
}

static void require_and_window(void **state)
{
	struct world *world = *state;
	struct id run = world_start(
	    world, STEP("\"require\": [\"p\"], \"register_window_ms\": 500"),
	    "{}");

	assert_waits(world, run, REASON_NO_PLUGIN);
	world_pass(world, 200);
	world_plugin(world, "p", 1, "[]");
	assert_waits(world, run, REASON_REGISTER_WINDOW);
	world_pass(world, 300);
	assert_string_equal(run_state(world, run), "succeeded");
	/* The window of one that had to wait longer is over. */
	assert_int_equal(remove_plugin(world, "p"), 0);
	run = world_start(
	    world, STEP("\"require\": [\"p\"], \"register_window_ms\": 500"),
	    "{}");
	world_pass(world, 600);
	assert_waits(world, run, REASON_NO_PLUGIN);
	assert_int_equal(world_register(world, "p", "[]"), 0);
	assert_string_equal(run_state(world, run), "succeeded");
}

static void expect(struct world *world, int64_t until_us)
{
	struct event event = { .kind = EVENT_EXPECT,
			       .as.expect = { until_us } };

	assert_int_equal(world_step(world, &event), 0);
}

static void expected_programs_hold_every_phase(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 9, PIN_PRE);
	struct id before = world_start(world, ONE_STEP, "{}");

	expect(world, world->now_us + 800000);
	world_succeed(world, "p");
	assert_string_equal(run_state(world, before), "waiting");
	assert_int_equal(run_reason(world, before), REASON_REGISTER_WINDOW);
	struct id run = world_start(world, ONE_STEP, "{}");

	assert_waits(world, run, REASON_REGISTER_WINDOW);
	/* One of them has come, the other may take longer. */
	expect(world, world->now_us + 900000);
	world_plugin(world, "late", 1, "[[\"S\", \"parallel\", 0, false]]");
	world_pass(world, 800);
	assert_waits(world, run, REASON_REGISTER_WINDOW);
	expect(world, 0);
	assert_int_equal(world_count(world, "p"), 2);
	assert_int_equal(world_count(world, "late"), 1);
	assert_int_equal(engine_next_due(world->engine), 0);
	world_succeed(world, "late");
	assert_string_equal(run_state(world, before), "succeeded");
}

static void expected_in_vain(void **state)
{
	struct world *world = *state;

	expect(world, world->now_us + 800000);
	struct id run = world_start(world, ONE_STEP, "{}");

	world_pass(world, 800);
	assert_string_equal(run_state(world, run), "succeeded");
}

static void cleaning_up_does_not_wait(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 9, "[]");
	struct id run = world_start(
	    world,
	    STEP("\"pre\": [" BIND("p", "x") "], \"post\": [{\"plugin\": "
					     "\"p\", \"as\": \"clean\", "
					     "\"run_on\": \"always\"}]"),
	    "{}");

	expect(world, world->now_us + 800000);
	world_fail(world, "x");
	world_succeed(world, "clean");
	assert_string_equal(run_state(world, run), "failed");
}

static void restart(struct world *world, struct id id)
{
	struct engine_options options = { .grace_ms = 5000 };
	struct engine *old = world->engine;

	world->engine = engine_create(&options);
	world_restore(world->engine, engine_run(old, &id), world);
	engine_destroy(old);
}

static void waits_survive_a_restart(void **state)
{
	struct world *world = *state;
	struct id run = world_start(world, NEEDS, "{}");

	restart(world, run);
	assert_int_equal(world->out.transition_count, 0);
	assert_int_equal(world->out.change_count, 0);
	assert_waits(world, run, REASON_NO_PLUGIN);
	world_plugin(world, "q", 1, "[]");
	world_plugin(world, "p", 1, "[]");
	world_succeed(world, "x");
	assert_string_equal(run_state(world, run), "succeeded");
}

static void windows_survive_a_restart(void **state)
{
	struct world *world = *state;
	struct id run = world_start(world, WINDOW, "{}");

	world_pass(world, 300);
	restart(world, run);
	assert_int_equal(world->out.transition_count, 0);
	world_pass(world, 199);
	assert_waits(world, run, REASON_REGISTER_WINDOW);
	world_pass(world, 1);
	assert_string_equal(run_state(world, run), "succeeded");
}

int main(void)
{
#define T(name) \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		T(the_new_subscriptions_count),
		T(a_bad_filter_changes_nothing),
		T(others_at_the_door_stay),
		T(what_is_in_hands_may_finish),
		T(what_comes_back_of_a_removed_one_fails),
		T(what_is_behind_others_fails_too),
		T(a_sleeper_fails_when_it_wakes),
		T(later_ones_wait_for_the_next_registration),
		T(a_timeout_counts_without_the_plugin),
		T(in_quarantine_nothing_is_delivered),
		T(quarantine_ends_with_the_registration),
		T(quarantine_before_the_registration),
		T(a_sleeper_wakes_in_quarantine),
		T(all_that_is_required_must_be_there),
		T(a_later_activity_may_require),
		T(who_waits_can_be_cancelled),
		T(many_wait_and_some_are_gone),
		T(late_ones_are_waited_for),
		T(a_window_can_be_cancelled),
		T(require_and_window),
		T(expected_programs_hold_every_phase),
		T(expected_in_vain),
		T(cleaning_up_does_not_wait),
		T(waits_survive_a_restart),
		T(windows_survive_a_restart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
