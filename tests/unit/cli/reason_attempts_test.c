/* Sentences about attempts, deadlines and pauses; and what was taken back is
 * spoken of no more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "cli/json_run.h"
#include "cli/tree.h"
#include "cli/why.h"
#include "document/json.h"
#include "run_fixture.h"

static const char *const names[] = { "Step1" };

static struct binding bindings[1];

/* One activity that binds "ocr", which may be tried four times. */
static struct task_record *begin(struct fixture *fixture, enum task_state state)
{
	fixture_init(fixture, names, 1);
	bindings[0] = (struct binding){
		.plugin = (char[]){ "ocr" },
		.name = (char[]){ "ocr" },
		.retry = retry_policy_of(4),
	};
	fixture->view.definition->activities[0].phases[PHASE_PARALLEL] =
	    (struct phase_definition){ .bindings = bindings, .len = 1 };
	fixture_activity(fixture, 0, GROUP_RUNNING, 100);
	fixture_phase(fixture, 0, PHASE_PARALLEL, GROUP_RUNNING, 100);
	struct task_record *task =
	    fixture_task(fixture, 0, PHASE_PARALLEL, "ocr", state);

	task->binding = 0;
	return task;
}

static void end(struct fixture *fixture)
{
	/* The bindings are not of the heap. */
	fixture->view.definition->activities[0].phases[PHASE_PARALLEL] =
	    (struct phase_definition){ 0 };
	fixture_fini(fixture);
}

static void check(struct fixture *fixture, const struct task_record *task,
		  const char *expected)
{
	struct buf sentence = { 0 };

	reason_put_task(&sentence, &fixture->context, task);
	buf_put_byte(&sentence, '\0');
	assert_string_equal(sentence.data, expected);
	buf_fini(&sentence);
}

static void test_retrying(void **state)
{
	struct fixture fixture;
	struct task_record *task = begin(&fixture, TASK_RETRYING);

	(void)state;
	(void)fixture_context(&fixture);
	task->reason = REASON_BACKOFF;
	task->failures = 1;
	task->message = SLICE("no answer");
	task->wake_us = FIXTURE_NOW + 5000 * FIXTURE_MS;
	check(&fixture, task,
	      "1 of 4 attempts has failed; plugin 'ocr' is called again at "
	      "2026-03-01T10:20:35.123456Z (in 5s); the last one: no answer");
	task->failures = 2;
	task->message = SLICE("");
	task->expires_us = FIXTURE_NOW + 60000 * FIXTURE_MS;
	check(&fixture, task,
	      "2 of 4 attempts have failed; plugin 'ocr' is called again at "
	      "2026-03-01T10:20:35.123456Z (in 5s), and must be done by "
	      "2026-03-01T10:21:30.123456Z (in 1m)");
	task->expires_us = 0;
	task->wake_us = 0;
	task->reason = REASON_NO_FREE_SLOT;
	check(&fixture, task,
	      "2 of 4 attempts have failed; waits for its next attempt, which "
	      "is due: plugin 'ocr' has no free slot");
	task->reason = REASON_NONE;
	check(&fixture, task,
	      "2 of 4 attempts have failed; about to be given to plugin 'ocr' "
	      "again");
	assert_int_equal(reason_of_task(&fixture.context, task),
			 REASON_BACKOFF);
	end(&fixture);
}

static void test_ends(void **state)
{
	struct fixture fixture;
	struct task_record *task = begin(&fixture, TASK_FAILED);

	(void)state;
	(void)fixture_context(&fixture);
	task->reason = REASON_ATTEMPTS;
	task->message = SLICE("attempt 4 of 4 failed: no answer");
	check(&fixture, task,
	      "plugin 'ocr' failed too often: attempt 4 of 4 failed: no "
	      "answer");
	task->reason = REASON_DEADLINE;
	task->message = SLICE("deadline of 5s exceeded");
	task->expires_us = task->ended_us;
	check(&fixture, task,
	      "did not succeed in time: deadline of 5s exceeded");
	task->expires_us = task->ended_us + 1;
	task->timeout_ms = 250;
	task->message = SLICE("");
	check(&fixture, task, "did not end within its timeout of 250ms");
	fixture.view.activities[0].expired = true;
	check(&fixture, task,
	      "stopped, its activity or the run had no time left");
	end(&fixture);
}

static void test_the_nearest_end_is_told(void **state)
{
	struct fixture fixture;
	struct task_record *task = begin(&fixture, TASK_RUNNING);

	(void)state;
	(void)fixture_context(&fixture);
	task->reason = REASON_IN_PLUGIN;
	task->deadline_us = FIXTURE_NOW + 60000 * FIXTURE_MS;
	task->expires_us = FIXTURE_NOW + 5000 * FIXTURE_MS;
	check(&fixture, task,
	      "in plugin 'ocr' for 500ms (attempt 1); must end by "
	      "2026-03-01T10:20:35.123456Z (in 5s)");
	task->expires_us = 0;
	check(&fixture, task,
	      "in plugin 'ocr' for 500ms (attempt 1); must end by "
	      "2026-03-01T10:21:30.123456Z (in 1m)");
	end(&fixture);
}

static void test_paused(void **state)
{
	struct fixture fixture;
	struct task_record *task = begin(&fixture, TASK_PENDING);
	struct buf sentence = { 0 };

	(void)state;
	(void)fixture_context(&fixture);
	task->reason = REASON_PAUSED;
	check(&fixture, task, "held back: the run was paused");
	fixture.context.paused = (struct paused){
		.scope = "run",
		.actor = SLICE("operator uid 7"),
		.since_us = FIXTURE_NOW - 5000 * FIXTURE_MS,
	};
	check(&fixture, task,
	      "held back: the run is paused by operator uid 7, 5s ago");
	fixture.context.paused.scope = "all";
	check(&fixture, task,
	      "held back: all runs are paused by operator uid 7, 5s ago");
	task->state = TASK_WAITING;
	check(&fixture, task,
	      "held back: all runs are paused by operator uid 7, 5s ago");
	fixture.view.activities[0].phases[PHASE_PARALLEL].state = GROUP_WAITING;
	fixture.view.activities[0].phases[PHASE_PARALLEL].reason =
	    REASON_PAUSED;
	reason_put_run(&sentence, &fixture.context);
	buf_put_byte(&sentence, '\0');
	assert_string_equal(sentence.data,
			    "all runs are paused by operator uid 7, 5s ago; "
			    "activity 'Step1', phase parallel: held back by a "
			    "pause: 'ocr' (waiting)");
	buf_fini(&sentence);
	end(&fixture);
}

static void test_what_was_taken_back(void **state)
{
	struct fixture fixture;
	struct task_record *task = begin(&fixture, TASK_FAILED);
	struct tree_options options = { 0 };
	struct task_pattern pattern;
	struct why why;
	struct buf text = { 0 };

	(void)state;
	task->superseded = true;
	fixture.outputs[0] = value_text("gone");
	(void)fixture_task(&fixture, 0, PHASE_PARALLEL, "ocr", TASK_RUNNING);
	(void)fixture_context(&fixture);
	assert_int_equal(run_index_activity(&fixture.index, 0).len, 1);
	assert_int_equal(
	    run_index_first_open(&fixture.index, 0, PHASE_PARALLEL)->number, 1);
	assert_int_equal(task_pattern_read(SLICE("ocr"), &pattern, NULL), 0);
	why_explain_tasks(&why, &fixture.context, &pattern);
	assert_int_equal(why.len, 1);
	assert_int_equal(why.items[0].task->number, 1);
	why_fini(&why);
	tree_write(&text, &fixture.context, &options);
	buf_put_byte(&text, '\0');
	assert_null(strstr(text.data, "failed"));
	buf_fini(&text);
	struct value run = json_run(&fixture.context);

	assert_int_equal(value_len(value_get(&run, "outputs")), 0);
	value_clear(&run);
	end(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_retrying),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_the_nearest_end_is_told),
		cmocka_unit_test(test_paused),
		cmocka_unit_test(test_what_was_taken_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
