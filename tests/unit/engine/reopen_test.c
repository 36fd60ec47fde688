/*
 * Runs that have ended and go on: what is done again, what is not, and in which
 * order.
 */
#include "world.h"

/* Names of the plugins that all definitions here use. */
static const char *const plugins[] = { "p", "q", "always" };

static void register_plugins(struct world *world)
{
	for (size_t i = 0; i < sizeof(plugins) / sizeof(*plugins); i++) {
		struct event event = {
			.kind = EVENT_PLUGIN,
			.as.plugin = { .name = slice_of(plugins[i]),
				       .always_run =
					   !strcmp(plugins[i], "always") },
		};

		assert_int_equal(world_step(world, &event), 0);
		world_instance(world, plugins[i], "here", 8);
	}
}

/* The run has ended; what the store has of it goes on in an engine that has
 * just started. The world is that engine's afterwards, unless it refuses. */
static int reopen(struct world *world, struct id id,
		  struct engine_reopen *wanted)
{
	struct engine_options options = { .grace_ms = 5000 };
	struct engine *first = world->engine;
	const struct run *ended = engine_run(first, &id);

	assert_true(group_state_final(ended->record.state));
	world->engine = engine_create(&options);
	register_plugins(world);
	int rc = world_restore_as(world->engine, ended, world, NULL, 0, wanted);

	assert_int_equal(world->out.transition_count > 0,
			 rc == 0 && !wanted->dry_run);
	if (rc < 0 || wanted->dry_run) {
		assert_int_equal(world->out.change_count, 0);
		engine_destroy(world->engine);
		world->engine = first;
		return rc;
	}
	world_commit(world);
	engine_destroy(first);
	return 0;
}

static int retry(struct world *world, struct id id)
{
	struct engine_reopen wanted = { .kind = REOPEN_FAILED };

	return reopen(world, id, &wanted);
}

#define TWO                                                               \
	"{\"workflow\": \"w\", \"activities\": [{\"name\": \"A\", "       \
	"\"pre\": [{\"plugin\": \"p\", \"as\": \"a1\"}, {\"plugin\": "    \
	"\"p\", \"as\": \"a2\"}, {\"plugin\": \"p\", \"as\": \"a3\"}], "  \
	"\"parallel\": [{\"plugin\": \"q\", \"as\": \"b1\"}, "            \
	"{\"plugin\": \"q\", \"as\": \"b2\"}], \"post\": [{\"plugin\": "  \
	"\"p\", \"as\": \"c1\"}, {\"plugin\": \"p\", \"as\": \"clean\", " \
	"\"run_on\": \"always\"}]}, {\"name\": \"B\", \"pre\": "          \
	"[{\"plugin\": \"q\", \"as\": \"d1\"}]}]}"

static void only_what_failed(void **state)
{
	struct world *world = *state;

	register_plugins(world);
	struct id run = world_start(world, TWO, "{}");

	complete_delivery(world, world_delivery(world, "a1"),
			  COMPLETION_SUCCEEDED, NULL, "\"kept\"", NULL, 0);
	world_fail(world, "a2");
	world_succeed(world, "clean");
	assert_string_equal(run_state(world, run), "failed");
	assert_string_equal(task_state_of(world, run, "a3"), "skipped");
	assert_int_equal(retry(world, run), 0);
	assert_int_equal(engine_run(world->engine, &run)->record.resumes, 1);
	assert_int_equal(world_count(world, "a1"), 1);
	assert_int_equal(world_count(world, "a2"), 2);
	assert_int_equal(world_delivery(world, "a2")->attempt, 2);
	world_succeed(world, "a2");
	world_succeed(world, "a3");
	assert_int_equal(world_count(world, "b1"), 1);
	world_succeed(world, "b1");
	world_succeed(world, "b2");
	assert_string_equal(world_delivery(world, "c1")->outputs,
			    "{\"A\":{\"a1\":\"kept\"}}");
	world_succeed(world, "c1");
	/* The post phase of the failure is taken back, this is a new one. */
	assert_int_equal(world_count(world, "clean"), 2);
	assert_int_equal(world_delivery(world, "clean")->attempt, 1);
	world_succeed(world, "clean");
	world_succeed(world, "d1");
	assert_string_equal(run_state(world, run), "succeeded");
	assert_int_equal(world_count(world, "a1"), 1);
}

/* Parallel tasks are not begun before those of pre that are done again. */
static void phases_keep_their_order(void **state)
{
	struct world *world = *state;

	register_plugins(world);
	struct id run = world_start(
	    world,
	    "{\"workflow\": \"w\", \"activities\": [{\"name\": \"A\", "
	    "\"pre\": [{\"plugin\": \"p\", \"as\": \"a\", \"mandatory\": "
	    "false}], \"parallel\": [{\"plugin\": \"q\", \"as\": \"b\"}]}, "
	    "{\"name\": \"B\", \"parallel\": [{\"plugin\": \"q\", \"as\": "
	    "\"c\"}]}]}",
	    "{}");

	world_fail(world, "a");
	world_fail(world, "b");
	assert_string_equal(run_state(world, run), "failed");
	assert_int_equal(retry(world, run), 0);
	assert_int_equal(world_count(world, "a"), 2);
	assert_int_equal(world_count(world, "b"), 1);
	world_succeed(world, "a");
	assert_int_equal(world_count(world, "b"), 2);
	world_succeed(world, "b");
	world_succeed(world, "c");
	assert_string_equal(run_state(world, run), "succeeded");
}

/* An activity that ended well stands between two that are done again. */
static void finished_activities_are_passed(void **state)
{
	struct world *world = *state;

	register_plugins(world);
	struct id run = world_start(
	    world,
	    "{\"workflow\": \"w\", \"activities\": [{\"name\": \"A\", "
	    "\"parallel\": [{\"plugin\": \"p\", \"as\": \"a\", "
	    "\"mandatory\": false}]}, {\"name\": \"B\", \"pre\": "
	    "[{\"plugin\": \"q\", \"as\": \"b\"}]}, {\"name\": \"C\", "
	    "\"parallel\": [{\"plugin\": \"q\", \"as\": \"c\", "
	    "\"mandatory\": false}]}]}",
	    "{}");

	world_fail(world, "a");
	world_succeed(world, "b");
	world_fail(world, "c");
	assert_string_equal(run_state(world, run), "degraded");
	assert_int_equal(retry(world, run), 0);
	assert_int_equal(world_count(world, "c"), 1);
	world_succeed(world, "a");
	assert_int_equal(world_count(world, "b"), 1);
	assert_int_equal(world_count(world, "c"), 2);
	world_succeed(world, "c");
	assert_string_equal(run_state(world, run), "succeeded");
	assert_int_equal(retry(world, run), E_UNCHANGED);
}

static void one_of_two(void **state)
{
	struct world *world = *state;

	register_plugins(world);
	struct id run = world_start_phase(
	    world, "parallel",
	    "{\"plugin\": \"p\", \"as\": \"x\"}, {\"plugin\": \"p\", "
	    "\"as\": \"y\"}, {\"plugin\": \"p\", \"as\": \"z\"}");
	struct engine_reopen wanted = { .kind = REOPEN_FAILED,
					.task = SLICE("A/parallel/y") };

	world_fail(world, "x");
	world_fail(world, "y");
	world_succeed(world, "z");
	assert_int_equal(reopen(world, run, &wanted), 0);
	assert_int_equal(wanted.ret_tasks, 1);
	assert_int_equal(world_count(world, "x"), 1);
	assert_int_equal(world_count(world, "y"), 2);
	world_succeed(world, "y");
	assert_string_equal(run_state(world, run), "failed");
	wanted.task = SLICE("z");
	assert_int_equal(reopen(world, run, &wanted), E_UNCHANGED);
	wanted.task = SLICE("none");
	assert_int_equal(reopen(world, run, &wanted), E_NOT_FOUND);
	assert_int_equal(retry(world, run), 0);
	world_succeed(world, "x");
	assert_string_equal(run_state(world, run), "succeeded");
}

static void end_well(struct world *world)
{
	static const char *const order[] = { "a1", "a2", "a3",    "b1",
					     "b2", "c1", "clean", "d1" };

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		complete_delivery(world, world_delivery(world, order[i]),
				  COMPLETION_SUCCEEDED, NULL, "1", NULL, 0);
	}
}

static void from_an_activity(void **state)
{
	struct world *world = *state;

	register_plugins(world);
	struct id run = world_start(world, TWO, "{}");
	struct engine_reopen wanted = { .kind = REOPEN_FROM,
					.from = SLICE("B") };

	end_well(world);
	assert_string_equal(run_state(world, run), "succeeded");
	assert_int_equal(reopen(world, run, &wanted), 0);
	assert_int_equal(world_count(world, "d1"), 2);
	assert_int_equal(world_delivery(world, "d1")->attempt, 1);
	/* Its former output is no more. */
	assert_null(strstr(world_delivery(world, "d1")->outputs, "\"B\""));
	assert_int_equal(
	    engine_run(world->engine, &run)->activities[1].record.visit, 2);
	world_succeed(world, "d1");
	assert_string_equal(run_state(world, run), "succeeded");
	wanted.from = SLICE("X");
	assert_int_equal(reopen(world, run, &wanted), E_NOT_FOUND);
}

static void all_of_it(void **state)
{
	struct world *world = *state;

	register_plugins(world);
	struct id run = world_start(world, TWO, "{}");
	struct engine_reopen wanted = { .kind = REOPEN_ALL };

	end_well(world);
	wanted.dry_run = true;
	assert_int_equal(reopen(world, run, &wanted), 0);
	assert_int_equal(wanted.ret_tasks, 8);
	wanted.dry_run = false;
	assert_int_equal(reopen(world, run, &wanted), 0);
	end_well(world);
	assert_string_equal(run_state(world, run), "succeeded");
	assert_int_equal(world_count(world, "a1"), 2);
	/* Again, over what has been taken back already. */
	assert_int_equal(reopen(world, run, &wanted), 0);
	end_well(world);
	assert_int_equal(world_count(world, "a1"), 3);
	assert_int_equal(engine_run(world->engine, &run)->record.task_count,
			 24);
}

/* A mark of an operator does not outlive what starts over. */
static void what_was_skipped(void **state)
{
	struct world *world = *state;

	register_plugins(world);
	struct id run = world_start(world, TWO, "{}");
	struct event skip = { .kind = EVENT_SKIP,
			      .run = run,
			      .as.skip = { .task = SLICE("B/d1") } };
	struct engine_reopen one = { .kind = REOPEN_FAILED,
				     .task = SLICE("d1") };
	struct engine_reopen all = { .kind = REOPEN_ALL };

	assert_int_equal(world_step(world, &skip), 0);
	world_succeed(world, "a1");
	world_succeed(world, "a2");
	world_succeed(world, "a3");
	world_succeed(world, "b1");
	world_succeed(world, "b2");
	world_succeed(world, "c1");
	world_succeed(world, "clean");
	assert_string_equal(run_state(world, run), "succeeded");
	assert_string_equal(task_state_of(world, run, "d1"), "skipped");
	assert_int_equal(retry(world, run), E_UNCHANGED);
	assert_int_equal(reopen(world, run, &one), 0);
	world_succeed(world, "d1");
	assert_string_equal(run_state(world, run), "succeeded");
	assert_int_equal(reopen(world, run, &all), 0);
	end_well(world);
	assert_string_equal(run_state(world, run), "succeeded");
}

static void what_was_cancelled(void **state)
{
	struct world *world = *state;

	register_plugins(world);
	struct id run = world_start(world, TWO, "{}");
	struct event event = { .kind = EVENT_CANCEL, .run = run };

	world_succeed(world, "a1");
	assert_int_equal(world_step(world, &event), 0);
	world_succeed(world, "a2");
	world_succeed(world, "clean");
	assert_string_equal(run_state(world, run), "cancelled");
	assert_int_equal(retry(world, run), 0);
	assert_int_equal(world_count(world, "a2"), 1);
	world_succeed(world, "a3");
	world_succeed(world, "b1");
	world_succeed(world, "b2");
	world_succeed(world, "c1");
	world_succeed(world, "clean");
	world_succeed(world, "d1");
	assert_string_equal(run_state(world, run), "succeeded");
}

static void an_empty_phase(void **state)
{
	struct world *world = *state;

	register_plugins(world);
	struct id run = world_start(
	    world,
	    "{\"workflow\": \"w\", \"activities\": [{\"name\": \"A\", "
	    "\"on_empty\": \"fail\", \"pre\": [{\"plugin\": \"p\"}]}]}",
	    "{}");

	world_succeed(world, "p");
	assert_string_equal(run_state(world, run), "failed");
	assert_int_equal(retry(world, run), 0);
	assert_int_equal(world_count(world, "p"), 1);
	assert_string_equal(run_state(world, run), "failed");
}

static void a_deadline_begins_again(void **state)
{
	struct world *world = *state;

	register_plugins(world);
	struct id run = world_start(
	    world,
	    "{\"workflow\": \"w\", \"deadline_ms\": 5000, \"activities\": "
	    "[{\"name\": \"A\", \"deadline_ms\": 1000, \"pre\": "
	    "[{\"plugin\": \"p\"}]}]}",
	    "{}");

	world_pass(world, 1000);
	world_fail(world, "p");
	assert_string_equal(run_state(world, run), "failed");
	world_pass(world, 60000);
	assert_int_equal(retry(world, run), 0);
	assert_int_equal(engine_next_due(world->engine),
			 world->now_us + 1000000);
	world_succeed(world, "p");
	assert_string_equal(run_state(world, run), "succeeded");
}

/* ---- with a newer definition ---- */

static struct definition *definition_of(const char *text)
{
	struct value document = json(text);
	struct definition *definition;

	assert_int_equal(definition_from_value(&document, &definition, NULL),
			 0);
	value_clear(&document);
	return definition;
}

#define ONE_ACTIVITY                                       \
	"{\"name\": \"A\", \"pre\": [{\"plugin\": \"p\", " \
	"\"as\": \"a\"}, {\"plugin\": \"always\"}]}"
#define FLOW(activities) \
	"{\"workflow\": \"w\", \"activities\": [" activities "]}"
#define ADDED(name)                                               \
	"{\"name\": \"" name "\", \"pre\": [{\"plugin\": \"q\", " \
	"\"as\": \"" name "\"}]}"

static int rerun(struct world *world, struct id run, const char *definition,
		 uint32_t tasks, uint32_t activities)
{
	struct engine_reopen wanted = {
		.kind = REOPEN_RERUN,
		.definition = definition_of(definition),
	};
	int rc = reopen(world, run, &wanted);

	definition_unref(wanted.definition);
	if (rc == 0) {
		assert_int_equal(wanted.ret_tasks, tasks);
		assert_int_equal(wanted.ret_activities, activities);
	}
	return rc;
}

static void new_activities_are_run(void **state)
{
	struct world *world = *state;

	register_plugins(world);
	struct id run = world_start(world, FLOW(ONE_ACTIVITY), "{}");

	world_succeed(world, "a");
	world_succeed(world, "always");
	assert_string_equal(run_state(world, run), "succeeded");
	assert_int_equal(
	    rerun(world, run,
		  FLOW(ADDED("N") ", " ONE_ACTIVITY ", " ADDED("M")), 1, 3),
	    0);
	assert_int_equal(world_count(world, "always"), 2);
	assert_int_equal(world_count(world, "a"), 1);
	assert_int_equal(world_count(world, "N"), 0);
	world_succeed(world, "always");
	world_succeed(world, "N");
	world_succeed(world, "M");
	assert_string_equal(run_state(world, run), "succeeded");
	assert_int_equal(world_count(world, "a"), 1);
	/* And now it is that definition's. */
	assert_int_equal(rerun(world, run, FLOW(ONE_ACTIVITY), 0, 0),
			 E_CONFLICT);
}

static void a_binding_that_is_gone_is_left_out(void **state)
{
	struct world *world = *state;

	register_plugins(world);
	struct id run = world_start(
	    world,
	    FLOW("{\"name\": \"A\", \"parallel\": [{\"plugin\": \"p\", "
		 "\"as\": \"old\"}, {\"plugin\": \"p\", \"as\": \"kept\", "
		 "\"with\": {\"n\": 1}}]}"),
	    "{}");

	world_fail(world, "old");
	world_fail(world, "kept");
	assert_int_equal(
	    rerun(world, run,
		  FLOW("{\"name\": \"A\", \"parallel\": [{\"plugin\": \"p\", "
		       "\"as\": \"kept\", \"with\": {\"n\": 2}}]}"),
		  2, 1),
	    0);
	assert_string_equal(task_state_of(world, run, "old"), "skipped");
	assert_string_equal(world_delivery(world, "kept")->with, "{\"n\":2}");
	world_succeed(world, "kept");
	assert_string_equal(run_state(world, run), "succeeded");
}

static void nothing_to_do(void **state)
{
	struct world *world = *state;

	register_plugins(world);
	struct id run = world_start(world, FLOW(ADDED("N")), "{}");

	world_succeed(world, "N");
	assert_int_equal(rerun(world, run, FLOW(ADDED("N")), 0, 0),
			 E_UNCHANGED);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

/* The orchestrator ends once more, while an earlier activity is gone through
 * again and a later one has ended. */
static void a_restart_on_the_way(void **state)
{
	struct world *world = *state;

	register_plugins(world);
	struct id run = world_start(
	    world,
	    "{\"workflow\": \"w\", \"activities\": [{\"name\": \"A\", "
	    "\"parallel\": [{\"plugin\": \"p\", \"as\": \"a\", \"mandatory\": "
	    "false}]}, {\"name\": \"B\", \"parallel\": [{\"plugin\": \"p\", "
	    "\"as\": \"b\"}]}, {\"name\": \"C\", \"parallel\": [{\"plugin\": "
	    "\"p\", \"as\": \"c\"}]}]}",
	    "{}");
	struct engine_options options = { .grace_ms = 5000 };

	world_fail(world, "a");
	world_succeed(world, "b");
	world_fail(world, "c");
	assert_int_equal(retry(world, run), 0);
	assert_int_equal(world_count(world, "a"), 2);
	struct engine *first = world->engine;

	world->engine = engine_create(&options);
	register_plugins(world);
	world_restore(world->engine, engine_run(first, &run), world);
	world_commit(world);
	engine_destroy(first);
	assert_int_equal(world_count(world, "a"), 3);
	assert_int_equal(world_count(world, "c"), 1);
	world_succeed(world, "a");
	assert_int_equal(world_count(world, "b"), 1);
	world_succeed(world, "c");
	assert_string_equal(run_state(world, run), "succeeded");
}

/* What was to be done again behind a new failure is left out, not forgotten. */
static void it_fails_again_before(void **state)
{
	struct world *world = *state;
	struct engine_reopen again = { .kind = REOPEN_RERUN };

	register_plugins(world);
	struct id run = world_start(
	    world,
	    "{\"workflow\": \"w\", \"activities\": [{\"name\": \"A\", "
	    "\"pre\": [{\"plugin\": \"always\", \"as\": \"a\"}], "
	    "\"parallel\": [{\"plugin\": \"q\", \"as\": \"b\", "
	    "\"mandatory\": false}]}, {\"name\": \"B\", \"parallel\": "
	    "[{\"plugin\": \"q\", \"as\": \"c\"}]}]}",
	    "{}");

	world_succeed(world, "a");
	world_fail(world, "b");
	world_fail(world, "c");
	assert_int_equal(reopen(world, run, &again), 0);
	assert_int_equal(world_count(world, "a"), 2);
	world_fail(world, "a");
	assert_string_equal(run_state(world, run), "failed");
	assert_string_equal(task_state_of(world, run, "b"), "skipped");
	assert_string_equal(task_state_of(world, run, "c"), "skipped");
	assert_int_equal(retry(world, run), 0);
	world_succeed(world, "a");
	world_succeed(world, "b");
	world_succeed(world, "c");
	assert_string_equal(run_state(world, run), "succeeded");
}

/* A mark names a task of a later activity, and not what failed before it. */
static void a_mark_behind_a_failure(void **state)
{
	struct world *world = *state;
	struct engine_reopen again = { .kind = REOPEN_RERUN };
	struct engine_reopen marked = { .kind = REOPEN_FAILED,
					.task = SLICE("b") };

	register_plugins(world);
	struct id run = world_start(
	    world,
	    "{\"workflow\": \"w\", \"activities\": [{\"name\": \"A\", "
	    "\"parallel\": [{\"plugin\": \"always\", \"as\": \"a\"}]}, "
	    "{\"name\": \"B\", \"parallel\": [{\"plugin\": \"p\", \"as\": "
	    "\"b\"}]}]}",
	    "{}");

	world_succeed(world, "a");
	world_fail(world, "b");
	assert_int_equal(reopen(world, run, &again), 0);
	world_fail(world, "a");
	assert_int_equal(reopen(world, run, &marked), 0);
	assert_int_equal(world_count(world, "b"), 1);
	assert_string_equal(run_state(world, run), "failed");
}

/* Of activities that were to be gone through again, but were not reached. */
static void all_of_it_twice(void **state)
{
	struct world *world = *state;
	struct engine_reopen all = { .kind = REOPEN_ALL };

	register_plugins(world);
	struct id run = world_start(
	    world,
	    "{\"workflow\": \"w\", \"activities\": [{\"name\": \"A\", "
	    "\"parallel\": [{\"plugin\": \"always\", \"as\": \"a\"}]}, "
	    "{\"name\": \"B\", \"parallel\": [{\"plugin\": \"p\", \"as\": "
	    "\"b\"}]}]}",
	    "{}");
	struct engine_reopen again = { .kind = REOPEN_RERUN };

	world_succeed(world, "a");
	world_fail(world, "b");
	assert_int_equal(reopen(world, run, &again), 0);
	world_fail(world, "a");
	assert_int_equal(reopen(world, run, &all), 0);
	const struct activity_record *second =
	    &engine_run(world->engine, &run)->activities[1].record;

	assert_false(second->phases[PHASE_PARALLEL].opened);
	assert_int_equal(second->visit, 2);
	world_succeed(world, "a");
	world_succeed(world, "b");
	assert_string_equal(run_state(world, run), "succeeded");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_restart_on_the_way,
						world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(it_fails_again_before,
						world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(a_mark_behind_a_failure,
						world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(all_of_it_twice, world_setup,
						world_teardown),
		TEST(only_what_failed),
		TEST(phases_keep_their_order),
		TEST(finished_activities_are_passed),
		TEST(one_of_two),
		TEST(from_an_activity),
		TEST(all_of_it),
		TEST(what_was_skipped),
		TEST(what_was_cancelled),
		TEST(an_empty_phase),
		TEST(a_deadline_begins_again),
		TEST(new_activities_are_run),
		TEST(a_binding_that_is_gone_is_left_out),
		TEST(nothing_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
