/* Failures, optional ones, drains, deadlines, cancels and skips. */
#include "world.h"

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

#define BIND(name) "{\"plugin\": \"p\", \"as\": \"" name "\"}"
#define OPTIONAL(name) \
	"{\"plugin\": \"p\", \"as\": \"" name "\", \"mandatory\": false}"
#define RUN_ON(name, when) \
	"{\"plugin\": \"p\", \"as\": \"" name "\", \"run_on\": \"" when "\"}"
#define TIMED(name) \
	"{\"plugin\": \"p\", \"as\": \"" name "\", \"timeout_ms\": 1000}"
#define FLOW(body)                                                           \
	"{\"workflow\": \"w\", \"activities\": [{\"name\": \"A\"" body "}, " \
	"{\"name\": \"B\"}]}"

static void mandatory_failure_drains(void **state)
{
	struct world *world = *state;
	struct id
	    run = world_start(world,
			      FLOW(", \"parallel\": [" BIND("x") "," BIND("y") "], \"post\": [" BIND(
				  "publish") "," RUN_ON("clean",
							"always") "," RUN_ON("a"
									     "l"
									     "e"
									     "r"
									     "t",
									     "f"
									     "a"
									     "i"
									     "l"
									     "u"
									     "r"
									     "e") "]"),
			      "{}");

	world_fail(world, "x");
	assert_string_equal(phase_state(world, run, 0, PHASE_PARALLEL),
			    "failed");
	assert_string_equal(run_state(world, run), "running");
	assert_string_equal(task_state_of(world, run, "y"), "running");
	world_succeed(world, "y");
	assert_string_equal(task_state_of(world, run, "y"), "succeeded");
	world_succeed(world, "clean");
	world_succeed(world, "alert");
	assert_int_equal(world_count(world, "publish"), 0);
	assert_string_equal(run_state(world, run), "failed");
	const struct run *at = engine_run(world->engine, &run);

	assert_int_equal(at->activities[1].record.state, GROUP_PENDING);
	assert_int_equal(at->activities[0].record.state, GROUP_FAILED);
	assert_true(slice_is(at->record.message, "A/parallel/x: no luck"));
}

static void pre_failure_skips_the_rest(void **state)
{
	struct world *world = *state;
	struct id run =
	    world_start(world,
			FLOW(", \"pre\": [" BIND("x") "," BIND(
			    "y") "], \"parallel\": [" BIND("z") "]"),
			"{}");

	world_fail(world, "x");
	assert_string_equal(task_state_of(world, run, "y"), "skipped");
	assert_string_equal(run_state(world, run), "failed");
	assert_string_equal(phase_state(world, run, 0, PHASE_PARALLEL),
			    "pending");
	assert_string_equal(phase_state(world, run, 0, PHASE_POST), "pending");
}

static void optional_failure_degrades(void **state)
{
	struct world *world = *state;
	struct id run = world_start(
	    world, FLOW(", \"pre\": [" OPTIONAL("x") "," BIND("y") "]"), "{}");

	world_fail(world, "x");
	world_succeed(world, "y");
	assert_string_equal(phase_state(world, run, 0, PHASE_PRE), "degraded");
	assert_string_equal(run_state(world, run), "degraded");
}

static void optional_failure_may_count(void **state)
{
	struct world *world = *state;
	struct id run = world_start(
	    world,
	    FLOW(", \"optional_failure\": \"fail\", \"parallel\": [" OPTIONAL(
		"x") "]"),
	    "{}");

	world_fail(world, "x");
	assert_string_equal(run_state(world, run), "failed");
}

static void mandatory_done_before_optional(void **state)
{
	struct world *world = *state;
	struct id run = world_start(
	    world, FLOW(", \"parallel\": [" OPTIONAL("x") "," BIND("y") "]"),
	    "{}");
	const struct phase_record *phase = &engine_run(world->engine, &run)
						->activities[0]
						.record.phases[PHASE_PARALLEL];

	assert_false(phase->mandatory_done);
	world_succeed(world, "y");
	assert_true(phase->mandatory_done);
	assert_string_equal(phase_state(world, run, 0, PHASE_PARALLEL),
			    "running");
	world_succeed(world, "x");
	assert_string_equal(run_state(world, run), "succeeded");
}

static void only_optional_are_waited_for(void **state)
{
	struct world *world = *state;
	struct id run = world_start(
	    world,
	    FLOW(", \"parallel\": [" OPTIONAL("x") "," OPTIONAL("y") "]"),
	    "{}");

	world_succeed(world, "y");
	assert_string_equal(phase_state(world, run, 0, PHASE_PARALLEL),
			    "running");
	world_succeed(world, "x");
	assert_string_equal(run_state(world, run), "succeeded");
}

static void empty_phase_may_fail(void **state)
{
	struct world *world = *state;
	struct id run =
	    world_start(world, FLOW(", \"on_empty\": \"fail\""), "{}");

	assert_string_equal(phase_state(world, run, 0, PHASE_PRE), "succeeded");
	assert_string_equal(phase_state(world, run, 0, PHASE_PARALLEL),
			    "failed");
	assert_string_equal(run_state(world, run), "failed");
}

static void failure_may_cancel_siblings(void **state)
{
	struct world *world = *state;
	struct id run = world_start(
	    world,
	    FLOW(", \"on_failure\": \"cancel\", \"parallel\": [" BIND(
		"x") "," BIND("y") "]"),
	    "{}");

	world_fail(world, "x");
	assert_int_equal(world->told_count, 1);
	assert_string_equal(world->told[0].name, "y");
	world_fail(world, "y");
	assert_string_equal(task_state_of(world, run, "y"), "cancelled");
	assert_string_equal(run_state(world, run), "failed");
}

static void deadline_tells_then_abandons(void **state)
{
	struct world *world = *state;
	struct id run =
	    world_start(world, FLOW(", \"parallel\": [" TIMED("x") "]"), "{}");
	struct delivery late = *world_delivery(world, "x");

	world_pass(world, 999);
	assert_int_equal(world->told_count, 0);
	world_pass(world, 1);
	assert_int_equal(world->told_count, 1);
	assert_true(world->told[0].timed_out);
	assert_string_equal(task_state_of(world, run, "x"), "running");
	world_pass(world, 5000);
	assert_string_equal(task_state_of(world, run, "x"), "failed");
	assert_int_equal(task_of(world, run, "x")->reason, REASON_ABANDONED);
	assert_string_equal(run_state(world, run), "failed");
	/* The slot comes back when the plugin lets go. */
	complete_delivery(world, &late, COMPLETION_SUCCEEDED, NULL, NULL, NULL,
			  0);
	assert_string_equal(run_state(world, run), "failed");
}

static void deadline_answered_in_time(void **state)
{
	struct world *world = *state;
	struct id run =
	    world_start(world, FLOW(", \"parallel\": [" TIMED("x") "]"), "{}");

	world_pass(world, 1000);
	world_fail(world, "x");
	assert_string_equal(task_state_of(world, run, "x"), "failed");
	assert_int_equal(task_of(world, run, "x")->reason, REASON_DEADLINE);
	assert_int_equal(engine_next_due(world->engine), 0);
}

static void parked_tasks_wake(void **state)
{
	struct world *world = *state;
	struct id run = world_start(
	    world, FLOW(", \"pre\": [" BIND("x") "," BIND("y") "]"), "{}");
	int64_t until = world->now_us + 3000000;

	complete_delivery(world, world_delivery(world, "x"), COMPLETION_PARKED,
			  "later", NULL, NULL, until);
	assert_string_equal(run_state(world, run), "waiting");
	assert_int_equal(engine_next_due(world->engine), until);
	world_pass(world, 2999);
	assert_int_equal(world_count(world, "x"), 1);
	world_pass(world, 1);
	assert_int_equal(world_count(world, "x"), 2);
	assert_int_equal(world_delivery(world, "x")->attempt, 1);
	assert_int_equal(task_of(world, run, "x")->wakes, 1);
	assert_string_equal(run_state(world, run), "running");
	world_succeed(world, "x");
	world_succeed(world, "y");
	assert_string_equal(run_state(world, run), "succeeded");
}

static void parked_tasks_have_deadlines(void **state)
{
	struct world *world = *state;
	struct id run =
	    world_start(world, FLOW(", \"pre\": [" TIMED("x") "]"), "{}");

	complete_delivery(world, world_delivery(world, "x"), COMPLETION_PARKED,
			  NULL, NULL, NULL, world->now_us + 9000000);
	world_pass(world, 1000);
	assert_string_equal(task_state_of(world, run, "x"), "failed");
	assert_string_equal(run_state(world, run), "failed");
}

static int cancel(struct world *world, struct id run)
{
	struct event event = { .kind = EVENT_CANCEL,
			       .run = run,
			       .actor = SLICE("operator") };

	return world_step(world, &event);
}

static void cancel_tells_and_cleans_up(void **state)
{
	struct world *world = *state;
	struct id run = world_start(
	    world,
	    FLOW(", \"pre\": [" BIND("x") "," BIND("y") "], \"post\": [" BIND(
		"publish") "," RUN_ON("clean", "always") "]"),
	    "{}");

	assert_int_equal(cancel(world, run), 0);
	assert_string_equal(run_state(world, run), "cancelling");
	assert_string_equal(task_state_of(world, run, "y"), "cancelled");
	assert_int_equal(world->told_count, 1);
	world_fail(world, "x");
	assert_string_equal(task_state_of(world, run, "x"), "cancelled");
	assert_string_equal(run_state(world, run), "cancelling");
	world_succeed(world, "clean");
	assert_string_equal(run_state(world, run), "cancelled");
	assert_int_equal(world_count(world, "publish"), 0);
	assert_int_equal(cancel(world, run), E_UNCHANGED);
}

static void cancel_twice_forces(void **state)
{
	struct world *world = *state;
	struct id run = world_start(
	    world, FLOW(", \"post\": [" RUN_ON("clean", "always") "]"), "{}");

	assert_int_equal(cancel(world, run), 0);
	assert_int_equal(world->told_count, 0);
	assert_int_equal(cancel(world, run), 0);
	assert_int_equal(world->told_count, 1);
	assert_int_equal(cancel(world, run), E_UNCHANGED);
	world_pass(world, 5000);
	assert_string_equal(task_state_of(world, run, "clean"), "cancelled");
	assert_string_equal(run_state(world, run), "cancelled");
}

/* Work that ended well in spite of the cancel does not make up for what was
 * left out because of it. */
static void cancel_leaves_out_post(void **state)
{
	struct world *world = *state;
	struct id run = world_start(
	    world,
	    "{\"workflow\": \"w\", \"activities\": [{\"name\": \"A\", "
	    "\"parallel\": [" BIND("x") "], \"post\": [" BIND(
		"publish") "," RUN_ON("clean", "always") "]}]}",
	    "{}");

	assert_int_equal(cancel(world, run), 0);
	world_succeed(world, "x");
	world_succeed(world, "clean");
	assert_int_equal(world_count(world, "publish"), 0);
	assert_string_equal(run_state(world, run), "cancelled");
}

static void cancel_twice_before_post(void **state)
{
	struct world *world = *state;
	struct id run = world_start(
	    world,
	    FLOW(", \"parallel\": [" BIND("x") "], \"post\": [" RUN_ON(
		"clean", "always") "]"),
	    "{}");

	assert_int_equal(cancel(world, run), 0);
	assert_int_equal(cancel(world, run), 0);
	world_fail(world, "x");
	assert_int_equal(world_count(world, "clean"), 0);
	assert_string_equal(run_state(world, run), "cancelled");
}

static void cancel_on_failure_spares_post_for_failures(void **state)
{
	struct world *world = *state;
	struct id run = world_start(
	    world,
	    FLOW(", \"on_failure\": \"cancel\", \"post\": [" BIND("x") "," BIND(
		"y") "," RUN_ON("clean", "always") "]"),
	    "{}");

	world_fail(world, "x");
	assert_string_equal(task_state_of(world, run, "y"), "cancelled");
	world_succeed(world, "clean");
	assert_string_equal(task_state_of(world, run, "clean"), "succeeded");
	assert_string_equal(run_state(world, run), "failed");
}

static void cancel_of_what_ends_well(void **state)
{
	struct world *world = *state;
	struct id run =
	    world_start(world, FLOW(", \"post\": [" BIND("x") "]"), "{}");

	assert_int_equal(cancel(world, run), 0);
	world_succeed(world, "x");
	/* B had not begun. */
	assert_string_equal(run_state(world, run), "cancelled");
}

static int ask_skip(struct world *world, struct id run, const char *task,
		    size_t *ret_now, bool *ret_marked)
{
	struct event event = { .kind = EVENT_SKIP,
			       .run = run,
			       .as.skip.task = slice_of(task) };
	int rc = world_step(world, &event);

	*ret_now = event.as.skip.ret_count;
	*ret_marked = event.as.skip.ret_marked;
	free(event.as.skip.ret_tasks);
	return rc;
}

static void skip_now_and_later(void **state)
{
	struct world *world = *state;
	struct id run = world_start(world,
				    FLOW(", \"pre\": [" BIND("x") "," BIND(
					"y") "], \"post\": [" BIND("z") "]"),
				    "{}");
	size_t now;
	bool marked;

	assert_int_equal(ask_skip(world, run, "A/pre/y", &now, &marked), 0);
	assert_int_equal(now, 1);
	assert_false(marked);
	assert_int_equal(ask_skip(world, run, "A/z", &now, &marked), 0);
	assert_int_equal(now, 0);
	assert_true(marked);
	assert_int_equal(ask_skip(world, run, "A/z", &now, &marked),
			 E_UNCHANGED);
	assert_int_equal(ask_skip(world, run, "x", &now, &marked), E_UNCHANGED);
	assert_int_equal(ask_skip(world, run, "C/z", &now, &marked),
			 E_NOT_FOUND);
	assert_int_equal(ask_skip(world, run, "A/q", &now, &marked),
			 E_NOT_FOUND);
	assert_int_equal(ask_skip(world, run, "A/mid/z", &now, &marked),
			 E_INVALID);
	assert_int_equal(ask_skip(world, run, "", &now, &marked), E_INVALID);
	world_succeed(world, "x");
	assert_int_equal(world_count(world, "y"), 0);
	assert_string_equal(task_state_of(world, run, "z"), "skipped");
	assert_string_equal(run_state(world, run), "succeeded");
}

static void a_stash_that_grows_too_big_fails(void **state)
{
	struct world *world = *state;
	struct id run = world_start(
	    world, FLOW(", \"pre\": [" BIND("x") "," BIND("y") "]"), "{}");
	struct buf patch = { 0 };

	buf_put_text(&patch, "{\"k\": \"");
	memset(buf_reserve(&patch, 5 << 20), 'x', 5 << 20);
	patch.len += 5 << 20;
	buf_put_text(&patch, "\"}");
	char *text = buf_take(&patch);

	complete_delivery(world, world_delivery(world, "x"),
			  COMPLETION_SUCCEEDED, NULL, NULL, text, 0);
	text[2] = 'j';
	complete_delivery(world, world_delivery(world, "y"),
			  COMPLETION_SUCCEEDED, NULL, NULL, text, 0);
	assert_string_equal(task_state_of(world, run, "x"), "succeeded");
	assert_string_equal(task_state_of(world, run, "y"), "failed");
	free(text);
}

static void report(struct world *world, const char *name, double fraction)
{
	const struct delivery *delivery = world_delivery(world, name);
	struct event event = {
		.kind = EVENT_PROGRESS,
		.run = delivery->run,
		.as.progress = { .task = delivery->task,
				 .attempt = delivery->attempt,
				 .fraction = fraction },
	};

	assert_int_equal(engine_step(world->engine, &event, world->now_us,
				     &world->out, NULL),
			 0);
}

/* Reports in quick succession are written together, the last one too. */
static void the_last_progress_is_written(void **state)
{
	struct world *world = *state;
	struct id run =
	    world_start(world, FLOW(", \"parallel\": [" TIMED("x") "]"), "{}");
	int64_t deadline = task_of(world, run, "x")->deadline_us;

	report(world, "x", 0.1);
	assert_int_equal(world->out.change_count, 1);
	world_commit(world);
	report(world, "x", 0.5);
	report(world, "x", 0.9);
	assert_int_equal(world->out.change_count, 0);
	assert_int_equal(engine_next_due(world->engine),
			 world->now_us + 200000);
	struct event event = { .kind = EVENT_TIME };

	world->now_us += 200000;
	assert_int_equal(engine_step(world->engine, &event, world->now_us,
				     &world->out, NULL),
			 0);
	assert_int_equal(world->out.change_count, 1);
	world_commit(world);
	assert_true(task_of(world, run, "x")->progress > 0.8);
	assert_int_equal(engine_next_due(world->engine), deadline);
	world_pass(world, 900);
	assert_int_equal(world->told_count, 1);
}

/* An expression that is filled in many times over must not blow up. */
static void a_with_that_grows_too_big_fails(void **state)
{
	struct world *world = *state;
	struct buf attributes = { 0 };
	struct buf flow = { 0 };

	buf_put_text(&attributes, "{\"k\": \"");
	memset(buf_reserve(&attributes, 1 << 20), 'x', 1 << 20);
	attributes.len += 1 << 20;
	buf_put_text(&attributes, "\"}");
	buf_put_text(&flow, "{\"workflow\": \"w\", \"activities\": "
			    "[{\"name\": \"A\", \"pre\": [{\"plugin\": \"p\", "
			    "\"as\": \"x\", \"with\": [");
	for (int i = 0; i < 9; i++) {
		buf_printf(&flow, "%s\"${{ attributes.k }}\"", i ? ", " : "");
	}
	buf_put_text(&flow, "]}, {\"plugin\": \"p\", \"as\": \"y\"}]}]}");
	char *flow_text = buf_take(&flow);
	char *attributes_text = buf_take(&attributes);
	struct id run = world_start(world, flow_text, attributes_text);

	assert_int_equal(world->delivered, 0);
	assert_int_equal(task_of(world, run, "x")->reason, REASON_TEMPLATE);
	assert_string_equal(task_state_of(world, run, "y"), "skipped");
	assert_string_equal(run_state(world, run), "failed");
	free(flow_text);
	free(attributes_text);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(mandatory_failure_drains),
		T(pre_failure_skips_the_rest),
		T(optional_failure_degrades),
		T(optional_failure_may_count),
		T(mandatory_done_before_optional),
		T(only_optional_are_waited_for),
		T(empty_phase_may_fail),
		T(failure_may_cancel_siblings),
		T(deadline_tells_then_abandons),
		T(deadline_answered_in_time),
		T(parked_tasks_wake),
		T(parked_tasks_have_deadlines),
		T(cancel_tells_and_cleans_up),
		T(cancel_twice_forces),
		T(cancel_leaves_out_post),
		T(cancel_twice_before_post),
		T(cancel_on_failure_spares_post_for_failures),
		T(cancel_of_what_ends_well),
		T(skip_now_and_later),
		T(a_stash_that_grows_too_big_fails),
		T(the_last_progress_is_written),
		T(a_with_that_grows_too_big_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
