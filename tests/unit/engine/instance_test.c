/* Copies of a plugin that come, drain, die and give back what they have. */
#include "world.h"

#define BIND(name) "{\"plugin\": \"p\", \"as\": \"" name "\"}"
#define TIMED(name) \
	"{\"plugin\": \"p\", \"as\": \"" name "\", \"timeout_ms\": 1000}"
#define XY  BIND("x") ", " BIND("y")
#define XYZ XY ", " BIND("z")

static int setup(void **state)
{
	struct world *world = alloc_zeroed(1, sizeof(*world));

	world_init(world);
	assert_int_equal(world_register(world, "p", "[]"), 0);
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	world_fini(*state);
	free(*state);
	return 0;
}

static uint32_t in_flight(const struct world *world, const char *instance)
{
	return engine_in_flight(world->engine, SLICE("p"), slice_of(instance));
}

static void assert_holder(struct world *world, const char *name,
			  const char *instance)
{
	assert_string_equal(world_delivery(world, name)->instance, instance);
}

static void assert_said(const struct world *world, const char *line)
{
	if (!strstr(world->reasons, line)) {
		fail_msg("no \"%s\" in:\n%s", line, world->reasons);
	}
}

static void the_least_loaded_is_next(void **state)
{
	struct world *world = *state;

	world_instance(world, "p", "one", 3);
	world_instance(world, "p", "two", 1);
	struct id run = world_start_phase(world, "parallel",
					  XYZ ", " BIND("v") ", " BIND("w"));

	assert_holder(world, "x", "one");
	assert_holder(world, "y", "two");
	assert_holder(world, "z", "one");
	assert_holder(world, "v", "one");
	assert_int_equal(in_flight(world, "one"), 3);
	assert_int_equal(in_flight(world, "two"), 1);
	assert_int_equal(in_flight(world, "three"), 0);
	assert_int_equal(world_count(world, "w"), 0);
	assert_int_equal(task_of(world, run, "w")->reason, REASON_NO_FREE_SLOT);
	world_succeed(world, "y");
	assert_holder(world, "w", "two");
	assert_true(slice_is(task_of(world, run, "w")->instance, "two"));
}

static void more_slots_are_filled_at_once(void **state)
{
	struct world *world = *state;

	world_instance(world, "p", "one", 1);
	(void)world_start_phase(world, "parallel", XYZ);
	assert_int_equal(world->delivered, 1);
	world_instance(world, "p", "one", 2);
	assert_int_equal(world->delivered, 2);
	world_instance(world, "p", "one", 1);
	world_succeed(world, "x");
	assert_int_equal(world->delivered, 2);
	world_succeed(world, "y");
	assert_int_equal(world->delivered, 3);
}

static void registered_without_an_instance(void **state)
{
	struct world *world = *state;
	struct id run = world_start_phase(world, "parallel", XY);

	assert_int_equal(task_of(world, run, "x")->reason, REASON_NO_INSTANCE);
	assert_string_equal(phase_state(world, run, 0, PHASE_PARALLEL),
			    "pending");
	world_instance(world, "p", "one", 1);
	assert_int_equal(world_count(world, "x"), 1);
	assert_int_equal(task_of(world, run, "y")->reason, REASON_NO_FREE_SLOT);
}

static void an_instance_before_its_plugin(void **state)
{
	struct world *world = *state;

	world_instance(world, "q", "one", 1);
	struct id run =
	    world_start_phase(world, "parallel", "{\"plugin\": \"q\"}");

	assert_int_equal(world->delivered, 0);
	assert_int_equal(task_of(world, run, "q")->reason, REASON_NO_PLUGIN);
	assert_int_equal(world_register(world, "q", "[]"), 0);
	assert_int_equal(world->delivered, 1);
}

static void a_draining_one_gets_no_more(void **state)
{
	struct world *world = *state;

	world_instance(world, "p", "one", 1);
	struct id run = world_start_phase(world, "parallel", XY);

	world_drain(world, "p", "one");
	assert_int_equal(task_of(world, run, "y")->reason, REASON_NO_INSTANCE);
	world_succeed(world, "x");
	assert_int_equal(world_count(world, "y"), 0);
	world_instance(world, "p", "two", 1);
	assert_holder(world, "y", "two");
	world_succeed(world, "y");
	world_gone(world, "p", "one", NULL);
	assert_string_equal(run_state(world, run), "succeeded");
}

static void the_tasks_of_the_dead_come_back_first(void **state)
{
	struct world *world = *state;

	world_instance(world, "p", "one", 2);
	struct id run = world_start_phase(world, "parallel", XYZ);
	struct delivery old = *world_delivery(world, "x");

	world_gone(world, "p", "one", "killed by signal 11");
	assert_said(world, "x pending instance_lost: killed by signal 11\n");
	assert_string_equal(task_state_of(world, run, "x"), "pending");
	assert_int_equal(task_of(world, run, "x")->deaths, 1);
	assert_int_equal(task_of(world, run, "x")->reason, REASON_NO_INSTANCE);
	assert_true(
	    slice_is(task_of(world, run, "x")->message, "killed by signal 11"));
	assert_int_equal(task_of(world, run, "z")->reason, REASON_NO_INSTANCE);
	assert_string_equal(phase_state(world, run, 0, PHASE_PARALLEL),
			    "running");
	/* Who has nothing has nothing to say. */
	complete_delivery(world, &old, COMPLETION_SUCCEEDED, NULL, NULL, NULL,
			  0);
	assert_string_equal(task_state_of(world, run, "x"), "pending");
	world_instance(world, "p", "two", 1);
	assert_holder(world, "x", "two");
	assert_said(world, "x running redelivered: \n");
	assert_int_equal(world_delivery(world, "x")->attempt, 2);
	complete_delivery(world, &old, COMPLETION_FAILED, NULL, NULL, NULL, 0);
	assert_string_equal(task_state_of(world, run, "x"), "running");
	world_succeed(world, "x");
	assert_int_equal(world_delivery(world, "y")->attempt, 2);
	world_succeed(world, "y");
	assert_int_equal(world_delivery(world, "z")->attempt, 1);
	world_succeed(world, "z");
	assert_string_equal(run_state(world, run), "succeeded");
}

static void another_copy_takes_over_at_once(void **state)
{
	struct world *world = *state;

	world_instance(world, "p", "one", 1);
	world_instance(world, "p", "two", 1);
	struct id run = world_start_phase(world, "pre", XY);

	assert_holder(world, "x", "one");
	world_gone(world, "p", "one", "gone");
	assert_holder(world, "x", "two");
	assert_int_equal(world_count(world, "y"), 0);
	world_succeed(world, "x");
	world_succeed(world, "y");
	assert_string_equal(run_state(world, run), "succeeded");
}

static void five_deaths_are_enough(void **state)
{
	struct world *world = *state;
	struct id run = world_start_phase(world, "parallel", BIND("x"));

	for (int i = 0; i < TASK_DEATHS_MAX; i++) {
		assert_string_equal(task_state_of(world, run, "x"), "pending");
		world_instance(world, "p", "one", 1);
		world_gone(world, "p", "one", "killed by signal 6");
	}
	assert_string_equal(task_state_of(world, run, "x"), "failed");
	assert_int_equal(task_of(world, run, "x")->reason, REASON_CRASHED);
	assert_int_equal(task_of(world, run, "x")->attempt, TASK_DEATHS_MAX);
	assert_string_equal(run_state(world, run), "failed");
	assert_true(slice_is(engine_run(world->engine, &run)->record.message,
			     "A/parallel/x: killed by signal 6"));
}

static void leaving_in_good_order_is_no_death(void **state)
{
	struct world *world = *state;
	struct id run = world_start_phase(world, "parallel", BIND("x"));

	for (int i = 0; i < 2 * TASK_DEATHS_MAX; i++) {
		world_instance(world, "p", "one", 1);
		world_gone(world, "p", "one", NULL);
	}
	assert_int_equal(task_of(world, run, "x")->deaths, 0);
	world_instance(world, "p", "one", 1);
	world_succeed(world, "x");
	assert_string_equal(run_state(world, run), "succeeded");
}

static void what_was_told_to_stop_ends(void **state)
{
	struct world *world = *state;
	struct event event = { .kind = EVENT_CANCEL };

	world_instance(world, "p", "one", 2);
	event.run = world_start_phase(world, "parallel", XY);
	assert_int_equal(world_step(world, &event), 0);
	assert_int_equal(world->told_count, 2);
	world_gone(world, "p", "one", "killed");
	assert_string_equal(task_state_of(world, event.run, "x"), "cancelled");
	assert_int_equal(task_of(world, event.run, "x")->reason,
			 REASON_OPERATOR);
	assert_string_equal(run_state(world, event.run), "cancelled");
}

static void a_deadline_outlives_the_instance(void **state)
{
	struct world *world = *state;

	world_instance(world, "p", "one", 1);
	struct id run = world_start_phase(world, "parallel", TIMED("x"));

	world_pass(world, 1000);
	assert_true(world->told[0].timed_out);
	world_gone(world, "p", "one", "killed");
	assert_string_equal(task_state_of(world, run, "x"), "failed");
	assert_int_equal(task_of(world, run, "x")->reason, REASON_DEADLINE);
}

static void an_abandoned_slot_goes_with_its_instance(void **state)
{
	struct world *world = *state;

	world_instance(world, "p", "one", 1);
	struct id run = world_start_phase(world, "parallel", TIMED("x"));
	struct delivery old = *world_delivery(world, "x");

	world_pass(world, 1000);
	world_pass(world, 5000);
	assert_int_equal(task_of(world, run, "x")->reason, REASON_ABANDONED);
	assert_int_equal(in_flight(world, "one"), 1);
	struct id next = world_start_phase(world, "parallel", BIND("y"));

	assert_string_equal(task_state_of(world, next, "y"), "pending");
	world_gone(world, "p", "one", NULL);
	assert_string_equal(task_state_of(world, run, "x"), "failed");
	world_instance(world, "p", "one", 1);
	assert_int_equal(in_flight(world, "one"), 1);
	/* The new instance of that name has nothing to do with it. */
	complete_delivery(world, &old, COMPLETION_SUCCEEDED, NULL, NULL, NULL,
			  0);
	assert_int_equal(in_flight(world, "one"), 1);
	assert_string_equal(task_state_of(world, next, "y"), "running");
}

static void give_back_one(struct world *world, const struct delivery *delivery)
{
	struct event event = {
		.kind = EVENT_RETURNED,
		.run = delivery->run,
		.as.returned = { .task = delivery->task,
				 .attempt = delivery->attempt },
	};

	assert_int_equal(world_step(world, &event), 0);
}

static void what_is_returned_comes_again(void **state)
{
	struct world *world = *state;

	world_instance(world, "p", "one", 1);
	struct id run = world_start_phase(world, "parallel", BIND("x"));
	struct delivery old = *world_delivery(world, "x");

	world_drain(world, "p", "one");
	give_back_one(world, &old);
	assert_said(world, "x pending returned: \n");
	assert_int_equal(task_of(world, run, "x")->deaths, 0);
	assert_int_equal(in_flight(world, "one"), 0);
	world_instance(world, "p", "two", 1);
	assert_int_equal(world_delivery(world, "x")->attempt, 2);
	give_back_one(world, &old);
	assert_string_equal(task_state_of(world, run, "x"), "running");
	old.task = 99;
	give_back_one(world, &old);
	world_succeed(world, "x");
	assert_string_equal(run_state(world, run), "succeeded");
}

static void who_returns_gets_no_more(void **state)
{
	struct world *world = *state;

	world_instance(world, "p", "one", 1);
	struct id run = world_start_phase(world, "parallel", XY);
	struct delivery old = *world_delivery(world, "x");

	give_back_one(world, &old);
	assert_int_equal(world->delivered, 1);
	assert_string_equal(task_state_of(world, run, "x"), "pending");
	assert_int_equal(task_of(world, run, "x")->reason, REASON_NO_INSTANCE);
	assert_int_equal(task_of(world, run, "y")->reason, REASON_NO_INSTANCE);
	world_gone(world, "p", "one", NULL);
	world_instance(world, "p", "one", 1);
	assert_holder(world, "x", "one");
	world_succeed(world, "x");
	world_succeed(world, "y");
	assert_string_equal(run_state(world, run), "succeeded");
}

static void returning_what_was_abandoned_frees_the_slot(void **state)
{
	struct world *world = *state;

	world_instance(world, "p", "one", 1);
	(void)world_start_phase(world, "parallel", TIMED("x"));
	world_pass(world, 1000);
	world_pass(world, 5000);
	assert_int_equal(in_flight(world, "one"), 1);
	give_back_one(world, world_delivery(world, "x"));
	assert_int_equal(in_flight(world, "one"), 0);
}

static void a_timeout_counts_when_nobody_is_there(void **state)
{
	struct world *world = *state;
	struct id run = world_start_phase(world, "parallel", TIMED("x"));

	assert_int_equal(task_of(world, run, "x")->deadline_us,
			 world->now_us + 1000000);
	world_pass(world, 999);
	assert_string_equal(task_state_of(world, run, "x"), "pending");
	world_pass(world, 1);
	assert_string_equal(task_state_of(world, run, "x"), "failed");
	assert_int_equal(task_of(world, run, "x")->reason, REASON_DEADLINE);
	assert_int_equal(engine_next_due(world->engine), 0);
	world_instance(world, "p", "one", 1);
	assert_int_equal(world->delivered, 0);
}

static void no_timeout_while_all_are_busy(void **state)
{
	struct world *world = *state;
	struct id run =
	    world_start_phase(world, "parallel", TIMED("x") ", " TIMED("y"));

	world_pass(world, 900);
	world_instance(world, "p", "one", 1);
	assert_int_equal(task_of(world, run, "x")->deadline_us,
			 world->now_us + 1000000);
	assert_int_equal(task_of(world, run, "y")->deadline_us, 0);
	world_pass(world, 900);
	world_succeed(world, "x");
	assert_int_equal(task_of(world, run, "y")->deadline_us,
			 world->now_us + 1000000);
	world_gone(world, "p", "one", "killed");
	assert_int_equal(task_of(world, run, "y")->deadline_us,
			 world->now_us + 1000000);
	world_pass(world, 1000);
	assert_string_equal(task_state_of(world, run, "y"), "failed");
}

static void a_parked_task_wakes_in_another_instance(void **state)
{
	struct world *world = *state;

	world_instance(world, "p", "one", 1);
	struct id run = world_start_phase(world, "parallel", BIND("x"));

	complete_delivery(world, world_delivery(world, "x"), COMPLETION_PARKED,
			  NULL, NULL, NULL, world->now_us + 1000000);
	world_gone(world, "p", "one", "killed");
	assert_string_equal(run_state(world, run), "waiting");
	world_pass(world, 1000);
	assert_string_equal(task_state_of(world, run, "x"), "waiting");
	world_instance(world, "p", "two", 1);
	assert_holder(world, "x", "two");
	world_gone(world, "p", "two", "killed");
	assert_string_equal(task_state_of(world, run, "x"), "pending");
	assert_string_equal(run_state(world, run), "running");
	world_instance(world, "p", "three", 1);
	assert_int_equal(world_delivery(world, "x")->attempt, 2);
	world_succeed(world, "x");
	assert_string_equal(run_state(world, run), "succeeded");
}

static void nobody_of_that_name(void **state)
{
	struct world *world = *state;
	struct event events[] = {
		about_instance(EVENT_DRAIN, "p", "one"),
		about_instance(EVENT_GONE, "p", "one"),
		about_instance(EVENT_GONE, "q", "one"),
		{ .kind = EVENT_REMOVE, .as.remove = { SLICE("q") } },
		{ .kind = EVENT_QUARANTINE,
		  .as.quarantine = { .name = SLICE("q") } },
	};

	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++) {
		assert_int_equal(world_step(world, &events[i]), E_NOT_FOUND);
	}
}

/* The orchestrator dies; another takes over. */
static void crash(struct world *world, struct id id, const char *instance,
		  const struct restore_blame *blame)
{
	struct engine_options options = { .grace_ms = 5000 };
	struct engine *old = world->engine;

	world->engine = engine_create(&options);
	world->reasons[0] = '\0';
	assert_int_equal(world_register(world, "p", "[]"), 0);
	if (instance) {
		world_instance(world, "p", instance, 9);
	}
	world_restore_blaming(world->engine, engine_run(old, &id), world, blame,
			      blame ? 1 : 0);
	engine_destroy(old);
	world_commit(world);
}

static void after_a_restart_they_wait_for_an_instance(void **state)
{
	struct world *world = *state;

	world_instance(world, "p", "one", 1);
	struct id run = world_start_phase(world, "parallel", TIMED("x"));

	world_pass(world, 500);
	crash(world, run, NULL, NULL);
	assert_said(world, "x pending instance_lost: the orchestrator ended\n");
	assert_int_equal(task_of(world, run, "x")->reason, REASON_NO_INSTANCE);
	assert_int_equal(task_of(world, run, "x")->deadline_us,
			 world->now_us + 1000000);
	assert_string_equal(run_state(world, run), "running");
	world_pass(world, 900);
	crash(world, run, NULL, NULL);
	/* While it was away nobody could have come. */
	assert_int_equal(task_of(world, run, "x")->deadline_us,
			 world->now_us + 1000000);
	world_pass(world, 900);
	assert_string_equal(task_state_of(world, run, "x"), "pending");
	world_instance(world, "p", "one", 1);
	assert_int_equal(world_delivery(world, "x")->attempt, 2);
}

static void who_crashed_the_orchestrator_is_told(void **state)
{
	struct world *world = *state;
	struct restore_blame blame = { .message = SLICE("signal 11 in p"),
				       .attempt = 1 };

	world_instance(world, "p", "one", 9);
	struct id run = world_start_phase(world, "parallel", XY);

	crash(world, run, "one", &blame);
	assert_said(world, "x running redelivered: signal 11 in p\n");
	assert_said(world, "y running redelivered: \n");
	assert_int_equal(task_of(world, run, "x")->deaths, 1);
	assert_int_equal(task_of(world, run, "y")->deaths, 0);
	/* It is about an attempt that is long over. */
	crash(world, run, "one", &blame);
	assert_said(world, "x running redelivered: \n");
	assert_int_equal(task_of(world, run, "x")->deaths, 1);
	blame.attempt = 3;
	crash(world, run, NULL, &blame);
	assert_said(world, "x pending instance_lost: signal 11 in p\n");
	assert_int_equal(task_of(world, run, "x")->deaths, 2);
	for (blame.attempt = 4; blame.attempt < 7; blame.attempt++) {
		world_instance(world, "p", "one", 9);
		assert_string_equal(task_state_of(world, run, "x"), "running");
		crash(world, run, NULL, &blame);
	}
	assert_string_equal(task_state_of(world, run, "x"), "failed");
	assert_said(world, "x failed plugin_crashed: signal 11 in p\n");
}

static void who_is_in_quarantine_for_it_fails(void **state)
{
	struct world *world = *state;
	struct restore_blame blame = { .message = SLICE("too often"),
				       .attempt = 1,
				       .quarantined = true };

	world_instance(world, "p", "one", 9);
	struct id run = world_start_phase(world, "parallel", XY);

	crash(world, run, "one", &blame);
	assert_said(world, "x failed quarantined: too often\n");
	assert_string_equal(task_state_of(world, run, "y"), "running");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(the_least_loaded_is_next),
		T(more_slots_are_filled_at_once),
		T(registered_without_an_instance),
		T(an_instance_before_its_plugin),
		T(a_draining_one_gets_no_more),
		T(the_tasks_of_the_dead_come_back_first),
		T(another_copy_takes_over_at_once),
		T(five_deaths_are_enough),
		T(leaving_in_good_order_is_no_death),
		T(what_was_told_to_stop_ends),
		T(a_deadline_outlives_the_instance),
		T(an_abandoned_slot_goes_with_its_instance),
		T(what_is_returned_comes_again),
		T(who_returns_gets_no_more),
		T(returning_what_was_abandoned_frees_the_slot),
		T(a_timeout_counts_when_nobody_is_there),
		T(no_timeout_while_all_are_busy),
		T(a_parked_task_wakes_in_another_instance),
		T(nobody_of_that_name),
		T(after_a_restart_they_wait_for_an_instance),
		T(who_crashed_the_orchestrator_is_told),
		T(who_is_in_quarantine_for_it_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
