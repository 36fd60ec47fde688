/*
 * Runs that are held: nothing of them begins, what is in hands may end, and
 * afterwards all goes on as if nothing had been. And: the wall clock is set.
 */
#include "world.h"

#define FLOW                                                           \
	"{\"workflow\": \"w\", \"activities\": [{\"name\": \"A\", "    \
	"\"pre\": [{\"plugin\": \"p\", \"as\": \"a1\"}, {\"plugin\": " \
	"\"p\", \"as\": \"a2\"}], \"parallel\": [{\"plugin\": \"p\", " \
	"\"as\": \"b1\"}, {\"plugin\": \"p\", \"as\": \"b2\"}]}]}"

static int wish(struct world *world, enum event_kind kind,
		enum pause_scope scope, const struct id *run)
{
	struct event event = {
		.kind = kind,
		.actor = SLICE("operator"),
		.as.pause = { .scope = scope, .workflow = SLICE("w") },
	};

	if (run) {
		event.run = *run;
	}
	return world_step(world, &event);
}

static void nothing_begins(struct world *world, enum pause_scope scope)
{
	world_plugin(world, "p", 1, "[]");
	struct id run = world_start(world, FLOW, "{}");

	assert_int_equal(wish(world, EVENT_PAUSE, scope, &run), 0);
	assert_int_equal(wish(world, EVENT_PAUSE, scope, &run), E_UNCHANGED);
	assert_string_equal(run_state(world, run), "running");
	world_succeed(world, "a1");
	assert_string_equal(run_state(world, run), "waiting");
	assert_int_equal(engine_run(world->engine, &run)->record.reason,
			 REASON_PAUSED);
	assert_int_equal(world_count(world, "a2"), 0);
	assert_int_equal(task_of(world, run, "a2")->reason, REASON_PAUSED);
	assert_int_equal(wish(world, EVENT_RESUME, scope, &run), 0);
	assert_int_equal(wish(world, EVENT_RESUME, scope, &run), E_UNCHANGED);
	assert_string_equal(run_state(world, run), "running");
	assert_int_equal(world_count(world, "a2"), 1);
	/* Before a phase, and in the middle of one. */
	assert_int_equal(wish(world, EVENT_PAUSE, scope, &run), 0);
	world_succeed(world, "a2");
	assert_string_equal(run_state(world, run), "waiting");
	assert_int_equal(wish(world, EVENT_RESUME, scope, &run), 0);
	assert_int_equal(world_count(world, "b1"), 1);
	assert_int_equal(world_count(world, "b2"), 0);
	assert_int_equal(wish(world, EVENT_PAUSE, scope, &run), 0);
	world_succeed(world, "b1");
	assert_int_equal(world_count(world, "b2"), 0);
	assert_int_equal(wish(world, EVENT_RESUME, scope, &run), 0);
	world_succeed(world, "b2");
	assert_string_equal(run_state(world, run), "succeeded");
}

static void of_a_run(void **state)
{
	nothing_begins(*state, PAUSE_RUN);
}

static void of_a_workflow(void **state)
{
	nothing_begins(*state, PAUSE_WORKFLOW);
}

static void of_all(void **state)
{
	nothing_begins(*state, PAUSE_ALL);
}

static void two_pauses_end_one_by_one(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 1, "[]");
	assert_int_equal(wish(world, EVENT_PAUSE, PAUSE_ALL, NULL), 0);
	struct id run = world_start(world, FLOW, "{}");

	assert_string_equal(run_state(world, run), "waiting");
	assert_int_equal(wish(world, EVENT_PAUSE, PAUSE_RUN, &run), 0);
	assert_int_equal(wish(world, EVENT_RESUME, PAUSE_ALL, NULL), 0);
	assert_int_equal(world_count(world, "a1"), 0);
	assert_int_equal(wish(world, EVENT_RESUME, PAUSE_RUN, &run), 0);
	assert_int_equal(world_count(world, "a1"), 1);
}

static void what_comes_due_waits(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 4, "[]");
	struct id run = world_start_phase(
	    world, "parallel",
	    "{\"plugin\": \"p\", \"as\": \"parked\"}, {\"plugin\": \"p\", "
	    "\"as\": \"again\", \"retry\": {\"attempts\": 3, \"backoff_ms\": "
	    "1000, \"factor\": 2.0, \"max_ms\": 60000, \"jitter\": 0.0}}");

	complete_delivery(world, world_delivery(world, "parked"),
			  COMPLETION_PARKED, NULL, NULL, NULL,
			  world->now_us + 1000000);
	complete_delivery(world, world_delivery(world, "again"),
			  COMPLETION_RETRYABLE, "no", NULL, NULL, 0);
	assert_int_equal(wish(world, EVENT_PAUSE, PAUSE_RUN, &run), 0);
	world_pass(world, 5000);
	assert_int_equal(world_count(world, "parked"), 1);
	assert_int_equal(world_count(world, "again"), 1);
	assert_int_equal(wish(world, EVENT_RESUME, PAUSE_RUN, &run), 0);
	assert_int_equal(world_count(world, "parked"), 2);
	assert_int_equal(world_count(world, "again"), 2);
	assert_int_equal(task_of(world, run, "parked")->attempt, 1);
	assert_int_equal(task_of(world, run, "again")->attempt, 2);
}

/* Nothing is left to begin: that it has failed is to be seen. */
static void a_failure_ends_it(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 4, "[]");
	struct id run = world_start(
	    world,
	    "{\"workflow\": \"w\", \"deadline_ms\": 5000, \"activities\": "
	    "[{\"name\": \"A\", \"pre\": [{\"plugin\": \"p\", \"as\": "
	    "\"a1\"}], \"parallel\": [{\"plugin\": \"p\"}]}]}",
	    "{}");

	assert_int_equal(wish(world, EVENT_PAUSE, PAUSE_RUN, &run), 0);
	world_succeed(world, "a1");
	assert_string_equal(run_state(world, run), "waiting");
	world_pass(world, 5000);
	assert_string_equal(run_state(world, run), "failed");
}

static void cancel_lifts_it(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 4, "[]");
	struct id run = world_start_phase(
	    world, "post",
	    "{\"plugin\": \"p\", \"as\": \"first\"}, {\"plugin\": \"p\", "
	    "\"as\": \"clean\", \"run_on\": \"always\"}");
	struct event event = { .kind = EVENT_CANCEL, .run = run };

	assert_int_equal(wish(world, EVENT_PAUSE, PAUSE_RUN, &run), 0);
	world_succeed(world, "first");
	assert_int_equal(world_count(world, "clean"), 0);
	assert_int_equal(world_step(world, &event), 0);
	world_succeed(world, "clean");
	assert_true(
	    group_state_final(engine_run(world->engine, &run)->record.state));
}

static void it_outlives_the_engine(void **state)
{
	struct world *world = *state;
	struct engine_options options = { .grace_ms = 5000 };
	struct engine *first = world->engine;
	struct engine *other = engine_create(&options);

	world_plugin(world, "p", 1, "[]");
	struct id id = world_start(world, FLOW, "{}");

	assert_int_equal(wish(world, EVENT_PAUSE, PAUSE_RUN, &id), 0);
	world_restore(other, engine_run(first, &id), world);
	world_commit(world);
	world->engine = other;
	engine_destroy(first);
	world_plugin(world, "p", 1, "[]");
	assert_int_equal(world_count(world, "a1"), 1);
	assert_string_equal(run_state(world, id), "waiting");
	assert_string_equal(task_state_of(world, id, "a1"), "pending");
	assert_int_equal(wish(world, EVENT_RESUME, PAUSE_RUN, &id), 0);
	assert_int_equal(world_count(world, "a1"), 2);
	assert_int_equal(task_of(world, id, "a1")->attempt, 2);
}

/* ---- the clock ---- */

static void set_clock(struct world *world, int64_t step_us)
{
	struct event event = { .kind = EVENT_CLOCK,
			       .as.clock = { .step_us = step_us } };

	world->now_us += step_us;
	assert_int_equal(world_step(world, &event), 0);
}

static void waits_keep_their_length(struct world *world, int64_t step_us)
{
	world_plugin(world, "p", 4, "[]");
	struct id run = world_start(
	    world,
	    "{\"workflow\": \"w\", \"deadline_ms\": 9000, \"activities\": "
	    "[{\"name\": \"A\", \"deadline_ms\": 8000, \"parallel\": "
	    "[{\"plugin\": \"p\", \"as\": \"timed\", \"timeout_ms\": 4000}, "
	    "{\"plugin\": \"p\", \"as\": \"again\", \"retry\": "
	    "{\"attempts\": 3, \"backoff_ms\": 2000, \"factor\": 1.0, "
	    "\"max_ms\": 60000, \"jitter\": 0.0}}]}]}",
	    "{}");

	complete_delivery(world, world_delivery(world, "again"),
			  COMPLETION_RETRYABLE, "no", NULL, NULL, 0);
	world_pass(world, 1000);
	set_clock(world, step_us);
	world_pass(world, 999);
	assert_int_equal(world_count(world, "again"), 1);
	world_pass(world, 1);
	assert_int_equal(world_count(world, "again"), 2);
	world_pass(world, 1999);
	assert_int_equal(world->told_count, 0);
	world_pass(world, 1);
	assert_int_equal(world->told_count, 1);
	/* Its grace moves, too. */
	set_clock(world, -step_us);
	world_pass(world, 3999);
	assert_string_equal(task_state_of(world, run, "timed"), "running");
	assert_int_equal(world->told_count, 1);
	world_pass(world, 1);
	assert_int_equal(world->told_count, 2);
}

static void clock_set_back(void **state)
{
	waits_keep_their_length(*state, INT64_C(-86400000000));
}

static void clock_set_forward(void **state)
{
	waits_keep_their_length(*state, INT64_C(86400000000));
}

static void a_time_of_day_stays_one(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 4, "[]");
	(void)world_start_phase(world, "parallel", "{\"plugin\": \"p\"}");
	complete_delivery(world, world_delivery(world, "p"), COMPLETION_PARKED,
			  NULL, NULL, NULL, world->now_us + 10000000);
	set_clock(world, 9000000);
	world_pass(world, 999);
	assert_int_equal(world_count(world, "p"), 1);
	world_pass(world, 1);
	assert_int_equal(world_count(world, "p"), 2);
	world_pass(world, 60000);
	assert_int_equal(world_count(world, "p"), 2);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(of_a_run),
		TEST(of_a_workflow),
		TEST(of_all),
		TEST(two_pauses_end_one_by_one),
		TEST(what_comes_due_waits),
		TEST(a_failure_ends_it),
		TEST(cancel_lifts_it),
		TEST(it_outlives_the_engine),
		TEST(clock_set_back),
		TEST(clock_set_forward),
		TEST(a_time_of_day_stays_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
