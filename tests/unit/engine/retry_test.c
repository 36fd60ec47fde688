/*
 * Attempts after the first one: when they are made, what counts as one, and
 * when there are no more.
 */
#include "world.h"

#define THREE                                                        \
	"{\"plugin\": \"p\", \"retry\": {\"attempts\": 3, "          \
	"\"backoff_ms\": 1000, \"factor\": 2.0, \"max_ms\": 60000, " \
	"\"jitter\": 0.0}}"
#define THREE_TIMED                                                 \
	"{\"plugin\": \"p\", \"timeout_ms\": 500, \"retry\": "      \
	"{\"attempts\": 3, \"backoff_ms\": 1000, \"factor\": 2.0, " \
	"\"max_ms\": 60000, \"jitter\": 0.0}}"

static void retryable(struct world *world, const char *name)
{
	complete_delivery(world, world_delivery(world, name),
			  COMPLETION_RETRYABLE, "try again", NULL, NULL, 0);
}

static struct id start(struct world *world, const char *binding)
{
	world_plugin(world, "p", 4, "[]");
	return world_start_phase(world, "parallel", binding);
}

static void waits_grow_then_it_fails(void **state)
{
	struct world *world = *state;
	struct id run = start(world, THREE);
	const struct task_record *task = task_of(world, run, "p");

	retryable(world, "p");
	assert_string_equal(task_state_of(world, run, "p"), "retrying");
	assert_int_equal(task->wake_us, world->now_us + 1000000);
	assert_int_equal(task->reason, REASON_BACKOFF);
	assert_string_equal(phase_state(world, run, 0, PHASE_PARALLEL),
			    "waiting");
	world_pass(world, 999);
	assert_int_equal(world_count(world, "p"), 1);
	world_pass(world, 1);
	assert_int_equal(world_count(world, "p"), 2);
	assert_int_equal(task->attempt, 2);
	assert_int_equal(task->wake_us, 0);
	retryable(world, "p");
	assert_int_equal(task->wake_us, world->now_us + 2000000);
	world_pass(world, 2000);
	assert_int_equal(world_count(world, "p"), 3);
	retryable(world, "p");
	assert_string_equal(task_state_of(world, run, "p"), "failed");
	assert_int_equal(task->reason, REASON_ATTEMPTS);
	assert_true(
	    slice_is(task->message, "attempt 3 of 3 failed: try again"));
	assert_string_equal(run_state(world, run), "failed");
}

static void succeeds_in_the_end(void **state)
{
	struct world *world = *state;
	struct id run = start(world, THREE);

	retryable(world, "p");
	world_pass(world, 1000);
	world_succeed(world, "p");
	assert_string_equal(run_state(world, run), "succeeded");
	assert_non_null(strstr(world->history, "A/parallel/p running>retrying"
					       "\n"));
	assert_non_null(strstr(world->history, "A/parallel/p retrying>running"
					       "\n"));
}

static void permanent_failure_is_final(void **state)
{
	struct world *world = *state;
	struct id run = start(world, THREE);

	world_fail(world, "p");
	assert_string_equal(task_state_of(world, run, "p"), "failed");
	assert_int_equal(task_of(world, run, "p")->reason,
			 REASON_PLUGIN_FAILED);
}

static void without_a_policy_there_is_one_attempt(void **state)
{
	struct world *world = *state;
	struct id run = start(world, "{\"plugin\": \"p\"}");

	retryable(world, "p");
	assert_string_equal(task_state_of(world, run, "p"), "failed");
}

static void a_death_counts_a_return_does_not(void **state)
{
	struct world *world = *state;
	struct id run = start(world, THREE);

	world_gone(world, "p", "here", "killed");
	assert_string_equal(task_state_of(world, run, "p"), "retrying");
	assert_int_equal(task_of(world, run, "p")->failures, 1);
	world_instance(world, "p", "there", 1);
	assert_int_equal(world_count(world, "p"), 1);
	world_pass(world, 1000);
	assert_int_equal(world_count(world, "p"), 2);
	world_gone(world, "p", "there", NULL);
	assert_string_equal(task_state_of(world, run, "p"), "pending");
	assert_int_equal(task_of(world, run, "p")->failures, 1);
}

static void an_attempt_that_timed_out_is_followed_by_another(void **state)
{
	struct world *world = *state;
	struct id run = start(world, THREE_TIMED);

	world_pass(world, 500);
	assert_int_equal(world->told_count, 1);
	retryable(world, "p");
	assert_string_equal(task_state_of(world, run, "p"), "retrying");
	assert_true(slice_is(task_of(world, run, "p")->message,
			     "timeout of 500ms exceeded: try again"));
	world_pass(world, 1000);
	assert_int_equal(world_count(world, "p"), 2);
	assert_int_equal(task_of(world, run, "p")->deadline_us,
			 world->now_us + 500000);
	world_succeed(world, "p");
	assert_string_equal(run_state(world, run), "succeeded");
}

/* It may still be at it: a second one beside it must not begin. */
static void an_abandoned_attempt_is_the_last(void **state)
{
	struct world *world = *state;
	struct id run = start(world, THREE_TIMED);

	world_pass(world, 500);
	world_pass(world, 60000);
	assert_string_equal(task_state_of(world, run, "p"), "failed");
	assert_int_equal(task_of(world, run, "p")->reason, REASON_ABANDONED);
	world_succeed(world, "p");
	assert_non_null(
	    strstr(world->history, "late: succeeded too late, ignored"));
	assert_string_equal(task_state_of(world, run, "p"), "failed");
}

static void a_late_completion_of_a_deleted_run_is_silent(void **state)
{
	struct world *world = *state;
	struct id run = start(world, THREE_TIMED);

	world_pass(world, 500);
	world_pass(world, 60000);
	assert_string_equal(run_state(world, run), "failed");
	engine_deleted(world->engine, &run);
	world_succeed(world, "p");
	assert_null(strstr(world->history, "late: "));
	assert_int_equal(
	    engine_in_flight(world->engine, SLICE("p"), SLICE("here")), 0);
}

static void cancel_ends_the_wait(void **state)
{
	struct world *world = *state;
	struct id run = start(world, THREE);
	struct event event = { .kind = EVENT_CANCEL, .run = run };

	retryable(world, "p");
	assert_int_equal(world_step(world, &event), 0);
	assert_string_equal(task_state_of(world, run, "p"), "cancelled");
	assert_string_equal(run_state(world, run), "cancelled");
	world_pass(world, 5000);
	assert_int_equal(world_count(world, "p"), 1);
}

static void the_wait_outlives_the_engine(void **state)
{
	struct world *world = *state;
	struct id id = start(world, THREE);
	struct engine_options options = { .grace_ms = 5000 };
	struct engine *other = engine_create(&options);
	struct engine *first = world->engine;

	retryable(world, "p");
	int64_t due_us = task_of(world, id, "p")->wake_us;

	world_restore(other, engine_run(first, &id), world);
	world_commit(world);
	world->engine = other;
	engine_destroy(first);
	world_plugin(world, "p", 4, "[]");
	assert_string_equal(task_state_of(world, id, "p"), "retrying");
	assert_int_equal(engine_next_due(other), due_us);
	world_pass(world, 1000);
	assert_int_equal(task_of(world, id, "p")->attempt, 2);
	assert_int_equal(task_of(world, id, "p")->failures, 1);
	world_succeed(world, "p");
	assert_string_equal(run_state(world, id), "succeeded");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(waits_grow_then_it_fails,
						world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(succeeds_in_the_end,
						world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(permanent_failure_is_final,
						world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(
		    without_a_policy_there_is_one_attempt, world_setup,
		    world_teardown),
		cmocka_unit_test_setup_teardown(
		    a_death_counts_a_return_does_not, world_setup,
		    world_teardown),
		cmocka_unit_test_setup_teardown(
		    an_attempt_that_timed_out_is_followed_by_another,
		    world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(
		    an_abandoned_attempt_is_the_last, world_setup,
		    world_teardown),
		cmocka_unit_test_setup_teardown(
		    a_late_completion_of_a_deleted_run_is_silent, world_setup,
		    world_teardown),
		cmocka_unit_test_setup_teardown(cancel_ends_the_wait,
						world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(the_wait_outlives_the_engine,
						world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
