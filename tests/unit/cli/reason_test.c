#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "cli/why.h"
#include "run_fixture.h"

static const char *const names[] = { "Step1", "Step2", "Step3" };

/* The sentence is left in a static buffer. */
static const char *task_sentence(const struct reason_context *context,
				 const struct task_record *task)
{
	static char text[2048];
	struct buf sentence = { 0 };

	reason_put_task(&sentence, context, task);
	buf_put_byte(&sentence, '\0');
	(void)snprintf(text, sizeof(text), "%s", sentence.data);
	buf_fini(&sentence);
	return text;
}

static const char *run_sentence(const struct reason_context *context)
{
	static char text[2048];
	struct buf sentence = { 0 };

	reason_put_run(&sentence, context);
	buf_put_byte(&sentence, '\0');
	(void)snprintf(text, sizeof(text), "%s", sentence.data);
	buf_fini(&sentence);
	return text;
}

static void check_some_words(struct buf *sentence)
{
	assert_true(sentence->len > 3);
	buf_fini(sentence);
}

/* Every state with every reason, with and without daemon, run alive or not. */
static void test_tasks_always_have_something_to_say(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture, names, 3);
	fixture_activity(&fixture, 0, GROUP_RUNNING, 100);
	fixture_phase(&fixture, 0, PHASE_PRE, GROUP_RUNNING, 100);
	for (int s = 0; s < TASK_STATES; s++) {
		(void)fixture_task(&fixture, 0, PHASE_PRE, "t",
				   (enum task_state)s);
	}
	struct reason_context context = *fixture_context(&fixture);

	for (int i = 0; i < TASK_STATES * REASONS * 4; i++) {
		struct task_record *task = &fixture.tasks[i % TASK_STATES];
		struct buf sentence = { 0 };

		task->reason = (enum reason)(i / TASK_STATES % REASONS);
		context.daemon_alive = i / TASK_STATES / REASONS % 2;
		fixture.view.run.state = i / TASK_STATES / REASONS / 2
					     ? GROUP_FAILED
					     : GROUP_RUNNING;
		reason_put_task(&sentence, &context, task);
		check_some_words(&sentence);
		if (!task_state_final(task->state)) {
			assert_true(
			    *reason_name(reason_of_task(&context, task)));
		}
	}
	fixture_fini(&fixture);
}

static void say_everything(const struct reason_context *context)
{
	struct buf sentence = { 0 };

	reason_put_run(&sentence, context);
	check_some_words(&sentence);
	for (size_t a = 0; a < context->run->activity_count; a++) {
		reason_put_activity(&sentence, context, a);
		check_some_words(&sentence);
		for (int p = 0; p < PHASE_KINDS; p++) {
			reason_put_phase(&sentence, context, a,
					 (enum phase_kind)p);
			check_some_words(&sentence);
		}
	}
}

static void check_words(const struct reason_context *context)
{
	const struct run_view *run = context->run;

	assert_true(group_state_final(run->run.state) ||
		    *reason_name(reason_of_run(&run->run)));
	for (size_t a = 0; a < run->activity_count; a++) {
		const struct activity_record *it = &run->activities[a];

		assert_true(group_state_final(it->state) ||
			    *reason_name(reason_of_activity(context, a)));
		for (int p = 0; p < PHASE_KINDS; p++) {
			enum phase_kind kind = (enum phase_kind)p;

			assert_true(
			    group_state_final(it->phases[p].state) ||
			    *reason_name(reason_of_phase(context, a, kind)));
		}
	}
}

/* All states of run, activity and phase in every combination and with every
 * reason, with tasks and without. */
static void test_groups_always_have_something_to_say(void **state)
{
	struct fixture fixture;

	(void)state;
	for (int i = 0; i < GROUP_STATES * GROUP_STATES * GROUP_STATES; i++) {
		enum group_state run = (enum group_state)(i % GROUP_STATES);
		enum group_state activity =
		    (enum group_state)(i / GROUP_STATES % GROUP_STATES);
		enum group_state phase =
		    (enum group_state)(i / GROUP_STATES / GROUP_STATES);

		fixture_init(&fixture, names, 3);
		fixture_activity(&fixture, 1, activity, 100);
		fixture_phase(&fixture, 1, PHASE_PARALLEL, phase, 100);
		for (int s = 0; i % 2 && s < TASK_STATES; s++) {
			(void)fixture_task(&fixture, 1, PHASE_PARALLEL, "t",
					   (enum task_state)s);
		}
		fixture.view.run.state = run;
		fixture.view.run.reason = (enum reason)(i % REASONS);
		fixture.view.activities[1].reason = (enum reason)(i % REASONS);
		fixture.view.activities[1].phases[1].reason =
		    (enum reason)(i % REASONS);
		struct reason_context context = *fixture_context(&fixture);

		say_everything(&context);
		check_words(&context);
		context.daemon_alive = false;
		say_everything(&context);
		fixture_fini(&fixture);
	}
}

static void test_every_reason_has_words(void **state)
{
	(void)state;
	for (int i = 0; i < REASONS; i++) {
		assert_string_not_equal(reason_words((enum reason)i),
					"for a reason unknown here");
	}
	assert_string_equal(reason_words(REASONS), "for a reason unknown here");
}

static void test_running_tasks(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture, names, 3);
	struct task_record *task =
	    fixture_task(&fixture, 0, PHASE_PARALLEL, "thumb", TASK_RUNNING);
	struct reason_context context = *fixture_context(&fixture);

	assert_string_equal(task_sentence(&context, task),
			    "in plugin 'thumb' for 500ms (attempt 1)");
	task->attempt = 2;
	task->reason = REASON_REDELIVERED;
	task->progress = 0.4;
	task->note = SLICE("page 4 of 10");
	task->deadline_us = FIXTURE_NOW + 90 * 1000 * FIXTURE_MS;
	assert_string_equal(
	    task_sentence(&context, task),
	    "in plugin 'thumb' for 500ms (attempt 2, given again), "
	    "40% done: page 4 of 10; must end by 2026-03-01T10:22:00.123456Z "
	    "(in 1m 30s)");
	context.daemon_alive = false;
	assert_string_equal(
	    task_sentence(&context, task),
	    "was in plugin 'thumb' (attempt 2) when the daemon went down, and "
	    "will be delivered again");
	fixture_fini(&fixture);
}

static void test_waiting_tasks(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture, names, 3);
	struct task_record *first =
	    fixture_task(&fixture, 0, PHASE_PRE, "first", TASK_WAITING);
	struct task_record *second =
	    fixture_task(&fixture, 0, PHASE_PRE, "second", TASK_PENDING);
	const struct reason_context *context = fixture_context(&fixture);

	first->wake_us = FIXTURE_NOW + 300 * 1000 * FIXTURE_MS;
	first->message = SLICE("for the morning");
	assert_string_equal(
	    task_sentence(context, first),
	    "parked by plugin 'first' until 2026-03-01T10:25:30.123456Z (in "
	    "5m): for the morning");
	assert_string_equal(task_sentence(context, second),
			    "waits until task 'first' before it has ended");
	second->reason = REASON_NO_FREE_SLOT;
	assert_string_equal(task_sentence(context, second),
			    "waits for a free slot of plugin 'second'");
	second->reason = REASON_NO_PLUGIN;
	assert_string_equal(
	    task_sentence(context, second),
	    "waits for plugin 'second', which is not registered");
	fixture_fini(&fixture);
}

static void test_ended_tasks(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture, names, 3);
	struct task_record *task =
	    fixture_task(&fixture, 0, PHASE_PARALLEL, "exec", TASK_FAILED);
	const struct reason_context *context = fixture_context(&fixture);

	task->reason = REASON_PLUGIN_FAILED;
	task->message = SLICE("exit code 3");
	assert_string_equal(task_sentence(context, task),
			    "plugin 'exec' failed: exit code 3");
	task->reason = REASON_DEADLINE;
	task->timeout_ms = 30000;
	assert_string_equal(
	    task_sentence(context, task),
	    "did not end within its timeout of 30s: exit code 3");
	task->state = TASK_SKIPPED;
	task->reason = REASON_OPERATOR;
	task->message = (struct slice){ 0 };
	assert_string_equal(task_sentence(context, task),
			    "skipped by an operator before it started");
	task->state = TASK_CANCELLED;
	task->reason = REASON_CANCEL_REQUESTED;
	assert_string_equal(task_sentence(context, task),
			    "cancelled, the run was cancelled");
	task->attempt = 0;
	assert_string_equal(task_sentence(context, task),
			    "never started, the run was cancelled");
	fixture_fini(&fixture);
}

static void test_runs(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture, names, 3);
	fixture_activity(&fixture, 0, GROUP_SUCCEEDED, 500);
	fixture_activity(&fixture, 1, GROUP_RUNNING, 400);
	fixture_phase(&fixture, 1, PHASE_PARALLEL, GROUP_RUNNING, 400);
	for (int i = 0; i < 5; i++) {
		(void)fixture_task(&fixture, 1, PHASE_PARALLEL, "t",
				   TASK_RUNNING);
	}
	struct reason_context context = *fixture_context(&fixture);

	assert_string_equal(
	    run_sentence(&context),
	    "activity 'Step2', phase parallel: 0 of 5 tasks have ended; open: "
	    "'t' (running), 't' (running), 't' (running) and 2 more");
	context.daemon_alive = false;
	assert_non_null(strstr(run_sentence(&context), "no daemon runs"));
	fixture.view.run.state = GROUP_CANCELLED;
	context.cancelled_by = SLICE("operator uid 0");
	assert_string_equal(run_sentence(&context),
			    "cancelled by operator uid 0");
	fixture.view.run.state = GROUP_SUCCEEDED;
	fixture.view.run.ended_us = FIXTURE_NOW;
	assert_string_equal(run_sentence(&context),
			    "3 activities ended well after 2.0s");
	fixture_fini(&fixture);
}

static void test_failures_name_the_culprit(void **state)
{
	struct fixture fixture;
	struct buf sentence = { 0 };

	(void)state;
	fixture_init(&fixture, names, 3);
	fixture_activity(&fixture, 0, GROUP_FAILED, 500);
	fixture_phase(&fixture, 0, PHASE_PRE, GROUP_FAILED, 400);
	(void)fixture_task(&fixture, 0, PHASE_PRE, "fine", TASK_SUCCEEDED);
	struct task_record *task =
	    fixture_task(&fixture, 0, PHASE_PRE, "boom", TASK_FAILED);

	task->reason = REASON_PLUGIN_FAILED;
	task->message = SLICE("disk full");
	fixture.view.run.state = GROUP_FAILED;
	const struct reason_context *context = fixture_context(&fixture);

	assert_string_equal(run_sentence(context),
			    "activity 'Step1', phase pre: mandatory task "
			    "'boom': plugin 'boom' failed: disk full");
	reason_put_activity(&sentence, context, 1);
	buf_put_byte(&sentence, '\0');
	assert_string_equal(sentence.data,
			    "was not reached: activity 'Step1' failed");
	buf_fini(&sentence);
	fixture_fini(&fixture);
}

static void check_item(const struct why *why, size_t index,
		       enum object_kind kind, const char *sentence)
{
	assert_true(index < why->len);
	assert_int_equal(why->items[index].kind, kind);
	assert_string_equal(why->items[index].sentence, sentence);
}

static void test_why_tells_all_that_has_not_ended_well(void **state)
{
	struct fixture fixture;
	struct why why;

	(void)state;
	fixture_init(&fixture, names, 3);
	fixture_activity(&fixture, 0, GROUP_SUCCEEDED, 500);
	fixture_activity(&fixture, 1, GROUP_RUNNING, 400);
	fixture_phase(&fixture, 1, PHASE_PRE, GROUP_SUCCEEDED, 400);
	fixture_phase(&fixture, 1, PHASE_PARALLEL, GROUP_RUNNING, 400);
	(void)fixture_task(&fixture, 1, PHASE_PARALLEL, "a", TASK_SUCCEEDED);
	(void)fixture_task(&fixture, 1, PHASE_PARALLEL, "b", TASK_RUNNING);
	why_explain(&why, fixture_context(&fixture));
	assert_int_equal(why.len, 5);
	check_item(&why, 0, OBJECT_RUN,
		   "activity 'Step2', phase parallel: 1 of 2 tasks have "
		   "ended; open: 'b' (running)");
	check_item(&why, 1, OBJECT_ACTIVITY, "in phase parallel");
	check_item(&why, 2, OBJECT_PHASE,
		   "1 of 2 tasks have ended; open: 'b' (running)");
	check_item(&why, 3, OBJECT_TASK, "in plugin 'b' for 500ms (attempt 1)");
	check_item(&why, 4, OBJECT_ACTIVITY,
		   "waits until activity 'Step2' has ended");
	why_fini(&why);
	fixture_fini(&fixture);
}

static void test_why_of_a_success_is_not_silent(void **state)
{
	struct fixture fixture;
	struct why why;

	(void)state;
	fixture_init(&fixture, names, 1);
	fixture_activity(&fixture, 0, GROUP_SUCCEEDED, 500);
	fixture.view.run.state = GROUP_SUCCEEDED;
	why_explain(&why, fixture_context(&fixture));
	assert_int_equal(why.len, 1);
	check_item(&why, 0, OBJECT_RUN, "1 activity ended well");
	why_fini(&why);
	fixture_fini(&fixture);
}

static void bind_task(struct fixture *fixture, size_t activity,
		      const char *name)
{
	struct phase_definition *phase =
	    &fixture->view.definition->activities[activity]
		 .phases[PHASE_PARALLEL];

	phase->bindings = alloc_zeroed(1, sizeof(*phase->bindings));
	phase->bindings[0].name = alloc_string(name);
	phase->bindings[0].plugin = alloc_string(name);
	phase->len = 1;
}

static void test_why_of_a_task(void **state)
{
	struct fixture fixture;
	struct task_pattern pattern;
	struct why why;

	(void)state;
	fixture_init(&fixture, names, 3);
	bind_task(&fixture, 2, "later");
	fixture_activity(&fixture, 0, GROUP_RUNNING, 400);
	fixture_phase(&fixture, 0, PHASE_PRE, GROUP_RUNNING, 400);
	(void)fixture_task(&fixture, 0, PHASE_PRE, "a", TASK_SUCCEEDED);
	const struct reason_context *context = fixture_context(&fixture);

	assert_int_equal(
	    task_pattern_read(SLICE("Step1/pre/a"), &pattern, NULL), 0);
	why_explain_tasks(&why, context, &pattern);
	assert_int_equal(why.len, 1);
	check_item(&why, 0, OBJECT_TASK, "plugin 'a' succeeded after 500ms");
	why_fini(&why);
	assert_int_equal(task_pattern_read(SLICE("later"), &pattern, NULL), 0);
	why_explain_tasks(&why, context, &pattern);
	assert_int_equal(why.len, 1);
	check_item(&why, 0, OBJECT_TASK,
		   "comes to be with phase parallel of activity 'Step3', "
		   "which waits until activity 'Step1' has ended");
	why_fini(&why);
	assert_int_equal(task_pattern_read(SLICE("none"), &pattern, NULL), 0);
	why_explain_tasks(&why, context, &pattern);
	assert_int_equal(why.len, 0);
	why_fini(&why);
	fixture_fini(&fixture);
}

static void check_pattern(const char *text, const char *activity, int phase,
			  const char *name)
{
	struct task_pattern pattern;

	assert_int_equal(task_pattern_read(slice_of(text), &pattern, NULL), 0);
	assert_true(slice_is(pattern.activity, activity));
	assert_int_equal(pattern.phase, phase);
	assert_true(slice_is(pattern.name, name));
}

static void test_task_patterns(void **state)
{
	struct task_pattern pattern;
	struct err err;

	(void)state;
	check_pattern("thumb", "", -1, "thumb");
	check_pattern("Step 1/thumb", "Step 1", -1, "thumb");
	check_pattern("Step1/post/thumb", "Step1", PHASE_POST, "thumb");
	assert_int_equal(
	    task_pattern_read(SLICE("Step1/paralel/x"), &pattern, &err),
	    E_INVALID);
	assert_non_null(strstr(err.msg, "did you mean 'parallel'?"));
	assert_int_equal(task_pattern_read(SLICE(""), &pattern, &err),
			 E_INVALID);
	assert_int_equal(task_pattern_read(SLICE("/x"), &pattern, &err),
			 E_INVALID);
	assert_int_equal(task_pattern_read(SLICE("a/pre/"), &pattern, &err),
			 E_INVALID);
	assert_int_equal(task_pattern_read(SLICE("a/pre/b/c"), &pattern, &err),
			 E_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tasks_always_have_something_to_say),
		cmocka_unit_test(test_groups_always_have_something_to_say),
		cmocka_unit_test(test_every_reason_has_words),
		cmocka_unit_test(test_running_tasks),
		cmocka_unit_test(test_waiting_tasks),
		cmocka_unit_test(test_ended_tasks),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_failures_name_the_culprit),
		cmocka_unit_test(test_why_tells_all_that_has_not_ended_well),
		cmocka_unit_test(test_why_of_a_success_is_not_silent),
		cmocka_unit_test(test_why_of_a_task),
		cmocka_unit_test(test_task_patterns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
