/* Who takes part and how many do not: every mix of bound and subscribed. */
#include "world.h"

/* "name:plugin[:optional] ... (filtered)" of the phase, in its order. */
static char *membership(const struct world *world, struct id id,
			enum phase_kind kind)
{
	const struct run *run = engine_run(world->engine, &id);
	const struct phase_record *record =
	    &run->activities[0].record.phases[kind];
	struct buf text = { 0 };

	for (uint32_t i = 0; i < record->expected; i++) {
		const struct task_record *task =
		    &run->activities[0].phases[kind].tasks[i].record;

		buf_printf(&text, "%.*s:%.*s%s ", SLICE_ARG(task->name),
			   SLICE_ARG(task->plugin),
			   task->mandatory ? "" : ":optional");
	}
	buf_printf(&text, "(%u)", record->filtered);
	return buf_take(&text);
}

static void assert_members(const struct world *world, struct id id,
			   enum phase_kind kind, const char *expected)
{
	char *text = membership(world, id, kind);

	assert_string_equal(text, expected);
	free(text);
}

static struct id start(struct world *world, const char *keys,
		       const char *attributes)
{
	char *definition = NULL;

	assert_true(asprintf(&definition,
			     "{\"workflow\": \"w\", \"activities\": "
			     "[{\"name\": \"S\", %s}]}",
			     keys) > 0);
	struct id id = world_start(world, definition, attributes);

	free(definition);
	return id;
}

#define A1     ", \"filter\": {\"a\": [1]}"
#define A2     ", \"filter\": {\"a\": [2]}"
#define SUB_A1 "[[\"S\", \"parallel\", 0, false, {\"a\": [1]}]]"
#define SUB_A2 "[[\"S\", \"parallel\", 0, true, {\"a\": [2]}]]"
#define SUB    "[[\"S\", \"parallel\", 0, true]]"

static void only_bound(void **state)
{
	struct world *world = *state;
	struct id id = start(world,
			     "\"parallel\": [{\"plugin\": \"p\", \"as\": "
			     "\"z\"" A1 "}, {\"plugin\": \"p\", \"as\": "
			     "\"y\"}, {\"plugin\": \"q\"" A2 "}, "
			     "{\"plugin\": \"p\", \"as\": \"x\"" A1 "}]",
			     "{\"a\": 1}");

	assert_members(world, id, PHASE_PARALLEL, "z:p y:p x:p (1)");
}

static void only_subscribed(void **state)
{
	struct world *world = *state;

	world_plugin(world, "one", 1, SUB_A1);
	world_plugin(world, "two", 1, SUB_A2);
	world_plugin(world, "all", 1, SUB);
	world_plugin(world, "elsewhere", 1, "[[\"S\", \"pre\", 0, false]]");
	struct id id = start(world, "\"post\": []", "{\"a\": 1}");

	assert_members(world, id, PHASE_PRE, "elsewhere:elsewhere (0)");
	world_succeed(world, "elsewhere");
	assert_members(world, id, PHASE_PARALLEL,
		       "all:all:optional one:one (1)");
	id = start(world, "\"post\": []", "{\"a\": 3}");
	world_succeed(world, "elsewhere");
	assert_members(world, id, PHASE_PARALLEL, "all:all:optional (2)");
}

/* A binding counts for its plugin, however often it subscribes itself. */
static void bound_and_subscribed(void **state)
{
	struct world *world = *state;

	world_plugin(world, "one", 9, SUB_A1);
	world_plugin(world, "two", 9, SUB_A2);
	world_plugin(world, "all", 9, SUB);
	struct id id =
	    start(world,
		  "\"parallel\": [{\"plugin\": \"one\"}, {\"plugin\": "
		  "\"one\", \"as\": \"own\"" A2 "}, {\"plugin\": \"two\"}, "
		  "{\"plugin\": \"none\"}]",
		  "{\"a\": 1}");

	assert_members(world, id, PHASE_PARALLEL,
		       "all:all:optional one:one none:none (2)");
	id = start(world,
		   "\"parallel\": [{\"plugin\": \"one\"}, {\"plugin\": "
		   "\"one\", \"as\": \"own\"" A2 "}, {\"plugin\": \"two\"}, "
		   "{\"plugin\": \"none\"}]",
		   "{\"a\": 2}");
	assert_members(world, id, PHASE_PARALLEL,
		       "all:all:optional own:one two:two:optional none:none "
		       "(1)");
}

/* An empty filter of a binding is a filter like any other. */
static void empty_filters(void **state)
{
	struct world *world = *state;

	world_plugin(world, "one", 9, SUB_A1);
	struct id id = start(world,
			     "\"parallel\": [{\"plugin\": \"one\", "
			     "\"filter\": {}}]",
			     "{\"a\": 2}");

	assert_members(world, id, PHASE_PARALLEL, "one:one (0)");
}

/* Twice at the same door: bindings go by the first. */
static void several_subscriptions_of_one(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 9,
		     "[[\"S\", \"parallel\", 0, false, {\"a\": [1]}], "
		     "[\"S\", \"parallel\", 0, true, {\"a\": [2]}], "
		     "[\"S\", \"parallel\", 0, true, {\"a\": [1]}]]");
	struct id id = start(world, "\"pre\": []", "{\"a\": 2}");

	assert_members(world, id, PHASE_PARALLEL, "p:p:optional (2)");
	id = start(world, "\"parallel\": [{\"plugin\": \"p\"}]", "{\"a\": 2}");
	assert_members(world, id, PHASE_PARALLEL, "(1)");
	id = start(world, "\"parallel\": [{\"plugin\": \"p\"}]", "{\"a\": 1}");
	assert_members(world, id, PHASE_PARALLEL, "p:p (0)");
}

#define POST                                                                   \
	"\"pre\": [{\"plugin\": \"work\"}], \"post\": [{\"plugin\": \"p\", "   \
	"\"as\": \"good\"}, {\"plugin\": \"p\", \"as\": \"bad\", \"run_on\": " \
	"\"failure\"}, {\"plugin\": \"p\", \"as\": \"both\", \"run_on\": "     \
	"\"always\"}, {\"plugin\": \"q\", \"as\": \"bad2\", \"run_on\": "      \
	"\"failure\"" A2 "}, {\"plugin\": \"q\", \"as\": \"both2\", "          \
	"\"run_on\": \"always\"" A1 "}, {\"plugin\": \"q\", \"as\": "          \
	"\"good2\"" A2 "}]"

static void run_on_after_success(void **state)
{
	struct world *world = *state;

	world_plugin(world, "work", 9, "[]");
	world_plugin(world, "sub", 9, "[[\"S\", \"post\", 0, false]]");
	world_plugin(world, "sub2", 9,
		     "[[\"S\", \"post\", 0, false, {\"a\": [2]}]]");
	struct id id = start(world, POST, "{\"a\": 1}");

	world_succeed(world, "work");
	assert_members(world, id, PHASE_POST,
		       "sub:sub good:p both:p both2:q (2)");
}

/* Subscriptions run on success only, and are no candidates otherwise. */
static void run_on_after_failure(void **state)
{
	struct world *world = *state;

	world_plugin(world, "work", 9, "[]");
	world_plugin(world, "sub", 9, "[[\"S\", \"post\", 0, false]]");
	struct id id = start(world, POST, "{\"a\": 1}");

	world_fail(world, "work");
	assert_members(world, id, PHASE_POST, "bad:p both:p both2:q (1)");
}

static void run_on_after_cancel(void **state)
{
	struct world *world = *state;
	struct id id = start(world, POST, "{\"a\": 2}");
	struct event event = { .kind = EVENT_CANCEL, .run = id };

	assert_int_equal(world_step(world, &event), 0);
	assert_members(world, id, PHASE_POST, "both:p (1)");
}

/* What a binding leaves open comes from the subscription in any situation. */
static void own_filters_after_failure(void **state)
{
	struct world *world = *state;

	world_plugin(world, "work", 9, "[]");
	world_plugin(world, "p", 9,
		     "[[\"S\", \"post\", 0, true, {\"a\": [1]}]]");
	struct id id = start(world, POST, "{\"a\": 1}");

	world_fail(world, "work");
	assert_members(world, id, PHASE_POST,
		       "bad:p:optional both:p:optional both2:q (1)");
	id = start(world, POST, "{\"a\": 2}");
	world_fail(world, "work");
	assert_members(world, id, PHASE_POST, "bad2:q (3)");
}

static void overrides(void **state)
{
	struct world *world = *state;
	struct engine_subscription wanted = { .activity = SLICE("S"),
					      .phase = PHASE_PARALLEL,
					      .order = 7 };
	struct engine_override given[] = {
		{ .activity = SLICE("T"), .mandatory = CHOICE_YES, .order = 1 },
		{ .activity = SLICE("S"), .mandatory = CHOICE_NO, .order = 99 },
		{ .activity = SLICE("A"), .mandatory = CHOICE_YES, .order = 2 },
	};
	struct event event = {
		.kind = EVENT_PLUGIN,
		.as.plugin = { .name = SLICE("p"),
			       .subscriptions = &wanted,
			       .subscription_count = 1,
			       .overrides = given,
			       .override_count = 3 },
	};

	assert_int_equal(world_step(world, &event), 0);
	world_plugin(world, "q", 9, SUB);
	struct id id = start(world, "\"pre\": []", "{}");

	assert_members(world, id, PHASE_PARALLEL,
		       "q:q:optional p:p:optional (0)");
	id = start(world,
		   "\"parallel\": [{\"plugin\": \"p\", \"as\": \"x\"}, "
		   "{\"plugin\": \"p\", \"as\": \"y\", \"order\": 1, "
		   "\"mandatory\": true}]",
		   "{}");
	assert_members(world, id, PHASE_PARALLEL,
		       "y:p q:q:optional x:p:optional (0)");
	/* Bound, and nothing of its own here. */
	event.as.plugin.subscription_count = 0;
	assert_int_equal(world_step(world, &event), 0);
	id = start(world, "\"parallel\": [{\"plugin\": \"p\"}]", "{}");
	assert_members(world, id, PHASE_PARALLEL,
		       "q:q:optional p:p:optional (0)");
}

int main(void)
{
#define T(name) \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		T(only_bound),
		T(only_subscribed),
		T(bound_and_subscribed),
		T(empty_filters),
		T(several_subscriptions_of_one),
		T(run_on_after_success),
		T(run_on_after_failure),
		T(run_on_after_cancel),
		T(own_filters_after_failure),
		T(overrides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
