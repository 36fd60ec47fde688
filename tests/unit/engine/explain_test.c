/* What engine_explain() says is what happens. */
#include "world.h"

static struct definition *definition_of(const char *text)
{
	struct value document = json(text);
	struct definition *definition;
	struct err err = { 0 };

	if (definition_from_value(&document, &definition, &err) < 0) {
		fail_msg("%s", err.msg);
	}
	value_clear(&document);
	return definition;
}

struct answer {
	struct engine_candidate *candidates;
	size_t len;
};

static struct answer ask_for(const struct world *world,
			     const char *definition_text, uint32_t activity,
			     enum phase_kind phase, const char *attributes_text,
			     const struct id *run)
{
	struct value attributes = json(attributes_text);
	struct buf packed = { 0 };

	pack_write(&packed, &attributes);
	struct engine_question question = {
		.definition = definition_of(definition_text),
		.activity = activity,
		.phase = phase,
		.attributes = &attributes,
		.packed = buf_slice(&packed),
		.run = run,
	};
	struct answer answer = { 0 };
	struct err err = { 0 };

	if (engine_explain(world->engine, &question, &answer.candidates,
			   &answer.len, &err) < 0) {
		fail_msg("%s", err.msg);
	}
	buf_fini(&packed);
	value_clear(&attributes);
	definition_unref(question.definition);
	return answer;
}

static struct answer ask(const struct world *world, const char *definition_text,
			 enum phase_kind phase, const char *attributes_text)
{
	return ask_for(world, definition_text, 0, phase, attributes_text, NULL);
}

static void put_candidate(struct buf *text,
			  const struct engine_candidate *candidate)
{
	buf_printf(text, "%s%s:%s:%d%s%s%s%s ",
		   candidate->takes_part ? "" : "-", candidate->task,
		   candidate->plugin, candidate->order,
		   candidate->bound ? ":bound" : "",
		   candidate->registered ? "" : ":unknown",
		   candidate->mandatory ? "" : ":optional",
		   candidate->run_on == RUN_ON_SUCCESS ? "" : ":run_on");
}

static void assert_answer(const struct answer *answer, const char *expected)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < answer->len; i++) {
		const struct engine_candidate *candidate =
		    &answer->candidates[i];

		assert_int_equal(candidate->takes_part, candidate->why.matches);
		assert_int_equal(candidate->takes_part,
				 candidate->why.sentence[0] == 0);
		put_candidate(&text, candidate);
	}
	buf_put_byte(&text, 0);
	assert_string_equal(text.data, expected);
	buf_fini(&text);
}

static void answer_fini(struct answer *answer)
{
	engine_candidates_free(answer->candidates, answer->len);
}

#define MIXED                                                               \
	"{\"workflow\": \"w\", \"activities\": [{\"name\": \"S\", "         \
	"\"parallel\": [{\"plugin\": \"lender\"}, {\"plugin\": \"lender\"," \
	" \"as\": \"strict\", \"filter\": {\"a\": [2]}}, {\"plugin\": "     \
	"\"nobody\", \"order\": 3, \"mandatory\": false}, {\"plugin\": "    \
	"\"nobody\", \"as\": \"b\", \"filter\": {\"b\": [{\"exists\": "     \
	"true}]}}]}]}"

static void register_some(struct world *world)
{
	world_plugin(world, "lender", 9,
		     "[[\"S\", \"parallel\", 0, false, {\"a\": [1]}]]");
	world_plugin(world, "free", 9,
		     "[[\"S\", \"parallel\", 5, true, {\"a\": [1, 2]}]]");
	world_plugin(world, "zone", 9,
		     "[[\"S\", \"parallel\", 0, true, {\"z\": [1]}]]");
	world_plugin(world, "elsewhere", 9, "[[\"S\", \"post\", 5, true]]");
}

static void those_that_take_part_come_first(void **state)
{
	struct world *world = *state;

	register_some(world);
	struct answer answer = ask(world, MIXED, PHASE_PARALLEL, "{\"a\": 1}");

	assert_answer(&answer, "nobody:nobody:3:bound:unknown:optional "
			       "free:free:5:optional lender:lender:90:bound "
			       "-b:nobody:90:bound:unknown "
			       "-strict:lender:90:bound "
			       "-zone:zone:90:optional ");
	answer_fini(&answer);
	answer = ask(world, MIXED, PHASE_PARALLEL, "{\"a\": 2, \"b\": null}");
	assert_answer(&answer, "nobody:nobody:3:bound:unknown:optional "
			       "free:free:5:optional strict:lender:90:bound "
			       "b:nobody:90:bound:unknown "
			       "-lender:lender:90:bound "
			       "-zone:zone:90:optional ");
	answer_fini(&answer);
	answer = ask(world, MIXED, PHASE_PRE, "{}");
	assert_answer(&answer, "");
	answer_fini(&answer);
	answer = ask(world, MIXED, PHASE_POST, "null");
	assert_answer(&answer, "elsewhere:elsewhere:5:optional ");
	answer_fini(&answer);
}

static void every_run_on_is_shown(void **state)
{
	struct world *world = *state;

	world_plugin(world, "own", 9, "[[\"S\", \"post\", 0, false]]");
	struct answer answer =
	    ask(world,
		"{\"workflow\": \"w\", \"activities\": [{\"name\": \"S\", "
		"\"post\": [{\"plugin\": \"p\"}, {\"plugin\": \"p\", \"as\": "
		"\"f\", \"run_on\": \"failure\"}, {\"plugin\": \"p\", \"as\": "
		"\"a\", \"run_on\": \"always\", \"filter\": {\"k\": [1]}}]}]}",
		PHASE_POST, "{}");

	assert_answer(&answer, "own:own:90 p:p:90:bound:unknown "
			       "f:p:90:bound:unknown:run_on "
			       "-a:p:90:bound:unknown:run_on ");
	answer_fini(&answer);
}

/* The same question with and without a run that holds the plan. */
static void it_is_what_a_run_does(void **state)
{
	struct world *world = *state;

	register_some(world);
	struct id id = world_start(world, MIXED, "{\"a\": 1}");
	const struct run *run = engine_run(world->engine, &id);
	struct answer answer = ask(world, MIXED, PHASE_PARALLEL, "{\"a\": 1}");
	const struct phase_record *record =
	    &run->activities[0].record.phases[PHASE_PARALLEL];

	assert_int_equal(answer.len, record->expected + record->filtered);
	for (uint32_t i = 0; i < record->expected; i++) {
		assert_true(slice_is(run->tasks[i]->record.name,
				     answer.candidates[i].task));
	}
	answer_fini(&answer);
}

/* Nothing that was asked about is known afterwards, and what runs goes on with
 * what it had. */
static void asking_changes_nothing(void **state)
{
	struct world *world = *state;
	struct answer answer = ask(world, MIXED, PHASE_PARALLEL, "{\"a\": 1}");
	struct event off = { .kind = EVENT_QUARANTINE,
			     .as.quarantine = { .name = SLICE("nobody") } };

	assert_answer(&answer, "nobody:nobody:3:bound:unknown:optional "
			       "lender:lender:90:bound:unknown "
			       "-b:nobody:90:bound:unknown "
			       "-strict:lender:90:bound:unknown ");
	answer_fini(&answer);
	assert_int_equal(world_step(world, &off), E_NOT_FOUND);
}

static void the_filters_of_now(void **state)
{
	struct world *world = *state;

	world_plugin(world, "p", 9,
		     "[[\"S\", \"parallel\", 0, false, {\"a\": [1]}]]");
	struct answer answer = ask(world, MIXED, PHASE_PARALLEL, "{\"a\": 1}");

	assert_string_equal(answer.candidates[0].task, "nobody");
	answer_fini(&answer);
	assert_int_equal(
	    world_register(world, "p",
			   "[[\"S\", \"parallel\", 0, false, {\"a\": [9]}]]"),
	    0);
	answer = ask(world, MIXED, PHASE_PARALLEL, "{\"a\": 1}");
	assert_answer(&answer, "nobody:nobody:3:bound:unknown:optional "
			       "lender:lender:90:bound:unknown "
			       "-b:nobody:90:bound:unknown -p:p:90 "
			       "-strict:lender:90:bound:unknown ");
	answer_fini(&answer);
}

#define TWO_STEPS                                                            \
	"{\"workflow\": \"w\", \"activities\": [{\"name\": \"S\", \"pre\": " \
	"[{\"plugin\": \"work\"}]}, {\"name\": \"T\"}]}"
#define AT_T(filter) "[[\"T\", \"parallel\", 0, false, " filter "]]"

static void assert_at_t(const struct world *world, const struct id *run,
			const char *expected)
{
	struct answer answer =
	    ask_for(world, TWO_STEPS, 1, PHASE_PARALLEL, "{\"a\": 1}", run);

	assert_answer(&answer, expected);
	answer_fini(&answer);
}

/* A run goes on with the subscriptions of its first phase, and is told so. */
static void the_filters_that_a_run_keeps(void **state)
{
	struct world *world = *state;

	world_plugin(world, "work", 9, "[]");
	world_plugin(world, "yes", 9, AT_T("{\"a\": [1]}"));
	world_plugin(world, "no", 9, AT_T("{\"a\": [2]}"));
	struct id id = world_start(world, TWO_STEPS, "{\"a\": 1}");
	struct id nobody = { 0 };

	assert_int_equal(world_register(world, "yes", AT_T("{\"a\": [2]}")), 0);
	assert_int_equal(world_register(world, "no", AT_T("{\"a\": [1]}")), 0);
	world_plugin(world, "late", 9, AT_T("{\"a\": [1]}"));
	assert_at_t(world, NULL, "late:late:90 no:no:90 -yes:yes:90 ");
	assert_at_t(world, &nobody, "late:late:90 no:no:90 -yes:yes:90 ");
	assert_at_t(world, &id, "yes:yes:90 -no:no:90 ");
	complete_delivery(world, world_delivery(world, "work"),
			  COMPLETION_SUCCEEDED, NULL, NULL, NULL, 0);
	/* Opened: what happened. */
	const struct run *run = engine_run(world->engine, &id);

	assert_int_equal(
	    run->activities[1].record.phases[PHASE_PARALLEL].expected, 1);
	assert_at_t(world, &id, "yes:yes:90 -no:no:90 ");
}

#define WAITS                                                                \
	"{\"workflow\": \"w\", \"activities\": [{\"name\": \"S\", \"pre\": " \
	"[{\"plugin\": \"work\"}]}, {\"name\": \"T\", \"require\": "         \
	"[\"missing\"]}]}"

static void who_waits_for_plugins_will_see_those_of_now(void **state)
{
	struct world *world = *state;

	world_plugin(world, "work", 9, "[]");
	struct id id = world_start(world, WAITS, "{\"a\": 1}");

	complete_delivery(world, world_delivery(world, "work"),
			  COMPLETION_SUCCEEDED, NULL, NULL, NULL, 0);
	world_plugin(world, "late", 9, AT_T("{\"a\": [1]}"));
	struct answer answer =
	    ask_for(world, WAITS, 1, PHASE_PARALLEL, "{\"a\": 1}", &id);

	assert_answer(&answer, "late:late:90 ");
	answer_fini(&answer);
}

static void what_does_not_compile(void **state)
{
	struct world *world = *state;
	struct definition *definition = definition_of(
	    "{\"workflow\": \"w\", \"activities\": [{\"name\": \"S\", "
	    "\"pre\": [{\"plugin\": \"p\", \"filter\": {\"a\": 1}}]}]}");
	struct value attributes = value_map();
	struct engine_candidate *candidates;
	size_t len;
	struct err err;

	struct engine_question question = {
		.definition = definition,
		.phase = PHASE_PRE,
		.attributes = &attributes,
	};

	assert_int_equal(
	    engine_explain(world->engine, &question, &candidates, &len, &err),
	    E_INVALID);
	assert_non_null(strstr(err.msg, "task 'p'"));
	value_clear(&attributes);
	definition_unref(definition);
}

int main(void)
{
#define T(name) \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		T(those_that_take_part_come_first),
		T(every_run_on_is_shown),
		T(it_is_what_a_run_does),
		T(asking_changes_nothing),
		T(the_filters_of_now),
		T(the_filters_that_a_run_keeps),
		T(who_waits_for_plugins_will_see_those_of_now),
		T(what_does_not_compile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
