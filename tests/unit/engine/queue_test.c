/*
 * Tasks of plugins with a queue: what the engine orders, and what it makes of
 * what the queue says. Here nobody keeps messages; the orders are looked at.
 */
#include "world.h"

static void queue(struct world *world, const char *plugin,
		  struct queue_policy policy)
{
	struct event event = {
		.kind = EVENT_PLUGIN,
		.as.plugin = { .name = slice_of(plugin), .queue = &policy },
	};

	assert_int_equal(world_step(world, &event), 0);
}

static struct queue_policy three(void)
{
	struct queue_policy policy = queue_policy_default();

	policy.retry = retry_policy_of(3);
	return policy;
}

static int about(struct world *world, enum event_kind kind, struct id run,
		 uint32_t task)
{
	struct event event = {
		.kind = kind,
		.run = run,
		.as.message = { .task = task },
	};

	return world_step(world, &event);
}

/* The message of the only task is handed out. */
static void lease(struct world *world, struct id run)
{
	assert_int_equal(about(world, EVENT_LEASED, run, 0), 0);
}

static void retryable(struct world *world, const char *name)
{
	complete_delivery(world, world_delivery(world, name),
			  COMPLETION_RETRYABLE, "try again", NULL, NULL, 0);
}

static void expect_orders(struct world *world, const char *expected)
{
	assert_string_equal(world->orders, expected);
	world->orders[0] = 0;
}

static struct id start(struct world *world)
{
	queue(world, "p", three());
	struct id run = world_start_phase(world, "parallel",
					  "{\"plugin\": "
					  "\"p\"}");

	expect_orders(world, "put p in p priority 0 at 0\n");
	return run;
}

static void it_enters_with_the_phase(void **state)
{
	struct world *world = *state;
	struct id run = start(world);

	assert_string_equal(task_state_of(world, run, "p"), "queued");
	assert_int_equal(task_of(world, run, "p")->reason, REASON_IN_QUEUE);
	assert_string_equal(phase_state(world, run, 0, PHASE_PARALLEL),
			    "running");
	assert_int_equal(world_count(world, "p"), 0);
	/* Nobody is there to take it. */
	assert_int_equal(about(world, EVENT_LEASED, run, 0), E_BUSY);
	world_instance(world, "p", "one", 1);
	assert_int_equal(world_count(world, "p"), 0);
	assert_string_equal(engine_next_hungry(world->engine), "p");
	assert_null(engine_next_hungry(world->engine));
	assert_int_equal(engine_free_slots(world->engine, SLICE("p")), 1);
	lease(world, run);
	assert_int_equal(engine_free_slots(world->engine, SLICE("p")), 0);
	assert_int_equal(world_count(world, "p"), 1);
	assert_int_equal(about(world, EVENT_LEASED, run, 0), E_CONFLICT);
	expect_orders(world, "");
	world_succeed(world, "p");
	expect_orders(world, "ack p in p priority 0 at 0\n");
	assert_string_equal(run_state(world, run), "succeeded");
	assert_string_equal(engine_next_hungry(world->engine), "p");
	assert_int_equal(about(world, EVENT_LEASED, run, 0), E_NOT_FOUND);
}

static void in_pre_one_after_another(void **state)
{
	struct world *world = *state;

	queue(world, "p", three());
	queue(world, "q", three());
	struct id run = world_start_phase(
	    world, "pre", "{\"plugin\": \"p\"}, {\"plugin\": \"q\"}");

	expect_orders(world, "put p in p priority 0 at 0\n");
	assert_string_equal(task_state_of(world, run, "q"), "pending");
	world_instance(world, "p", "one", 1);
	lease(world, run);
	world_succeed(world, "p");
	expect_orders(world, "ack p in p priority 0 at 0\n"
			     "put q in q priority 0 at 0\n");
	assert_string_equal(task_state_of(world, run, "q"), "queued");
}

static void keys_are_looked_up(void **state)
{
	struct world *world = *state;
	struct queue_policy policy = three();
	static char name[] = "letters";
	static char fifo[] = "run.workflow";
	static char priority[] = "attributes.urgency";

	policy.name = name;
	policy.fifo_key = fifo;
	policy.priority_key = priority;
	queue(world, "p", policy);
	(void)world_start(world,
			  "{\"workflow\": \"w\", \"activities\": [{\"name\": "
			  "\"A\", \"parallel\": [{\"plugin\": \"p\", \"with\": "
			  "{\"n\": \"${{ attributes.urgency }}\"}}]}]}",
			  "{\"urgency\": 7}");
	expect_orders(world, "put p in letters group w priority 7 at 0 with "
			     "{\"n\":7}\n");
}

static void failures_come_back_then_it_is_dead(void **state)
{
	struct world *world = *state;
	struct id run = start(world);

	world_instance(world, "p", "one", 1);
	lease(world, run);
	retryable(world, "p");
	assert_string_equal(task_state_of(world, run, "p"), "retrying");
	/* Started at 1 s, one second of back-off. */
	expect_orders(world, "nack p in p priority 0 at 2000000: try again\n");
	world_pass(world, 1000);
	assert_string_equal(task_state_of(world, run, "p"), "queued");
	expect_orders(world, "expose p in p priority 0 at 0\n");
	lease(world, run);
	assert_int_equal(task_of(world, run, "p")->attempt, 2);
	world_gone(world, "p", "one", "killed");
	expect_orders(world, "nack p in p priority 0 at 4000000: killed\n");
	world_pass(world, 2000);
	world_instance(world, "p", "two", 1);
	world->orders[0] = 0;
	lease(world, run);
	retryable(world, "p");
	assert_string_equal(task_state_of(world, run, "p"), "failed");
	assert_int_equal(task_of(world, run, "p")->reason, REASON_DEAD_LETTER);
	expect_orders(world, "bury p in p priority 0 at 0: queue 'p': attempt "
			     "3 of 3 failed: try again\n");
	assert_string_equal(run_state(world, run), "failed");
}

static void a_verdict_is_no_dead_letter(void **state)
{
	struct world *world = *state;
	struct id run = start(world);

	world_instance(world, "p", "one", 1);
	lease(world, run);
	world_fail(world, "p");
	expect_orders(world, "ack p in p priority 0 at 0\n");
	assert_int_equal(task_of(world, run, "p")->reason,
			 REASON_PLUGIN_FAILED);
}

static void redriven_it_enters_again(void **state)
{
	struct world *world = *state;
	struct id run = start(world);
	struct engine_reopen reopen = { .kind = REOPEN_FAILED,
					.queue = SLICE("p") };
	struct engine_reopen other = { .kind = REOPEN_FAILED,
				       .queue = SLICE("q") };

	world_instance(world, "p", "one", 1);
	for (int i = 0; i < 3; i++) {
		lease(world, run);
		retryable(world, "p");
		world_pass(world, 10000);
	}
	assert_string_equal(run_state(world, run), "failed");
	struct engine *before = world->engine;
	const struct run *ended = engine_run(before, &run);
	struct engine_options options = { .grace_ms = 5000 };

	world->engine = engine_create(&options);
	queue(world, "p", three());
	world->orders[0] = 0;
	assert_int_equal(
	    world_restore_as(world->engine, ended, world, NULL, 0, &other),
	    E_UNCHANGED);
	assert_int_equal(
	    world_restore_as(world->engine, ended, world, NULL, 0, &reopen), 0);
	world_commit(world);
	assert_int_equal(reopen.ret_tasks, 1);
	expect_orders(world, "ack p in p priority 0 at 0\n"
			     "put p in p priority 0 at 0\n");
	assert_string_equal(task_state_of(world, run, "p"), "queued");
	assert_int_equal(task_of(world, run, "p")->failures, 0);
	engine_destroy(before);
}

static void parked_it_comes_back_in_the_same_attempt(void **state)
{
	struct world *world = *state;
	struct id run = start(world);
	const struct task_record *task = task_of(world, run, "p");

	world_instance(world, "p", "one", 1);
	lease(world, run);
	complete_delivery(world, world_delivery(world, "p"), COMPLETION_PARKED,
			  "later", NULL, NULL, 3000000);
	assert_string_equal(task_state_of(world, run, "p"), "waiting");
	expect_orders(world, "nack p in p priority 0 at 3000000\n");
	world_pass(world, 2000);
	assert_string_equal(task_state_of(world, run, "p"), "queued");
	lease(world, run);
	assert_int_equal(task->attempt, 1);
	assert_int_equal(task->wakes, 1);
	complete_delivery(world, world_delivery(world, "p"), COMPLETION_PARKED,
			  "later", NULL, NULL, 5000000);
	/* The queue may look at the clock before the engine does. */
	lease(world, run);
	assert_int_equal(task->wakes, 2);
	assert_int_equal(task->attempt, 1);
}

static void what_has_ended_is_taken_out(void **state)
{
	struct world *world = *state;
	struct id run = start(world);
	struct event cancel = { .kind = EVENT_CANCEL, .run = run };

	assert_int_equal(world_step(world, &cancel), 0);
	expect_orders(world, "ack p in p priority 0 at 0\n");
	assert_string_equal(task_state_of(world, run, "p"), "cancelled");

	run = start(world);
	struct event skip = { .kind = EVENT_SKIP,
			      .run = run,
			      .as.skip = { .task = SLICE("p") } };

	assert_int_equal(world_step(world, &skip), 0);
	free(skip.as.skip.ret_tasks);
	expect_orders(world, "ack p in p priority 0 at 0\n");
	assert_string_equal(task_state_of(world, run, "p"), "skipped");

	run = start(world);
	assert_int_equal(about(world, EVENT_PURGED, run, 0), 0);
	expect_orders(world, "ack p in p priority 0 at 0\n");
	assert_int_equal(task_of(world, run, "p")->reason, REASON_PURGED);
	assert_int_equal(about(world, EVENT_PURGED, run, 0), E_NOT_FOUND);
}

static void a_lease_that_expired_is_a_failed_attempt(void **state)
{
	struct world *world = *state;
	struct id run = start(world);

	world_instance(world, "p", "one", 1);
	lease(world, run);
	struct delivery first = *world_delivery(world, "p");

	assert_int_equal(about(world, EVENT_EXPIRED, run, 0), 0);
	assert_string_equal(task_state_of(world, run, "p"), "retrying");
	assert_int_equal(world->told_count, 1);
	assert_true(world->told[0].timed_out);
	expect_orders(world, "nack p in p priority 0 at 2000000: one had the "
			     "message and said nothing of it\n");
	/* Its slot is taken until it lets go. */
	world_pass(world, 1000);
	assert_int_equal(about(world, EVENT_LEASED, run, 0), E_BUSY);
	complete_delivery(world, &first, COMPLETION_SUCCEEDED, NULL, NULL, NULL,
			  0);
	assert_string_equal(task_state_of(world, run, "p"), "queued");
	assert_non_null(strstr(world->history, "late: succeeded too late"));
	lease(world, run);
	world_succeed(world, "p");
	assert_string_equal(run_state(world, run), "succeeded");
	/* Stale: nothing happens. */
	assert_int_equal(about(world, EVENT_EXPIRED, run, 0), 0);
}

static void of_a_paused_run_nothing_is_taken(void **state)
{
	struct world *world = *state;
	struct id run = start(world);
	struct event pause = { .kind = EVENT_PAUSE, .run = run };
	struct event resume = { .kind = EVENT_RESUME, .run = run };

	world_instance(world, "p", "one", 1);
	assert_int_equal(world_step(world, &pause), 0);
	assert_int_equal(about(world, EVENT_LEASED, run, 0), E_UNCHANGED);
	expect_orders(world, "");
	assert_int_equal(world_step(world, &resume), 0);
	expect_orders(world, "expose p in p priority 0 at 0\n");
	lease(world, run);
}

static void after_a_restart_it_waits_again(void **state)
{
	struct world *world = *state;
	struct id run = start(world);

	world_instance(world, "p", "one", 1);
	lease(world, run);
	struct engine *before = world->engine;
	struct engine_options options = { .grace_ms = 5000 };

	world->engine = engine_create(&options);
	queue(world, "p", three());
	world_restore(world->engine, engine_run(before, &run), world);
	world_commit(world);
	assert_string_equal(task_state_of(world, run, "p"), "queued");
	expect_orders(world,
		      "nack p in p priority 0 at 0: the orchestrator ended\n"
		      "expose p in p priority 0 at 0\n");
	assert_string_equal(engine_next_hungry(world->engine), "p");
	world_instance(world, "p", "two", 1);
	lease(world, run);
	assert_int_equal(task_of(world, run, "p")->attempt, 2);
	assert_int_equal(task_of(world, run, "p")->failures, 0);
	engine_destroy(before);
}

static void one_that_ends_the_orchestrator_is_a_dead_letter(void **state)
{
	struct world *world = *state;
	struct id run = start(world);

	world_instance(world, "p", "one", 1);
	lease(world, run);
	struct engine *before = world->engine;
	struct engine_options options = { .grace_ms = 5000 };
	struct restore_blame blame = {
		.task = 0,
		.attempt = 1,
		.quarantined = true,
		.message = SLICE("it crashed"),
	};

	world->engine = engine_create(&options);
	queue(world, "p", three());
	world_restore_blaming(world->engine, engine_run(before, &run), world,
			      &blame, 1);
	world_commit(world);
	assert_int_equal(task_of(world, run, "p")->reason, REASON_DEAD_LETTER);
	expect_orders(world, "bury p in p priority 0 at 0: queue 'p': it "
			     "crashed\n");
	engine_destroy(before);
}

static void whose_consumer_died_is_handed_out_alone(void **state)
{
	struct world *world = *state;

	queue(world, "p", three());
	struct id run = world_start_phase(world, "parallel",
					  "{\"plugin\": \"p\", \"as\": \"a\"}, "
					  "{\"plugin\": \"p\", \"as\": \"b\"}, "
					  "{\"plugin\": \"p\", \"as\": \"c\"}");

	world_instance(world, "p", "one", 2);
	assert_int_equal(about(world, EVENT_LEASED, run, 0), 0);
	assert_int_equal(about(world, EVENT_LEASED, run, 1), 0);
	world_gone(world, "p", "one", "killed");
	world_pass(world, 1000);
	world_instance(world, "p", "two", 3);
	/* Beside one that was not there it does not go ... */
	assert_int_equal(about(world, EVENT_LEASED, run, 2), 0);
	assert_int_equal(about(world, EVENT_LEASED, run, 0), E_BUSY);
	world_succeed(world, "c");
	assert_string_equal(engine_next_hungry(world->engine), "p");
	/* ... and nothing goes beside it. */
	assert_int_equal(about(world, EVENT_LEASED, run, 0), 0);
	assert_int_equal(engine_free_slots(world->engine, SLICE("p")), 0);
	assert_int_equal(about(world, EVENT_LEASED, run, 1), E_BUSY);
	world_gone(world, "p", "two", "killed");
	world_pass(world, 3000);
	/* It alone has used up an attempt. */
	assert_int_equal(task_of(world, run, "a")->failures, 2);
	assert_int_equal(task_of(world, run, "b")->failures, 1);
	world_instance(world, "p", "three", 2);
	assert_int_equal(about(world, EVENT_LEASED, run, 1), 0);
	world_succeed(world, "b");
	assert_int_equal(engine_free_slots(world->engine, SLICE("p")), 2);
}

static void progress_and_quarantine(void **state)
{
	struct world *world = *state;
	struct id run = start(world);
	struct event progress = {
		.kind = EVENT_PROGRESS,
		.run = run,
		.as.progress = { .attempt = 1, .fraction = 0.5 },
	};
	struct event quarantine = {
		.kind = EVENT_QUARANTINE,
		.as.quarantine = { .name = SLICE("p"), .on = true },
	};

	world_instance(world, "p", "one", 2);
	lease(world, run);
	assert_int_equal(world_step(world, &progress), 0);
	expect_orders(world, "extend p in p priority 0 at 0\n");
	/* Messages are not lost to a quarantine, they wait. */
	assert_int_equal(world_step(world, &quarantine), 0);
	assert_int_equal(engine_free_slots(world->engine, SLICE("p")), 0);
	run = world_start_phase(world, "parallel", "{\"plugin\": \"p\"}");
	assert_string_equal(task_state_of(world, run, "p"), "queued");
	while (engine_next_hungry(world->engine)) {
	}
	quarantine.as.quarantine.on = false;
	assert_int_equal(world_step(world, &quarantine), 0);
	assert_string_equal(engine_next_hungry(world->engine), "p");
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(it_enters_with_the_phase),
		TEST(in_pre_one_after_another),
		TEST(keys_are_looked_up),
		TEST(failures_come_back_then_it_is_dead),
		TEST(a_verdict_is_no_dead_letter),
		TEST(redriven_it_enters_again),
		TEST(parked_it_comes_back_in_the_same_attempt),
		TEST(what_has_ended_is_taken_out),
		TEST(a_lease_that_expired_is_a_failed_attempt),
		TEST(of_a_paused_run_nothing_is_taken),
		TEST(after_a_restart_it_waits_again),
		TEST(one_that_ends_the_orchestrator_is_a_dead_letter),
		TEST(whose_consumer_died_is_handed_out_alone),
		TEST(progress_and_quarantine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
