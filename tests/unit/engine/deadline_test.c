/*
 * Deadlines of a task over all its attempts, of an activity and of a run.
 */
#include "world.h"

#define RETRY                                                  \
	"\"retry\": {\"attempts\": 50, \"backoff_ms\": 1000, " \
	"\"factor\": 1.0, \"max_ms\": 60000, \"jitter\": 0.0}"

static struct id start_flow(struct world *world, const char *definition)
{
	world_plugin(world, "p", 4, "[]");
	world_plugin(world, "q", 4, "[]");
	return world_start(world, definition, "{}");
}

static void of_a_task_during_its_wait(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 4, "[]");
	struct id run = world_start_phase(
	    world, "parallel",
	    "{\"plugin\": \"p\", \"deadline_ms\": 2500, " RETRY "}");

	for (int i = 0; i < 3; i++) {
		complete_delivery(world, world_delivery(world, "p"),
				  COMPLETION_RETRYABLE, "no", NULL, NULL, 0);
		assert_string_equal(task_state_of(world, run, "p"), "retrying");
		world_pass(world, i < 2 ? 1000 : 500);
	}
	const struct task_record *task = task_of(world, run, "p");

	assert_string_equal(task_state_name(task->state), "failed");
	assert_int_equal(task->reason, REASON_DEADLINE);
	assert_true(slice_is(task->message, "deadline of 2500ms exceeded"));
	assert_string_equal(run_state(world, run), "failed");
}

static void of_a_task_in_hands(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 4, "[]");
	struct id run = world_start_phase(
	    world, "parallel",
	    "{\"plugin\": \"p\", \"deadline_ms\": 2500, " RETRY "}");

	world_pass(world, 2500);
	assert_int_equal(world->told_count, 1);
	assert_true(world->told[0].timed_out);
	complete_delivery(world, world_delivery(world, "p"),
			  COMPLETION_RETRYABLE, "stopped", NULL, NULL, 0);
	assert_string_equal(task_state_of(world, run, "p"), "failed");
	assert_int_equal(task_of(world, run, "p")->reason, REASON_DEADLINE);
}

#define TIMED_ACTIVITY                                                     \
	"{\"workflow\": \"w\", \"activities\": [{\"name\": \"A\", "        \
	"\"deadline_ms\": 3000, \"parallel\": [{\"plugin\": \"p\", "       \
	"\"as\": \"held\"}, {\"plugin\": \"p\", \"as\": \"waits\", " RETRY \
	"}], \"post\": [{\"plugin\": \"q\", \"as\": \"no\"}, "             \
	"{\"plugin\": \"q\", \"as\": \"clean\", \"run_on\": "              \
	"\"always\"}]}, {\"name\": \"B\", \"pre\": [{\"plugin\": "         \
	"\"q\", \"as\": \"next\"}]}]}"

static void of_an_activity(void **state)
{
	struct world *world = *state;
	struct id run = start_flow(world, TIMED_ACTIVITY);

	complete_delivery(world, world_delivery(world, "waits"),
			  COMPLETION_RETRYABLE, "no", NULL, NULL, 0);
	world_pass(world, 1000);
	complete_delivery(world, world_delivery(world, "waits"),
			  COMPLETION_RETRYABLE, "no", NULL, NULL, 0);
	world_pass(world, 1000);
	complete_delivery(world, world_delivery(world, "waits"),
			  COMPLETION_RETRYABLE, "no", NULL, NULL, 0);
	world_pass(world, 1000);
	/* Both are due now: the attempt, and the deadline. */
	assert_int_equal(world->told_count >= 1, 1);
	complete_delivery(world, world_delivery(world, "held"),
			  COMPLETION_FAILED, "stopped", NULL, NULL, 0);
	if (!strcmp(task_state_of(world, run, "waits"), "running")) {
		complete_delivery(world, world_delivery(world, "waits"),
				  COMPLETION_RETRYABLE, "stopped", NULL, NULL,
				  0);
	}
	assert_string_equal(task_state_of(world, run, "waits"), "failed");
	assert_int_equal(world_count(world, "no"), 0);
	world_succeed(world, "clean");
	assert_string_equal(run_state(world, run), "failed");
	assert_int_equal(world_count(world, "next"), 0);
	const struct run *ended = engine_run(world->engine, &run);

	assert_int_equal(ended->record.reason, REASON_DEADLINE);
	assert_true(
	    slice_is(ended->record.message, "A: deadline of 3s exceeded"));
	assert_int_equal(ended->activities[0].record.reason, REASON_DEADLINE);
}

static void of_an_activity_of_optional_tasks(void **state)
{
	struct world *world = *state;
	struct id run = start_flow(
	    world, "{\"workflow\": \"w\", \"activities\": [{\"name\": \"A\", "
		   "\"deadline_ms\": 3000, \"parallel\": [{\"plugin\": "
		   "\"p\", \"mandatory\": false}]}]}");

	world_pass(world, 3000);
	world_pass(world, 60000);
	assert_string_equal(task_state_of(world, run, "p"), "failed");
	assert_string_equal(run_state(world, run), "failed");
}

static void of_a_run_before_a_gate(void **state)
{
	struct world *world = *state;
	struct id run = start_flow(
	    world, "{\"workflow\": \"w\", \"deadline_ms\": 7000, "
		   "\"activities\": [{\"name\": \"A\", \"require\": "
		   "[\"missing\"], \"pre\": [{\"plugin\": \"p\"}]}]}");

	assert_string_equal(run_state(world, run), "waiting");
	world_pass(world, 6999);
	assert_string_equal(run_state(world, run), "waiting");
	world_pass(world, 1);
	assert_string_equal(run_state(world, run), "failed");
	assert_true(slice_is(engine_run(world->engine, &run)->record.message,
			     "the run's deadline of 7s exceeded"));
	assert_int_equal(engine_next_due(world->engine), 0);
}

static void of_a_run_outlives_the_engine(void **state)
{
	struct world *world = *state;
	struct id id =
	    start_flow(world, "{\"workflow\": \"w\", \"deadline_ms\": 7000, "
			      "\"activities\": [{\"name\": \"A\", \"pre\": "
			      "[{\"plugin\": \"p\"}]}]}");
	struct engine_options options = { .grace_ms = 5000 };
	struct engine *other = engine_create(&options);
	struct engine *first = world->engine;

	world->now_us += 3000000;
	world_restore(other, engine_run(first, &id), world);
	world_commit(world);
	world->engine = other;
	engine_destroy(first);
	world_plugin(world, "p", 4, "[]");
	world_pass(world, 3999);
	assert_int_equal(world->told_count, 0);
	world_pass(world, 1);
	assert_int_equal(world->told_count, 1);
}

static void ended_in_time(void **state)
{
	struct world *world = *state;
	struct id run = start_flow(
	    world, "{\"workflow\": \"w\", \"deadline_ms\": 7000, "
		   "\"activities\": [{\"name\": \"A\", \"deadline_ms\": 1000, "
		   "\"pre\": [{\"plugin\": \"p\"}]}, {\"name\": \"B\", "
		   "\"pre\": [{\"plugin\": \"q\"}]}]}");

	world_succeed(world, "p");
	assert_int_equal(engine_next_due(world->engine),
			 world->now_us + 7000000);
	world_pass(world, 1000);
	world_succeed(world, "q");
	assert_string_equal(run_state(world, run), "succeeded");
	assert_int_equal(engine_next_due(world->engine), 0);
}

static void report_progress(struct world *world, const char *name)
{
	const struct delivery *delivery = world_delivery(world, name);
	struct event event = {
		.kind = EVENT_PROGRESS,
		.run = delivery->run,
		.as.progress = { .task = delivery->task,
				 .attempt = delivery->attempt,
				 .fraction = 0.5 },
	};

	assert_int_equal(world_step(world, &event), 0);
}

/* The timer stands for progress that is to be written, and that is written by
 * the next report instead. */
static void of_who_reports_progress(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 1, "[]");
	struct id run = world_start_phase(
	    world, "parallel", "{\"plugin\": \"p\", \"timeout_ms\": 1000}");

	report_progress(world, "p");
	world->now_us += 100000;
	report_progress(world, "p");
	world->now_us += 150000;
	report_progress(world, "p");
	world_pass(world, 500);
	assert_int_equal(world->told_count, 0);
	world_pass(world, 250);
	assert_int_equal(world->told_count, 1);
	assert_true(world->told[0].timed_out);
	world_fail(world, "p");
	assert_string_equal(run_state(world, run), "failed");
}

/* Set back by an hour, and progress is still shown. */
static void progress_when_the_clock_is_set(void **state)
{
	struct world *world = *state;
	struct event event = { .kind = EVENT_CLOCK,
			       .as.clock = { -INT64_C(3600) * 1000000 } };

	world->now_us += INT64_C(7200) * 1000000;
	world_plugin(world, "p", 1, "[]");
	struct id run =
	    world_start_phase(world, "parallel", "{\"plugin\": \"p\"}");

	report_progress(world, "p");
	world->now_us -= INT64_C(3600) * 1000000;
	assert_int_equal(world_step(world, &event), 0);
	world->now_us += 100000;
	report_progress(world, "p");
	assert_int_equal(engine_next_due(world->engine),
			 world->now_us + 100000);
	world_succeed(world, "p");
	assert_string_equal(run_state(world, run), "succeeded");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(of_a_task_during_its_wait,
						world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(of_a_task_in_hands, world_setup,
						world_teardown),
		cmocka_unit_test_setup_teardown(of_an_activity, world_setup,
						world_teardown),
		cmocka_unit_test_setup_teardown(
		    of_an_activity_of_optional_tasks, world_setup,
		    world_teardown),
		cmocka_unit_test_setup_teardown(of_a_run_before_a_gate,
						world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(of_a_run_outlives_the_engine,
						world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(of_who_reports_progress,
						world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(progress_when_the_clock_is_set,
						world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(ended_in_time, world_setup,
						world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
