/*
 * How waiting in a queue ends: by a failure elsewhere, and by deadlines, also
 * after a restart; and what is said of a task that was given up and went on.
 */
#include "world.h"

static void queue(struct world *world, const char *plugin)
{
	struct queue_policy policy = queue_policy_default();
	struct event event = {
		.kind = EVENT_PLUGIN,
		.as.plugin = { .name = slice_of(plugin), .queue = &policy },
	};

	assert_int_equal(world_step(world, &event), 0);
}

static int about(struct world *world, enum event_kind kind, struct id run)
{
	struct event event = { .kind = kind, .run = run };

	return world_step(world, &event);
}

static void unbegun_it_is_left_out_after_a_failure(void **state)
{
	struct world *world = *state;
	struct event removal = { .kind = EVENT_REMOVE,
				 .as.remove = { SLICE("q") } };

	queue(world, "p");
	world_plugin(world, "q", 1, "[]");
	struct id run = world_start_phase(
	    world, "pre", "{\"plugin\": \"p\"}, {\"plugin\": \"q\"}");

	assert_string_equal(task_state_of(world, run, "p"), "queued");
	world->orders[0] = 0;
	assert_int_equal(world_step(world, &removal), 0);
	assert_string_equal(task_state_of(world, run, "q"), "failed");
	assert_string_equal(task_state_of(world, run, "p"), "skipped");
	assert_string_equal(world->orders, "ack p in p priority 0 at 0\n");
	assert_string_equal(run_state(world, run), "failed");
}

static void restart(struct world *world, struct id run)
{
	struct engine *before = world->engine;
	struct engine_options options = { .grace_ms = 5000 };

	world->engine = engine_create(&options);
	queue(world, "p");
	world_restore(world->engine, engine_run(before, &run), world);
	world_commit(world);
	engine_destroy(before);
}

static void its_deadline_counts_after_a_restart(void **state)
{
	struct world *world = *state;

	queue(world, "p");
	world_instance(world, "p", "one", 1);
	struct id run = world_start_phase(
	    world, "parallel", "{\"plugin\": \"p\", \"deadline_ms\": 10000}");

	assert_int_equal(about(world, EVENT_LEASED, run), 0);
	complete_delivery(world, world_delivery(world, "p"),
			  COMPLETION_RETRYABLE, "try again", NULL, NULL, 0);
	world_pass(world, 1000);
	assert_string_equal(task_state_of(world, run, "p"), "queued");
	restart(world, run);
	world_pass(world, 8999);
	assert_string_equal(task_state_of(world, run, "p"), "queued");
	world_pass(world, 1);
	assert_string_equal(task_state_of(world, run, "p"), "failed");
	assert_int_equal(task_of(world, run, "p")->reason, REASON_DEADLINE);
}

static void a_deadline_counts_while_what_came_back_waits(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 1, "[]");
	struct id run = world_start_phase(
	    world, "parallel", "{\"plugin\": \"p\", \"deadline_ms\": 10000}");

	world_gone(world, "p", "here", NULL);
	assert_string_equal(task_state_of(world, run, "p"), "pending");
	world_pass(world, 9999);
	assert_string_equal(task_state_of(world, run, "p"), "pending");
	world_pass(world, 1);
	assert_string_equal(task_state_of(world, run, "p"), "failed");
}

/* Given up, it went on, and its run has left the engine. */
static void what_is_late_says_how_the_task_ended(void **state)
{
	struct world *world = *state;
	struct event cancel = { .kind = EVENT_CANCEL };

	queue(world, "p");
	world_instance(world, "p", "one", 1);
	struct id run =
	    world_start_phase(world, "parallel", "{\"plugin\": \"p\"}");

	assert_int_equal(about(world, EVENT_LEASED, run), 0);
	assert_int_equal(about(world, EVENT_EXPIRED, run), 0);
	cancel.run = run;
	assert_int_equal(world_step(world, &cancel), 0);
	assert_string_equal(task_state_of(world, run, "p"), "cancelled");
	engine_forget(world->engine, engine_run(world->engine, &run));

	struct output out = { 0 };
	struct event late = {
		.kind = EVENT_COMPLETED,
		.run = run,
		.as.completed = { .task = 0,
				  .attempt = 1,
				  .outcome = COMPLETION_SUCCEEDED },
	};

	assert_int_equal(
	    engine_step(world->engine, &late, world->now_us, &out, NULL), 0);
	assert_int_equal(out.transition_count, 1);
	assert_int_equal(out.transitions[0].reason, REASON_LATE);
	assert_int_equal(out.transitions[0].from, TASK_CANCELLED);
	assert_int_equal(out.transitions[0].to, TASK_CANCELLED);
	output_fini(&out);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(unbegun_it_is_left_out_after_a_failure),
		TEST(its_deadline_counts_after_a_restart),
		TEST(a_deadline_counts_while_what_came_back_waits),
		TEST(what_is_late_says_how_the_task_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
