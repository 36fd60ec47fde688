#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/json_run.h"
#include "run_fixture.h"
#include "schema_check.h"

#define SCHEMA TEST_DATA "/../../docs/schemas/run.schema.json"

static const char *const names[] = { "Step1", "Step2", "Step3" };

/* Something of everything that can be shown. */
static void make_rich(struct fixture *fixture)
{
	struct task_record *task;

	fixture_init(fixture, names, 3);
	fixture_activity(fixture, 0, GROUP_SUCCEEDED, 2000);
	for (int p = 0; p < PHASE_KINDS; p++) {
		fixture_phase(fixture, 0, (enum phase_kind)p, GROUP_SUCCEEDED,
			      0);
		fixture->view.activities[0].phases[p].mandatory_done = true;
	}
	fixture_activity(fixture, 1, GROUP_RUNNING, 1000);
	fixture_phase(fixture, 1, PHASE_PRE, GROUP_SUCCEEDED, 1000);
	fixture_phase(fixture, 1, PHASE_PARALLEL, GROUP_RUNNING, 500);
	task = fixture_task(fixture, 1, PHASE_PRE, "load", TASK_SUCCEEDED);
	value_clear(&fixture->outputs[0]);
	fixture->outputs[0] = value_map();
	value_set(&fixture->outputs[0], "rows", value_int(3));
	task = fixture_task(fixture, 1, PHASE_PARALLEL, "thumb", TASK_RUNNING);
	task->progress = 0.5;
	task->note = SLICE("half");
	task->deadline_us = FIXTURE_NOW + 5000 * FIXTURE_MS;
	task = fixture_task(fixture, 1, PHASE_PARALLEL, "ocr", TASK_WAITING);
	task->wake_us = FIXTURE_NOW + 60000 * FIXTURE_MS;
	task = fixture_task(fixture, 1, PHASE_PARALLEL, "bad", TASK_FAILED);
	task->mandatory = false;
	task->reason = REASON_PLUGIN_FAILED;
	task->message = SLICE("no — such file");
	(void)fixture_task(fixture, 1, PHASE_PARALLEL, "late", TASK_PENDING);
	task = fixture_task(fixture, 1, PHASE_PARALLEL, "again", TASK_RETRYING);
	task->reason = REASON_BACKOFF;
	task->failures = 2;
	task->wake_us = FIXTURE_NOW + 1000 * FIXTURE_MS;
	task->expires_us = FIXTURE_NOW + 9000 * FIXTURE_MS;
	fixture->view.activities[1].deadline_us = FIXTURE_NOW;
	fixture->view.run.deadline_us = FIXTURE_NOW;
	fixture->view.run.resumes = 1;
	value_set(&fixture->view.attributes, "lang", value_text("c"));
}

static void read_schema(struct value *ret_schema)
{
	static char text[65536];
	struct err err = { 0 };
	FILE *file = fopen(SCHEMA, "re");

	assert_non_null(file);
	size_t len = fread(text, 1, sizeof(text), file);

	(void)fclose(file);
	if (json_read((struct slice){ text, len }, NULL, ret_schema, &err)) {
		fail_msg("%s", err.msg);
	}
}

/* "" when the schema accepts the run, else where it does not. */
static const char *complaint(const struct value *run)
{
	static struct schema_check check;
	struct value schema;

	read_schema(&schema);
	check = (struct schema_check){ .root = &schema };
	bool good = schema_accepts(&check, &schema, run, "run");

	assert_int_equal(good, !*check.where);
	value_clear(&schema);
	return check.where;
}

static void test_every_state_fits_the_schema(void **state)
{
	(void)state;
	for (int s = 0; s < GROUP_SKIPPED; s++) {
		struct fixture fixture;

		make_rich(&fixture);
		fixture.view.run.state = (enum group_state)s;
		fixture_activity(&fixture, 2, (enum group_state)s, 10);
		struct value run = json_run(fixture_context(&fixture));

		assert_string_equal(complaint(&run), "");
		value_clear(&run);
		fixture_fini(&fixture);
	}
}

static void test_every_task_state_fits_the_schema(void **state)
{
	struct fixture fixture;

	(void)state;
	make_rich(&fixture);
	for (int s = 0; s < TASK_STATES; s++) {
		(void)fixture_task(&fixture, 2, PHASE_POST, "any",
				   (enum task_state)s);
	}
	struct value run = json_run(fixture_context(&fixture));

	assert_string_equal(complaint(&run), "");
	value_clear(&run);
	fixture_fini(&fixture);
}

/* The schema would notice mistakes: what is not there, of another type, not
 * a state, unknown. */
static void test_the_schema_is_closed(void **state)
{
	struct fixture fixture;

	(void)state;
	make_rich(&fixture);
	struct value run = json_run(fixture_context(&fixture));

	value_set(&run, "state", value_text("done"));
	assert_string_equal(complaint(&run), "run.state: enum");
	value_set(&run, "state", value_text("running"));
	value_set(&run, "created_at", value_text("yesterday"));
	assert_string_equal(complaint(&run), "run.created_at: pattern");
	value_set(&run, "created_at",
		  value_text("2026-03-01T10:20:30.123456Z"));
	value_set(&run, "uid", value_text(""));
	assert_string_equal(complaint(&run), "run.uid: minLength");
	value_set(&run, "uid", value_text("u"));
	value_set(&run, "extra", value_int(1));
	assert_string_equal(complaint(&run), "run.extra: unknown");
	assert_true(value_remove(&run, SLICE("extra")));
	assert_string_equal(complaint(&run), "");
	assert_true(value_remove(&run, SLICE("stash")));
	assert_string_equal(complaint(&run), "run: required");
	value_clear(&run);
	fixture_fini(&fixture);
}

static const struct value *phase(const struct value *run, size_t activity,
				 const char *name)
{
	return value_get(value_at(value_get(run, "activities"), activity),
			 name);
}

static void check_json(const struct value *value, const char *expected)
{
	struct buf text = { 0 };

	assert_non_null(value);
	json_write(&text, value, JSON_COMPACT);
	buf_put_byte(&text, '\0');
	assert_string_equal(text.data, expected);
	buf_fini(&text);
}

static void test_shape(void **state)
{
	struct fixture fixture;

	(void)state;
	make_rich(&fixture);
	struct value run = json_run(fixture_context(&fixture));

	check_json(value_get(&run, "tenant"), "\"default\"");
	check_json(value_get(&run, "created_at"),
		   "\"2026-03-01T10:20:28.123456Z\"");
	check_json(value_get(&run, "ended_at"), "null");
	check_json(value_get(&run, "reason"), "\"tasks_running\"");
	check_json(value_get(&run, "attributes"), "{\"lang\":\"c\"}");
	check_json(value_get(&run, "input"), "null");
	check_json(value_get(&run, "outputs"),
		   "{\"Step2\":{\"load\":{\"rows\":3}}}");
	assert_int_equal(value_len(value_get(&run, "activities")), 3);

	const struct value *parallel = phase(&run, 1, "parallel");
	const struct value *tasks = value_get(parallel, "tasks");

	check_json(value_get(parallel, "expected"), "5");
	check_json(value_get(parallel, "finished"), "1");
	assert_int_equal(value_len(tasks), 5);
	check_json(value_get(value_at(tasks, 0), "name"), "\"thumb\"");
	check_json(value_get(value_at(tasks, 0), "progress"),
		   "{\"fraction\":0.5,\"note\":\"half\"}");
	check_json(value_get(value_at(tasks, 0), "output"), "null");
	check_json(value_get(value_at(tasks, 2), "message"),
		   "\"no — such file\"");
	check_json(value_get(value_at(tasks, 2), "mandatory"), "false");
	check_json(value_get(value_at(tasks, 2), "next_attempt_at"), "null");
	check_json(value_get(value_at(tasks, 4), "next_attempt_at"),
		   "\"2026-03-01T10:20:31.123456Z\"");
	check_json(value_get(value_at(tasks, 4), "expires_at"),
		   "\"2026-03-01T10:20:39.123456Z\"");
	check_json(value_get(value_at(tasks, 4), "failures"), "2");
	check_json(value_get(value_at(tasks, 4), "attempts_allowed"), "1");
	check_json(value_get(&run, "resumes"), "1");
	check_json(value_get(&run, "paused"), "null");
	check_json(value_get(&run, "deadline_at"),
		   "\"2026-03-01T10:20:30.123456Z\"");
	check_json(
	    value_get(value_at(value_get(phase(&run, 1, "pre"), "tasks"), 0),
		      "output"),
	    "{\"rows\":3}");
	value_clear(&run);
	fixture_fini(&fixture);
}

/* What has succeeded without tasks, and what has not been opened. */
static void test_empty_phases(void **state)
{
	struct fixture fixture;

	(void)state;
	make_rich(&fixture);
	struct value run = json_run(fixture_context(&fixture));
	const struct value *done = phase(&run, 0, "parallel");
	const struct value *later = phase(&run, 2, "parallel");

	check_json(value_get(done, "state"), "\"succeeded\"");
	check_json(value_get(done, "mandatory_done"), "true");
	check_json(value_get(done, "reason"), "null");
	check_json(value_get(done, "reason_text"), "null");
	check_json(value_get(done, "tasks"), "[]");
	check_json(value_get(later, "state"), "\"pending\"");
	check_json(value_get(later, "mandatory_done"), "false");
	check_json(value_get(later, "expected"), "0");
	check_json(value_get(later, "finished"), "0");
	check_json(value_get(later, "filtered"), "0");
	check_json(value_get(later, "reason"), "\"earlier_activity\"");
	check_json(value_get(later, "tasks"), "[]");
	value_clear(&run);
	fixture_fini(&fixture);
}

static void test_summary(void **state)
{
	struct fixture fixture;
	struct buf text = { 0 };

	(void)state;
	make_rich(&fixture);
	fixture.view.run.state = GROUP_SUCCEEDED;
	fixture.view.run.reason = REASON_COMPLETED;
	struct value run = json_run_summary(&fixture.view.run);

	check_json(value_get(&run, "state"), "\"succeeded\"");
	check_json(value_get(&run, "reason"), "null");
	check_json(value_get(&run, "tasks"), "6");
	assert_null(value_get(&run, "activities"));
	value_clear(&run);
	buf_fini(&text);
	fixture_fini(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_state_fits_the_schema),
		cmocka_unit_test(test_every_task_state_fits_the_schema),
		cmocka_unit_test(test_the_schema_is_closed),
		cmocka_unit_test(test_shape),
		cmocka_unit_test(test_empty_phases),
		cmocka_unit_test(test_summary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
