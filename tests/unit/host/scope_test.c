/* Values by path: what plugins see of a task's documents. */
#include "fixture.h"

/* Asks for the paths in `paths_json` with everything else of `task`. */
static struct host_completion *
ask(struct fixture *fixture, struct host_task *task, const char *paths_json)
{
	size_t before = fixture_count(fixture);
	struct buf with = { 0 };
	struct err err;

	buf_printf(&with,
		   "{\"paths\": %s, \"a\": {\"b c\": [1, \"two\"]}, "
		   "\"on\": true}",
		   paths_json);
	char *text = buf_take(&with);

	task->with = fixture_blob(text);
	free(text);
	if (fixture_hand_over(fixture, task, &err) < 0) {
		fail_msg("%s", err.msg);
	}
	fixture_wait(fixture, before + 1);
	return &fixture->completions[before];
}

static void check(const char *paths, const char *answers, const char *codes)
{
	struct fixture *fixture = fixture_create();
	struct host_task task = fixture_task("asks", 1, 3);
	struct buf expected = { 0 };

	fixture_load(fixture, "asks", NULL);
	fixture_start(fixture);
	task.attributes = fixture_blob("{\"lang\": \"c\", \"n\": -1}");
	task.input = fixture_blob("{\"pages\": [1.5, {\"x\": null}]}");
	task.stash = fixture_blob("{\"seen\": [\"\\u20ac\", \"\"]}");
	task.outputs =
	    fixture_blob("{\"scan\": {\"line counts\": {\"total\": 12}}}");
	buf_printf(&expected,
		   "{\"same\": true, \"answers\": %s, \"codes\": %s}", answers,
		   codes);
	char *json = buf_take(&expected);

	fixture_assert_json(ask(fixture, &task, paths)->output, json);
	free(json);
	fixture_destroy(fixture);
}

static void every_document_can_be_asked(void **state)
{
	(void)state;
	check("[\"attributes.lang\", \"attributes\", \"input.pages[0]\", "
	      "\"stash.seen[-1]\", \"outputs.scan.\\\"line counts\\\".total\", "
	      "\"with.a.\\\"b c\\\"[1]\", \"with.on\", \"attributes.n\"]",
	      "[\"c\", {\"lang\": \"c\", \"n\": -1}, 1.5, \"\", 12, \"two\", "
	      "true, -1]",
	      "[0, 0, 0, 0, 0, 0, 0, 0]");
}

static void the_run_can_be_asked(void **state)
{
	(void)state;
	check("[\"run.id\", \"run.uid\", \"run.tenant\", \"run.workflow\", "
	      "\"run\"]",
	      "[\"2289144gj289144gj289144gj2\", \"uid-1\", \"default\", "
	      "\"flow\", {\"id\": \"2289144gj289144gj289144gj2\", \"uid\": "
	      "\"uid-1\", \"tenant\": \"default\", \"workflow\": \"flow\"}]",
	      "[0, 0, 0, 0, 0]");
}

static void absent_null_and_nonsense_have_codes(void **state)
{
	(void)state;
	check("[\"attributes.none\", \"input.pages[1].x\", \"nowhere.at.all\", "
	      "\"input.pages[9]\", \"\", \"attributes..lang\", \"with.a[\"]",
	      "[null, null, null, null, null, null, null]",
	      "[-3, -3, -3, -3, -1, -1, -1]");
}

static void absent_documents_are_empty(void **state)
{
	struct fixture *fixture = fixture_create();
	struct host_task task = fixture_task("asks", 1, 1);

	(void)state;
	fixture_load(fixture, "asks", NULL);
	fixture_start(fixture);
	fixture_assert_json(
	    ask(fixture, &task,
		"[\"attributes\", \"stash\", \"outputs\", \"input\"]")
		->output,
	    "{\"same\": true, \"answers\": [{}, {}, {}, null], "
	    "\"codes\": [0, 0, 0, -3]}");
	fixture_destroy(fixture);
}

static void a_broken_document_is_a_failure(void **state)
{
	struct fixture *fixture = fixture_create();
	struct host_task task = fixture_task("asks", 1, 1);

	(void)state;
	fixture_load(fixture, "asks", NULL);
	fixture_start(fixture);
	task.stash = blob_make(SLICE("\x92\x01"));
	fixture_assert_json(
	    ask(fixture, &task, "[\"stash.x\", \"with.on\"]")->output,
	    "{\"same\": true, \"answers\": [null, true], \"codes\": [-6, 0]}");
	fixture_destroy(fixture);
}

static void asking_from_many_tasks_at_once(void **state)
{
	struct fixture *fixture = fixture_create();
	const uint32_t rounds = 50;

	(void)state;
	fixture_load(fixture, "asks", NULL);
	fixture_start(fixture);
	for (uint32_t i = 0; i < rounds; i++) {
		fixture_deliver(fixture, "asks", i,
				"{\"paths\": [\"with.x\", \"with.y[0]\", "
				"\"with\", \"run.id\"], \"x\": \"text\", "
				"\"y\": [\"z\"]}");
		if (i % 4 == 3) {
			fixture_wait(fixture, i + 1);
		}
	}
	fixture_wait(fixture, rounds);
	for (uint32_t i = 0; i < rounds; i++) {
		struct value value =
		    fixture_value(fixture_find(fixture, i, 1)->output);

		assert_true(value_get_bool(&value, "same", false));
		value_clear(&value);
	}
	fixture_destroy(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_document_can_be_asked),
		cmocka_unit_test(the_run_can_be_asked),
		cmocka_unit_test(absent_null_and_nonsense_have_codes),
		cmocka_unit_test(absent_documents_are_empty),
		cmocka_unit_test(a_broken_document_is_a_failure),
		cmocka_unit_test(asking_from_many_tasks_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
