/* Runs that come back out of the store after a crash. */
#include "world.h"

#define FLOW                                                           \
	"{\"workflow\": \"w\", \"activities\": [{\"name\": \"A\", "    \
	"\"pre\": [{\"plugin\": \"p\", \"as\": \"first\"}], "          \
	"\"parallel\": [{\"plugin\": \"p\", \"as\": \"x\", "           \
	"\"timeout_ms\": 1000}, {\"plugin\": \"p\", \"as\": \"y\"}], " \
	"\"post\": [{\"plugin\": \"p\", \"as\": \"last\"}]}]}"

static int setup(void **state)
{
	struct world *world = alloc_zeroed(1, sizeof(*world));

	world_init(world);
	world_plugin(world, "p", 9, "[]");
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	world_fini(*state);
	free(*state);
	return 0;
}

/* The process dies and another takes over, with plugin p or without. */
static void crash(struct world *world, struct id id, bool with_plugin)
{
	struct engine_options options = { .grace_ms = 5000 };
	struct engine *old = world->engine;

	world->engine = engine_create(&options);
	if (with_plugin) {
		world_plugin(world, "p", 9, "[]");
	}
	world->history[0] = '\0';
	world_restore(world->engine, engine_run(old, &id), world);
	engine_destroy(old);
}

static void what_was_in_hands_comes_again(void **state)
{
	struct world *world = *state;
	struct id run = world_start(world, FLOW, "{}");

	complete_delivery(world, world_delivery(world, "first"),
			  COMPLETION_SUCCEEDED, NULL, "7", "{\"s\": 1}", 0);
	world_succeed(world, "y");
	struct delivery old = *world_delivery(world, "x");

	crash(world, run, true);
	world_commit(world);
	assert_int_equal(world_count(world, "first"), 1);
	assert_int_equal(world_count(world, "y"), 1);
	assert_int_equal(world_count(world, "x"), 2);
	assert_int_equal(world_delivery(world, "x")->attempt, 2);
	assert_string_equal(world_delivery(world, "x")->outputs,
			    "{\"A\":{\"first\":7}}");
	/* Nobody of before can finish it any more. */
	old.attempt = 1;
	complete_delivery(world, &old, COMPLETION_FAILED, NULL, NULL, NULL, 0);
	assert_string_equal(task_state_of(world, run, "x"), "running");
	world_succeed(world, "x");
	world_succeed(world, "last");
	assert_string_equal(run_state(world, run), "succeeded");
}

static void a_parked_run_is_left_as_it_is(void **state)
{
	struct world *world = *state;
	struct id run = world_start(world, FLOW, "{}");
	int64_t until = world->now_us + 60000000;

	world_succeed(world, "first");
	complete_delivery(world, world_delivery(world, "x"), COMPLETION_PARKED,
			  NULL, NULL, NULL, until);
	complete_delivery(world, world_delivery(world, "y"), COMPLETION_PARKED,
			  NULL, NULL, NULL, until);
	assert_string_equal(run_state(world, run), "waiting");
	crash(world, run, true);
	assert_int_equal(world->out.transition_count, 0);
	assert_int_equal(world->out.change_count, 0);
	world_commit(world);
	/* x has a deadline before that time. */
	assert_int_equal(engine_next_due(world->engine),
			 task_of(world, run, "x")->deadline_us);
	assert_int_equal(task_of(world, run, "y")->wake_us, until);
}

static void a_deadline_holds_without_the_plugin(void **state)
{
	struct world *world = *state;
	struct id run = world_start(world, FLOW, "{}");

	world_succeed(world, "first");
	crash(world, run, false);
	world_commit(world);
	assert_int_equal(task_of(world, run, "x")->reason, REASON_NO_PLUGIN);
	world_pass(world, 1000);
	assert_string_equal(task_state_of(world, run, "x"), "failed");
	assert_int_equal(task_of(world, run, "x")->reason, REASON_DEADLINE);
	assert_string_equal(task_state_of(world, run, "y"), "pending");
	assert_string_equal(run_state(world, run), "running");
}

static void a_woken_task_keeps_its_deadline(void **state)
{
	struct world *world = *state;
	struct id run = world_start(world, FLOW, "{}");

	world_succeed(world, "first");
	complete_delivery(world, world_delivery(world, "x"), COMPLETION_PARKED,
			  NULL, NULL, NULL, world->now_us + 500000);
	crash(world, run, false);
	world_commit(world);
	world_pass(world, 500);
	assert_int_equal(task_of(world, run, "x")->wakes, 1);
	crash(world, run, false);
	world_commit(world);
	world_pass(world, 500);
	assert_string_equal(task_state_of(world, run, "x"), "failed");
}

static void what_was_told_to_stop_is_stopped(void **state)
{
	struct world *world = *state;
	struct id run = world_start(world, FLOW, "{}");
	struct event event = { .kind = EVENT_CANCEL, .run = run };

	assert_int_equal(world_step(world, &event), 0);
	crash(world, run, true);
	assert_string_equal(task_state_of(world, run, "first"), "cancelled");
	assert_string_equal(run_state(world, run), "cancelled");
	world_commit(world);
	assert_int_equal(world_count(world, "first"), 1);
}

static void a_second_cancel_is_remembered(void **state)
{
	struct world *world = *state;
	struct id run = world_start(
	    world,
	    "{\"workflow\": \"w\", \"activities\": [{\"name\": \"A\", "
	    "\"pre\": [{\"plugin\": \"p\", \"as\": \"first\"}], "
	    "\"post\": [{\"plugin\": \"p\", \"as\": \"clean\", "
	    "\"run_on\": \"always\"}]}]}",
	    "{}");
	struct event event = { .kind = EVENT_CANCEL, .run = run };

	assert_int_equal(world_step(world, &event), 0);
	assert_int_equal(world_step(world, &event), 0);
	crash(world, run, true);
	world_commit(world);
	assert_int_equal(world_count(world, "clean"), 0);
	assert_string_equal(run_state(world, run), "cancelled");
}

static void marks_of_skips_are_remembered(void **state)
{
	struct world *world = *state;
	struct id run = world_start(world, FLOW, "{}");
	struct event event = { .kind = EVENT_SKIP,
			       .run = run,
			       .as.skip.task = SLICE("last") };

	assert_int_equal(world_step(world, &event), 0);
	assert_true(event.as.skip.ret_marked);
	crash(world, run, true);
	world_commit(world);
	world_succeed(world, "first");
	world_succeed(world, "x");
	world_succeed(world, "y");
	assert_string_equal(task_state_of(world, run, "last"), "skipped");
	assert_string_equal(run_state(world, run), "succeeded");
}

/* All tasks of a phase have ended, and nobody noticed: the shape of a real
 * hang. It goes on by itself. */
static void a_hang_goes_on(void **state)
{
	struct world *world = *state;
	struct id run = world_start(world, FLOW, "{}");

	world_succeed(world, "first");
	struct run *hung = engine_run(world->engine, &run);

	for (uint32_t i = 1; i <= 2; i++) {
		hung->tasks[i]->record.state = TASK_SUCCEEDED;
	}
	crash(world, run, true);
	world_commit(world);
	assert_string_equal(phase_state(world, run, 0, PHASE_PARALLEL),
			    "succeeded");
	assert_int_equal(world_count(world, "x"), 1);
	world_succeed(world, "last");
	assert_string_equal(run_state(world, run), "succeeded");
}

static void damage_is_refused(void **state)
{
	struct world *world = *state;
	struct id id = world_start(world, FLOW, "{}");
	struct run *run = engine_run(world->engine, &id);
	struct run_record record = run->record;
	struct activity_record activity = run->activities[0].record;
	struct task_record task = run->tasks[0]->record;
	struct blob *output = NULL;
	struct event event = {
		.kind = EVENT_RESTORE,
		.run = id,
		.as.restore = { .run = &record,
				.definition = run_definition(run),
				.activities = &activity,
				.tasks = &task,
				.outputs = &output },
	};

	assert_int_equal(world_step(world, &event), E_CONFLICT);
	record.id.bytes[0] = 1;
	record.activity_count = 2;
	assert_int_equal(world_step(world, &event), E_CORRUPT);
	record.activity_count = 1;
	activity.phases[PHASE_PRE].expected = 5;
	assert_int_equal(world_step(world, &event), E_CORRUPT);
	activity.phases[PHASE_PRE].expected = 1;
	task.phase = PHASE_POST;
	assert_int_equal(world_step(world, &event), E_CORRUPT);
	assert_int_equal(engine_run_count(world->engine), 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(what_was_in_hands_comes_again),
		T(a_parked_run_is_left_as_it_is),
		T(a_deadline_holds_without_the_plugin),
		T(a_woken_task_keeps_its_deadline),
		T(what_was_told_to_stop_is_stopped),
		T(a_second_cancel_is_remembered),
		T(marks_of_skips_are_remembered),
		T(a_hang_goes_on),
		T(damage_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
