/* Phases, order, membership and several runs at once. */
#include "world.h"

#define ONE_STEP "{\"workflow\": \"w\", \"activities\": [{\"name\": \"S\"}]}"

static void no_plugins_succeed_at_once(void **state)
{
	struct world *world = *state;
	struct id run = world_start(world,
				    "{\"workflow\": \"w\", \"activities\": "
				    "[{\"name\": \"A\"}, {\"name\": \"B\"}]}",
				    "{}");

	assert_string_equal(run_state(world, run), "succeeded");
	assert_string_equal(phase_state(world, run, 1, PHASE_POST),
			    "succeeded");
}

static void phases_follow_each_other(void **state)
{
	struct world *world = *state;

	world_plugin(world, "par", 8, "[[\"S\", \"parallel\", 0, false]]");
	world_plugin(world, "pre", 1, "[[\"S\", \"pre\", 0, false]]");
	world_plugin(world, "post", 1, "[[\"S\", \"post\", 0, false]]");
	struct id run = world_start(world, ONE_STEP, "{}");

	assert_int_equal(world->delivered, 1);
	assert_string_equal(phase_state(world, run, 0, PHASE_PRE), "running");
	assert_string_equal(phase_state(world, run, 0, PHASE_PARALLEL),
			    "pending");
	world_succeed(world, "pre");
	assert_int_equal(world->delivered, 2);
	world_succeed(world, "par");
	assert_int_equal(world->delivered, 3);
	assert_string_equal(run_state(world, run), "running");
	world_succeed(world, "post");
	assert_string_equal(run_state(world, run), "succeeded");
}

static void order_then_name(void **state)
{
	struct world *world = *state;

	world_plugin(world, "zeta", 1, "[[\"S\", \"pre\", 2, false]]");
	world_plugin(world, "last", 1, "[[\"S\", \"pre\", 0, false]]");
	world_plugin(world, "beta", 1, "[[\"S\", \"pre\", 2, false]]");
	world_plugin(world, "one", 1, "[[\"S\", \"pre\", 1, false]]");
	(void)world_start(world, ONE_STEP, "{}");
	static const char *const expected[] = { "one", "beta", "zeta", "last" };

	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(world->delivered, i + 1);
		assert_string_equal(world->deliveries[i].name, expected[i]);
		world_succeed(world, expected[i]);
	}
}

static void list_order_without_given_orders(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 9, "[]");
	(void)world_start(
	    world,
	    "{\"workflow\": \"w\", \"activities\": [{\"name\": \"S\", "
	    "\"pre\": [{\"plugin\": \"p\", \"as\": \"z\"}, "
	    "{\"plugin\": \"p\", \"as\": \"a\"}, "
	    "{\"plugin\": \"p\", \"as\": \"first\", \"order\": 1}]}]}",
	    "{}");
	world_succeed(world, "first");
	world_succeed(world, "z");
	world_succeed(world, "a");
	assert_int_equal(world->delivered, 3);
	assert_string_equal(world->deliveries[0].name, "first");
	assert_string_equal(world->deliveries[1].name, "z");
}

static void filters_decide_membership(void **state)
{
	struct world *world = *state;

	world_plugin(world, "c", 1,
		     "[[\"S\", \"parallel\", 0, false, {\"lang\": [\"c\"]}]]");
	world_plugin(world, "sh", 1,
		     "[[\"S\", \"parallel\", 0, false, {\"lang\": [\"sh\"]}]]");
	struct id run = world_start(world, ONE_STEP, "{\"lang\": \"c\"}");
	const struct phase_record *phase = &engine_run(world->engine, &run)
						->activities[0]
						.record.phases[PHASE_PARALLEL];

	assert_int_equal(phase->expected, 1);
	assert_int_equal(phase->filtered, 1);
	world_succeed(world, "c");
	assert_string_equal(run_state(world, run), "succeeded");
}

static void binding_replaces_subscription(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 4, "[[\"S\", \"parallel\", 0, false]]");
	struct id run = world_start(
	    world,
	    "{\"workflow\": \"w\", \"activities\": [{\"name\": \"S\", "
	    "\"parallel\": [{\"plugin\": \"p\", \"mandatory\": false}]}]}",
	    "{}");
	const struct run *at = engine_run(world->engine, &run);

	assert_int_equal(at->record.task_count, 1);
	assert_false(at->tasks[0]->record.mandatory);
}

static void override_changes_one_activity(void **state)
{
	struct world *world = *state;
	struct engine_subscription wanted[] = {
		{ .activity = SLICE("A"), .phase = PHASE_PARALLEL },
		{ .activity = SLICE("B"), .phase = PHASE_PARALLEL },
	};
	struct engine_override override = { .activity = SLICE("B"),
					    .mandatory = CHOICE_NO };
	struct event event = {
		.kind = EVENT_PLUGIN,
		.as.plugin = { .name = SLICE("p"),
			       .subscriptions = wanted,
			       .subscription_count = 2,
			       .overrides = &override,
			       .override_count = 1 },
	};

	assert_int_equal(world_step(world, &event), 0);
	world_instance(world, "p", "here", 4);
	struct id run = world_start(world,
				    "{\"workflow\": \"w\", \"activities\": "
				    "[{\"name\": \"A\"}, {\"name\": \"B\"}]}",
				    "{}");

	world_succeed(world, "p");
	const struct run *at = engine_run(world->engine, &run);

	assert_int_equal(at->record.task_count, 2);
	assert_true(at->tasks[0]->record.mandatory);
	assert_false(at->tasks[1]->record.mandatory);
	world_fail(world, "p");
	assert_string_equal(run_state(world, run), "degraded");
}

static void max_tasks_is_kept_over_runs(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 2, "[[\"S\", \"parallel\", 0, false]]");
	struct id last = { { 0 } };

	for (int i = 0; i < 5; i++) {
		last = world_start(world, ONE_STEP, "{}");
	}
	assert_int_equal(world->delivered, 2);
	assert_string_equal(task_state_of(world, last, "p"), "pending");
	assert_int_equal(task_of(world, last, "p")->reason,
			 REASON_NO_FREE_SLOT);
	for (size_t i = 0; i < 5; i++) {
		struct delivery done = world->deliveries[i];

		complete_delivery(world, &done, COMPLETION_SUCCEEDED, NULL,
				  NULL, NULL, 0);
	}
	assert_int_equal(world->delivered, 5);
	assert_string_equal(run_state(world, last), "succeeded");
}

static void a_missing_plugin_keeps_its_tasks(void **state)
{
	struct world *world = *state;
	struct id run = world_start(
	    world,
	    "{\"workflow\": \"w\", \"activities\": [{\"name\": \"S\", "
	    "\"parallel\": [{\"plugin\": \"later\"}]}]}",
	    "{}");

	assert_int_equal(task_of(world, run, "later")->reason,
			 REASON_NO_PLUGIN);
	world_plugin(world, "later", 1, "[]");
	world_succeed(world, "later");
	assert_string_equal(run_state(world, run), "succeeded");
}

static void documents_reach_later_tasks(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 4, "[]");
	(void)world_start(
	    world,
	    "{\"workflow\": \"w\", \"activities\": [{\"name\": \"S\", "
	    "\"pre\": [{\"plugin\": \"p\", \"as\": \"scan\"}, "
	    "{\"plugin\": \"p\", \"as\": \"use\", \"with\": "
	    "{\"n\": \"${{ outputs.S.scan.count }}\", "
	    "\"s\": \"${{ stash.seen }}\", "
	    "\"t\": \"for ${{ attributes.who }}: ${{ run.uid }}\"}}]}]}",
	    "{\"who\": \"me\"}");
	complete_delivery(world, world_delivery(world, "scan"),
			  COMPLETION_SUCCEEDED, NULL, "{\"count\": 3}",
			  "{\"seen\": [1, 2]}", 0);
	struct delivery *use = world_delivery(world, "use");

	assert_string_equal(use->with,
			    "{\"n\":3,\"s\":[1,2],\"t\":\"for me: u1\"}");
	assert_string_equal(use->outputs, "{\"S\":{\"scan\":{\"count\":3}}}");
}

/* One document for all, however many there are and whoever ends first. */
static void parallel_tasks_do_not_see_each_other(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 1, "[]");
	(void)world_start(
	    world,
	    "{\"workflow\": \"w\", \"activities\": [{\"name\": \"S\", "
	    "\"pre\": [{\"plugin\": \"p\", \"as\": \"a\"}], "
	    "\"parallel\": [{\"plugin\": \"p\", \"as\": \"b\"}, "
	    "{\"plugin\": \"p\", \"as\": \"c\"}], "
	    "\"post\": [{\"plugin\": \"p\", \"as\": \"d\"}]}]}",
	    "{}");
	static const char *const names[] = { "a", "b", "c" };

	for (size_t i = 0; i < 3; i++) {
		complete_delivery(world, world_delivery(world, names[i]),
				  COMPLETION_SUCCEEDED, NULL, "1", NULL, 0);
	}
	assert_string_equal(world_delivery(world, "b")->outputs,
			    "{\"S\":{\"a\":1}}");
	assert_string_equal(world_delivery(world, "c")->outputs,
			    "{\"S\":{\"a\":1}}");
	assert_string_equal(world_delivery(world, "d")->outputs,
			    "{\"S\":{\"a\":1,\"b\":1,\"c\":1}}");
}

static void same_name_in_two_phases(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 1,
		     "[[\"S\", \"pre\", 0, false], "
		     "[\"S\", \"post\", 0, false]]");
	world_plugin(world, "last", 1, "[[\"S\", \"post\", 95, false]]");
	(void)world_start(world, ONE_STEP, "{}");
	complete_delivery(world, world_delivery(world, "p"),
			  COMPLETION_SUCCEEDED, NULL, "1", NULL, 0);
	complete_delivery(world, world_delivery(world, "p"),
			  COMPLETION_SUCCEEDED, NULL, "2", NULL, 0);
	assert_string_equal(world_delivery(world, "last")->outputs,
			    "{\"S\":{\"p\":2}}");
}

/* A plugin that subscribes twice, and a binding called like a plugin. */
static void same_name_in_one_phase(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 1,
		     "[[\"S\", \"pre\", 1, false], [\"S\", \"pre\", 3, true]]");
	world_plugin(world, "q", 1, "[]");
	world_plugin(world, "last", 1, "[]");
	(void)world_start(
	    world,
	    "{\"workflow\": \"w\", \"activities\": [{\"name\": \"S\", "
	    "\"pre\": [{\"plugin\": \"q\", \"as\": \"p\", \"order\": 2}, "
	    "{\"plugin\": \"last\", \"order\": 4, "
	    "\"with\": {\"n\": \"${{ outputs.S.p }}\"}}]}]}",
	    "{}");
	static const char *const outputs[] = { "1", "2", "3" };

	for (size_t i = 0; i < 3; i++) {
		complete_delivery(world, world_delivery(world, "p"),
				  COMPLETION_SUCCEEDED, NULL, outputs[i], NULL,
				  0);
	}
	assert_string_equal(world_delivery(world, "last")->outputs,
			    "{\"S\":{\"p\":3}}");
	assert_string_equal(world_delivery(world, "last")->with, "{\"n\":3}");
}

static void stale_completions_change_nothing(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 1, "[[\"S\", \"pre\", 0, false]]");
	world_plugin(world, "q", 1, "[[\"S\", \"post\", 0, false]]");
	struct id run = world_start(world, ONE_STEP, "{}");
	struct delivery stale = *world_delivery(world, "p");

	stale.attempt = 2;
	complete_delivery(world, &stale, COMPLETION_FAILED, NULL, NULL, NULL,
			  0);
	stale.attempt = 1;
	stale.task = 77;
	complete_delivery(world, &stale, COMPLETION_FAILED, NULL, NULL, NULL,
			  0);
	stale.run.bytes[0] = 9;
	complete_delivery(world, &stale, COMPLETION_FAILED, NULL, NULL, NULL,
			  0);
	assert_string_equal(task_state_of(world, run, "p"), "running");
	struct delivery done = *world_delivery(world, "p");

	world_succeed(world, "p");
	complete_delivery(world, &done, COMPLETION_FAILED, "again", NULL, NULL,
			  0);
	assert_string_equal(task_state_of(world, run, "p"), "succeeded");
	world_succeed(world, "q");
	assert_string_equal(run_state(world, run), "succeeded");
}

int main(void)
{
#define T(name) \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		T(no_plugins_succeed_at_once),
		T(phases_follow_each_other),
		T(order_then_name),
		T(list_order_without_given_orders),
		T(filters_decide_membership),
		T(binding_replaces_subscription),
		T(override_changes_one_activity),
		T(max_tasks_is_kept_over_runs),
		T(a_missing_plugin_keeps_its_tasks),
		T(documents_reach_later_tasks),
		T(parallel_tasks_do_not_see_each_other),
		T(same_name_in_two_phases),
		T(same_name_in_one_phase),
		T(stale_completions_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
