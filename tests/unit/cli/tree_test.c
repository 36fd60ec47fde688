#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/tree.h"
#include "run_fixture.h"

static const char *const names[] = { "Step1", "Schritt 二", "Step3" };

static const struct style ascii = { 0 };
static const struct style utf8 = { .utf8 = true };

static void check(struct fixture *fixture, struct style style, size_t fold,
		  const char *expected)
{
	struct tree_options options = {
		.style = style,
		.fold = fold,
	};
	struct buf text = { 0 };

	tree_write(&text, fixture_context(fixture), &options);
	buf_put_byte(&text, '\0');
	assert_string_equal(text.data, expected);
	buf_fini(&text);
}

/* Step1 without tasks, a failure in the second, the third not reached. */
static void make_failed(struct fixture *fixture)
{
	struct task_record *task;

	fixture_init(fixture, names, 3);
	fixture->view.run.state = GROUP_FAILED;
	fixture->view.run.ended_us = FIXTURE_NOW;
	fixture_activity(fixture, 0, GROUP_SUCCEEDED, 0);
	fixture_phase(fixture, 0, PHASE_PRE, GROUP_SUCCEEDED, 0);
	fixture_activity(fixture, 1, GROUP_FAILED, 1500);
	fixture_phase(fixture, 1, PHASE_PRE, GROUP_SUCCEEDED, 1500);
	fixture_phase(fixture, 1, PHASE_PARALLEL, GROUP_FAILED, 900);
	(void)fixture_task(fixture, 1, PHASE_PRE, "load", TASK_SUCCEEDED);
	task = fixture_task(fixture, 1, PHASE_PARALLEL, "boom", TASK_FAILED);
	task->reason = REASON_PLUGIN_FAILED;
	task->plugin = SLICE("exec");
	task->attempt = 2;
	task->message = SLICE("line one\nline \033two");
	task =
	    fixture_task(fixture, 1, PHASE_PARALLEL, "日本語", TASK_SUCCEEDED);
	task->mandatory = false;
	fixture->view.activities[1].phases[PHASE_PARALLEL].filtered = 1;
}

static void test_utf8(void **state)
{
	struct fixture fixture;

	(void)state;
	make_failed(&fixture);
	check(&fixture, utf8, 0,
	      "✖ Demo             failed      2.0s\n"
	      "├─ ✔ Step1         succeeded  0.0ms  no tasks\n"
	      "├─ ✖ Schritt 二    failed      1.5s\n"
	      "│  ├─ ✔ pre        succeeded   1.5s  1 of 1\n"
	      "│  │  └─ ✔ load    succeeded  500ms\n"
	      "│  └─ ✖ parallel   failed     900ms  2 of 2, 1 filtered out\n"
	      "│     ├─ ✖ boom    failed     500ms  plugin exec, attempt 2\n"
	      "│     │    plugin 'exec' failed at attempt 2: line one\n"
	      "│     │    line \\x1btwo\n"
	      "│     └─ ✔ 日本語  succeeded  500ms  optional\n"
	      "└─ ○ Step3         pending\n");
	fixture_fini(&fixture);
}

static void test_ascii(void **state)
{
	struct fixture fixture;

	(void)state;
	make_failed(&fixture);
	check(&fixture, ascii, 0,
	      "x Demo             failed      2.0s\n"
	      "|- + Step1         succeeded  0.0ms  no tasks\n"
	      "|- x Schritt 二    failed      1.5s\n"
	      "|  |- + pre        succeeded   1.5s  1 of 1\n"
	      "|  |  `- + load    succeeded  500ms\n"
	      "|  `- x parallel   failed     900ms  2 of 2, 1 filtered out\n"
	      "|     |- x boom    failed     500ms  plugin exec, attempt 2\n"
	      "|     |    plugin 'exec' failed at attempt 2: line one\n"
	      "|     |    line \\x1btwo\n"
	      "|     `- + 日本語  succeeded  500ms  optional\n"
	      "`- . Step3         pending\n");
	fixture_fini(&fixture);
}

static void test_progress_and_waiting(void **state)
{
	struct fixture fixture;
	struct task_record *task;

	(void)state;
	fixture_init(&fixture, names, 1);
	fixture_activity(&fixture, 0, GROUP_RUNNING, 1000);
	fixture_phase(&fixture, 0, PHASE_PARALLEL, GROUP_RUNNING, 1000);
	fixture.view.activities[0].phases[PHASE_PARALLEL].mandatory_done = true;
	task = fixture_task(&fixture, 0, PHASE_PARALLEL, "a", TASK_RUNNING);
	task->progress = 0.42;
	task->note = SLICE("page 4");
	task = fixture_task(&fixture, 0, PHASE_PARALLEL, "b", TASK_WAITING);
	task->wake_us = FIXTURE_NOW + 60000 * FIXTURE_MS;
	(void)fixture_task(&fixture, 0, PHASE_PARALLEL, "c", TASK_PENDING);
	check(&fixture, ascii, 0,
	      "* Demo            running   2.0s\n"
	      "`- * Step1        running   1.0s\n"
	      "   `- * parallel  running   1.0s  0 of 3, mandatory done\n"
	      "      |- * a      running  500ms  42%, page 4\n"
	      "      |- w b      waiting  500ms\n"
	      "      |    parked by plugin 'b' until "
	      "2026-03-01T10:21:30.123456Z (in 1m)\n"
	      "      `- . c      pending\n");
	fixture_fini(&fixture);
}

/* A phase of many is shown by what is not plain success. */
static void test_folding(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture, names, 1);
	fixture_activity(&fixture, 0, GROUP_RUNNING, 1000);
	fixture_phase(&fixture, 0, PHASE_PARALLEL, GROUP_RUNNING, 1000);
	for (int i = 0; i < 10; i++) {
		(void)fixture_task(&fixture, 0, PHASE_PARALLEL, "good",
				   TASK_SUCCEEDED);
	}
	(void)fixture_task(&fixture, 0, PHASE_PARALLEL, "open", TASK_RUNNING);
	check(&fixture, ascii, 10,
	      "* Demo            running   2.0s\n"
	      "`- * Step1        running   1.0s\n"
	      "   `- * parallel  running   1.0s  10 of 11\n"
	      "      |- * open   running  500ms\n"
	      "           and 10 that succeeded\n");
	fixture_fini(&fixture);
}

/* An empty phase speaks only when it went wrong. */
static void test_empty_phase_that_must_not_be(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture, names, 1);
	fixture.view.run.state = GROUP_FAILED;
	fixture.view.run.ended_us = FIXTURE_NOW;
	fixture_activity(&fixture, 0, GROUP_FAILED, 1);
	fixture_phase(&fixture, 0, PHASE_PRE, GROUP_SUCCEEDED, 1);
	fixture_phase(&fixture, 0, PHASE_PARALLEL, GROUP_FAILED, 1);
	fixture.view.activities[0].phases[PHASE_PARALLEL].reason =
	    REASON_EMPTY_PHASE;
	check(&fixture, ascii, 0,
	      "x Demo            failed  2.0s\n"
	      "`- x Step1        failed   1ms  no tasks\n"
	      "   `- x parallel  failed   1ms\n"
	      "        no plugin matched, and the activity demands one "
	      "(on_empty: fail)\n");
	fixture_fini(&fixture);
}

static void test_colour_leaves_the_text_alone(void **state)
{
	struct fixture fixture;
	struct tree_options options = {
		.style = { .colour = true },
	};
	struct buf text = { 0 };

	(void)state;
	fixture_init(&fixture, names, 1);
	fixture.view.run.state = GROUP_FAILED;
	fixture.view.run.ended_us = FIXTURE_NOW;
	tree_write(&text, fixture_context(&fixture), &options);
	buf_put_byte(&text, '\0');
	assert_string_equal(
	    text.data,
	    "\033[31mx\033[0m \033[1mDemo\033[0m      \033[31mfailed\033[0m"
	    "   2.0s\n"
	    "\033[2m`- \033[0m\033[2m.\033[0m \033[1mStep1\033[0m  "
	    "\033[2mpending\033[0m\n");
	buf_fini(&text);
	fixture_fini(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_ascii),
		cmocka_unit_test(test_progress_and_waiting),
		cmocka_unit_test(test_folding),
		cmocka_unit_test(test_empty_phase_that_must_not_be),
		cmocka_unit_test(test_colour_leaves_the_text_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
