/* A run keeps the subscriptions of the moment its first phase opened. */
#include "world.h"

#include "base/limits.h"

#define ONE_STEP "{\"workflow\": \"w\", \"activities\": [{\"name\": \"S\"}]}"
#define TWO_STEPS                                                            \
	"{\"workflow\": \"w\", \"activities\": [{\"name\": \"S\", \"pre\": " \
	"[{\"plugin\": \"work\"}]}, {\"name\": \"T\"}]}"
#define AT_T(filter) "[[\"T\", \"parallel\", 0, false, " filter "]]"

static int setup(void **state)
{
	struct world *world = alloc_zeroed(1, sizeof(*world));

	world_init(world);
	world_plugin(world, "work", 99, "[]");
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	world_fini(*state);
	free(*state);
	return 0;
}

static int remove_plugin(struct world *world, const char *name)
{
	struct event event = { .kind = EVENT_REMOVE,
			       .as.remove = { slice_of(name) } };

	return world_step(world, &event);
}

static void expect_until(struct world *world, int64_t until_us)
{
	struct event event = { .kind = EVENT_EXPECT,
			       .as.expect = { .until_us = until_us } };

	assert_int_equal(world_step(world, &event), 0);
}

static void succeed_in(struct world *world, struct id id, const char *name)
{
	for (size_t i = world->delivered; i-- > 0;) {
		const struct delivery *delivery = &world->deliveries[i];

		if (!strcmp(delivery->name, name) &&
		    !memcmp(&delivery->run, &id, sizeof(id))) {
			complete_delivery(world, delivery, COMPLETION_SUCCEEDED,
					  NULL, NULL, NULL, 0);
			return;
		}
	}
	fail_msg("'%s' was not delivered", name);
}

/* "name[:optional] ...(filtered)" of a parallel phase. */
static void assert_phase(const struct world *world, struct id id,
			 uint32_t activity, const char *expected)
{
	const struct run *run = engine_run(world->engine, &id);
	const struct phase_record *record =
	    &run->activities[activity].record.phases[PHASE_PARALLEL];
	const struct phase *phase =
	    &run->activities[activity].phases[PHASE_PARALLEL];
	struct buf text = { 0 };

	assert_true(record->opened);
	for (uint32_t i = 0; i < record->expected; i++) {
		const struct task_record *task = &phase->tasks[i].record;

		buf_printf(&text, "%.*s%s ", SLICE_ARG(task->name),
			   task->mandatory ? "" : ":optional");
	}
	buf_printf(&text, "(%u)", record->filtered);
	buf_put_byte(&text, 0);
	assert_string_equal(text.data, expected);
	buf_fini(&text);
}

static struct id begin(struct world *world)
{
	return world_start(world, TWO_STEPS, "{\"a\": 1}");
}

static void changed(void **state)
{
	struct world *world = *state;

	world_plugin(world, "yes", 9, AT_T("{\"a\": [1]}"));
	world_plugin(world, "no", 9, AT_T("{\"a\": [2]}"));
	struct id old = begin(world);

	assert_int_equal(world_register(world, "yes", AT_T("{\"a\": [2]}")), 0);
	assert_int_equal(world_register(world, "no", AT_T("{\"a\": [1]}")), 0);
	struct id new = begin(world);

	succeed_in(world, old, "work");
	succeed_in(world, new, "work");
	assert_phase(world, old, 1, "yes (1)");
	assert_phase(world, new, 1, "no (1)");
}

static void added_and_taken_away(void **state)
{
	struct world *world = *state;

	world_plugin(world, "there", 9, AT_T("{\"a\": [1]}"));
	struct id old = begin(world);

	world_plugin(world, "late", 9, AT_T("{\"a\": [1]}"));
	assert_int_equal(world_register(world, "there", "[]"), 0);
	struct id new = begin(world);

	succeed_in(world, old, "work");
	succeed_in(world, new, "work");
	assert_phase(world, old, 1, "there (0)");
	assert_phase(world, new, 1, "late (0)");
}

/* Every generation in turn, each kept by a run of its own. */
static void many_generations(void **state)
{
	enum { ROUNDS = 60 };
	struct world *world = *state;
	struct id ids[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		assert_int_equal(
		    world_register(world, "p",
				   i % 3 == 0   ? AT_T("{\"a\": [1]}")
				   : i % 3 == 1 ? AT_T("{\"a\": [2]}")
						: "[]"),
		    0);
		ids[i] = begin(world);
	}
	/* Ended in another order than begun. */
	for (int i = 0; i < ROUNDS; i++) {
		int which = (i * 7) % ROUNDS;
		struct run *run = engine_run(world->engine, &ids[which]);

		succeed_in(world, ids[which], "work");
		assert_phase(world, ids[which], 1,
			     which % 3 == 0   ? "p (0)"
			     : which % 3 == 1 ? "(1)"
					      : "(0)");
		if (group_state_final(run->record.state)) {
			engine_forget(world->engine, run);
		}
	}
}

static void who_is_removed_is_left_out(void **state)
{
	struct world *world = *state;

	world_plugin(world, "gone", 9, AT_T("{\"a\": [1]}"));
	world_plugin(world, "gone-too", 9, AT_T("{\"a\": [2]}"));
	world_plugin(world, "stays", 9, AT_T("{\"a\": [1]}"));
	struct id id = begin(world);

	assert_int_equal(remove_plugin(world, "gone"), 0);
	assert_int_equal(remove_plugin(world, "gone-too"), 0);
	succeed_in(world, id, "work");
	assert_phase(world, id, 1, "stays (0)");
	succeed_in(world, id, "stays");
	assert_string_equal(run_state(world, id), "succeeded");
}

/* Two runs of one definition with one generation: what the first was told of
 * who is there holds no more for the second. */
static void who_is_removed_between_two_runs(void **state)
{
	static const char definition[] =
	    "{\"workflow\": \"w\", \"activities\": [{\"name\": \"S\", "
	    "\"pre\": [{\"plugin\": \"work\"}]}, {\"name\": \"T\", "
	    "\"parallel\": [{\"plugin\": \"p\"}]}]}";
	struct world *world = *state;

	world_plugin(world, "p", 9, AT_T("{\"a\": [2]}"));
	world_plugin(world, "other", 9, AT_T("{\"a\": [2]}"));
	struct id first = world_start(world, definition, "{\"a\": 1}");
	struct id second = world_start(world, definition, "{\"a\": 1}");

	succeed_in(world, first, "work");
	assert_phase(world, first, 1, "(2)");
	assert_int_equal(remove_plugin(world, "p"), 0);
	succeed_in(world, second, "work");
	assert_phase(world, second, 1, "(2)");
}

static void who_comes_back_has_its_old_filter(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 9,
		     "[[\"T\", \"parallel\", 0, true, {\"a\": [1]}]]");
	world_plugin(world, "q", 9, AT_T("{\"a\": [2]}"));
	struct id id = begin(world);

	assert_int_equal(remove_plugin(world, "p"), 0);
	assert_int_equal(remove_plugin(world, "q"), 0);
	assert_int_equal(world_register(world, "p", AT_T("{\"a\": [3]}")), 0);
	assert_int_equal(world_register(world, "q", "[]"), 0);
	succeed_in(world, id, "work");
	assert_phase(world, id, 1, "p:optional (1)");
}

/* A binding that goes by its plugin's filter does so by the old one, and is
 * there whether or not the plugin is. */
static void bindings_keep_it_too(void **state)
{
	static const char definition[] =
	    "{\"workflow\": \"w\", \"activities\": [{\"name\": \"S\", "
	    "\"pre\": [{\"plugin\": \"work\"}]}, {\"name\": \"T\", "
	    "\"parallel\": [{\"plugin\": \"p\"}, {\"plugin\": \"q\"}]}]}";
	struct world *world = *state;

	world_plugin(world, "p", 9, AT_T("{\"a\": [1]}"));
	world_plugin(world, "q", 9, AT_T("{\"a\": [2]}"));
	struct id old = world_start(world, definition, "{\"a\": 1}");

	assert_int_equal(world_register(world, "p", AT_T("{\"a\": [3]}")), 0);
	assert_int_equal(remove_plugin(world, "q"), 0);
	struct id new = world_start(world, definition, "{\"a\": 1}");

	succeed_in(world, old, "work");
	succeed_in(world, new, "work");
	assert_phase(world, old, 1, "p (1)");
	/* q has no filter any more. */
	assert_phase(world, new, 1, "q (1)");
}

static void the_config_overrides_as_it_did(void **state)
{
	struct world *world = *state;
	struct engine_subscription wanted = { .activity = SLICE("T"),
					      .phase = PHASE_PARALLEL };
	struct engine_override given = { .activity = SLICE("T"),
					 .mandatory = CHOICE_NO };
	struct event event = {
		.kind = EVENT_PLUGIN,
		.as.plugin = { .name = SLICE("p"),
			       .subscriptions = &wanted,
			       .subscription_count = 1,
			       .overrides = &given,
			       .override_count = 1 },
	};

	assert_int_equal(world_step(world, &event), 0);
	struct id old = begin(world);

	event.as.plugin.override_count = 0;
	assert_int_equal(world_step(world, &event), 0);
	struct id new = begin(world);

	succeed_in(world, old, "work");
	succeed_in(world, new, "work");
	assert_phase(world, old, 1, "p:optional (0)");
	assert_phase(world, new, 1, "p (0)");
}

/* ---- waiting ---- */

/* Not when it starts, but when it opens its first phase. */
static void the_first_phase_decides(void **state)
{
	struct world *world = *state;

	expect_until(world, INT64_MAX);
	struct id id = world_start(world, ONE_STEP, "{}");

	world_plugin(world, "late", 9, "[[\"S\", \"parallel\", 0, false]]");
	expect_until(world, 0);
	assert_phase(world, id, 0, "late (0)");
}

static void who_was_required_is_seen(void **state)
{
	struct world *world = *state;
	struct id id = world_start(
	    world,
	    "{\"workflow\": \"w\", \"activities\": [{\"name\": \"S\", "
	    "\"parallel\": [{\"plugin\": \"work\"}]}, {\"name\": \"T\", "
	    "\"require\": [\"late\"]}, {\"name\": \"U\", \"pre\": "
	    "[{\"plugin\": \"work\", \"as\": \"second\"}]}, "
	    "{\"name\": \"V\"}]}",
	    "{\"a\": 1}");

	succeed_in(world, id, "work");
	assert_string_equal(run_state(world, id), "waiting");
	world_plugin(world, "late", 9,
		     "[[\"T\", \"parallel\", 0, false], "
		     "[\"V\", \"parallel\", 0, false]]");
	assert_phase(world, id, 1, "late (0)");
	/* That is its generation from then on. */
	world_plugin(world, "later", 9, "[[\"V\", \"parallel\", 0, false]]");
	succeed_in(world, id, "late");
	succeed_in(world, id, "second");
	assert_phase(world, id, 3, "late (0)");
}

static void who_came_in_the_window_is_seen(void **state)
{
	struct world *world = *state;
	struct id id = world_start(
	    world,
	    "{\"workflow\": \"w\", \"activities\": [{\"name\": \"S\", "
	    "\"parallel\": [{\"plugin\": \"work\"}]}, {\"name\": \"T\", "
	    "\"register_window_ms\": 1000}]}",
	    "{\"a\": 1}");
	struct event event = { .kind = EVENT_TIME };

	succeed_in(world, id, "work");
	world_plugin(world, "late", 9, AT_T("{\"a\": [1]}"));
	assert_string_equal(run_state(world, id), "waiting");
	world->now_us += 1000000;
	assert_int_equal(world_step(world, &event), 0);
	assert_phase(world, id, 1, "late (0)");
}

static void who_was_expected_is_seen(void **state)
{
	struct world *world = *state;
	struct id id = begin(world);

	expect_until(world, INT64_MAX);
	world_plugin(world, "late", 9, AT_T("{\"a\": [1]}"));
	succeed_in(world, id, "work");
	expect_until(world, 0);
	assert_phase(world, id, 1, "late (0)");
}

/* Generations are not stored: the next phase that opens takes the newest. */
static void after_a_restart(void **state)
{
	struct world *world = *state;
	struct engine_options options = { .grace_ms = 5000 };
	struct engine *second = engine_create(&options);

	world_plugin(world, "before", 9, AT_T("{\"a\": [1]}"));
	struct id id = begin(world);

	world_restore(second, engine_run(world->engine, &id), world);
	world_commit(world);
	engine_destroy(world->engine);
	world->engine = second;
	world_plugin(world, "after", 9, AT_T("{\"a\": [1]}"));
	world_plugin(world, "work", 9, "[]");
	succeed_in(world, id, "work");
	assert_phase(world, id, 1, "after (0)");
}

/* What can still be skipped is what the run can still see. */
static void skipping_goes_by_it_too(void **state)
{
	struct world *world = *state;

	world_plugin(world, "there", 9, AT_T("{\"a\": [1]}"));
	struct id id = begin(world);
	struct event event = { .kind = EVENT_SKIP, .run = id };

	assert_int_equal(world_register(world, "there", "[]"), 0);
	world_plugin(world, "late", 9, AT_T("{\"a\": [1]}"));
	event.as.skip.task = SLICE("late");
	assert_int_equal(world_step(world, &event), E_NOT_FOUND);
	event.as.skip.task = SLICE("there");
	assert_int_equal(world_step(world, &event), 0);
	assert_true(event.as.skip.ret_marked);
	free(event.as.skip.ret_tasks);
	succeed_in(world, id, "work");
	assert_string_equal(run_state(world, id), "succeeded");
}

/* ---- the limit ---- */

/* A plugin with `len` subscriptions to T, the first of which match a = 1. */
static void register_many(struct world *world, const char *name, size_t len,
			  size_t matching)
{
	struct engine_subscription *wanted = alloc_zeroed(len, sizeof(*wanted));
	struct value yes = json("{\"a\": [1]}");
	struct value no = json("{\"a\": [2]}");

	for (size_t i = 0; i < len; i++) {
		wanted[i] = (struct engine_subscription){
			.activity = SLICE("T"),
			.phase = PHASE_PARALLEL,
			.filter = i < matching ? yes : no,
		};
	}
	struct event event = {
		.kind = EVENT_PLUGIN,
		.as.plugin = { .name = slice_of(name),
			       .subscriptions = wanted,
			       .subscription_count = len },
	};

	assert_int_equal(world_step(world, &event), 0);
	free(wanted);
	value_clear(&yes);
	value_clear(&no);
}

static void retire_so_many(struct world *world, size_t more,
			   const char *expected)
{
	world_plugin(world, "first", 9, AT_T("{\"a\": [1]}"));
	register_many(world, "many", LIMIT_FILTERS_RETIRED - 2 + more, 2);
	world_plugin(world, "last", 9, AT_T("{\"a\": [1]}"));
	struct id id = begin(world);

	assert_int_equal(world_register(world, "first", "[]"), 0);
	register_many(world, "many", 0, 0);
	assert_int_equal(world_register(world, "last", "[]"), 0);
	succeed_in(world, id, "work");
	assert_phase(world, id, 1, expected);
}

static void as_many_as_are_kept(void **state)
{
	retire_so_many(*state, 0, "first last many many (99996)");
}

/* The run that kept the oldest sees it no more. */
static void one_more_than_are_kept(void **state)
{
	retire_so_many(*state, 1, "last many many (99997)");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(changed),
		T(added_and_taken_away),
		T(many_generations),
		T(who_is_removed_is_left_out),
		T(who_is_removed_between_two_runs),
		T(who_comes_back_has_its_old_filter),
		T(bindings_keep_it_too),
		T(the_config_overrides_as_it_did),
		T(the_first_phase_decides),
		T(who_was_required_is_seen),
		T(who_came_in_the_window_is_seen),
		T(who_was_expected_is_seen),
		T(after_a_restart),
		T(skipping_goes_by_it_too),
		T(as_many_as_are_kept),
		T(one_more_than_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
