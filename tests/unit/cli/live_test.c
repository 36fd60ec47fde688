#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "cli/live.h"
#include "store_fixture.h"

static struct store_fixture fixture;

static int set_up(void **state)
{
	(void)state;
	store_fixture_open(&fixture);
	store_fixture_run(&fixture, 1, "Demo", "one", GROUP_RUNNING);
	store_fixture_run(&fixture, 2, "Demo", "two", GROUP_FAILED);
	store_fixture_commit(&fixture);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	store_fixture_close(&fixture);
	return 0;
}

struct stage {
	struct live live;
	char *text;
	size_t len;
	FILE *stream;
};

static void stage_init(struct stage *stage, bool terminal, unsigned run)
{
	*stage = (struct stage){ 0 };
	stage->stream = open_memstream(&stage->text, &stage->len);
	live_init(&stage->live, stage->stream, (struct style){ 0 }, terminal);
	stage->live.run = store_fixture_id(run);
}

static void stage_fini(struct stage *stage)
{
	live_end(&stage->live);
	(void)fclose(stage->stream);
	free(stage->text);
}

/* What was written since `from`. */
static const char *written(struct stage *stage, size_t from)
{
	(void)fflush(stage->stream);
	assert_true(from <= stage->len);
	return stage->text + from;
}

static void test_each_end_is_told_once(void **state)
{
	struct stage stage;

	(void)state;
	stage_init(&stage, false, 2);
	assert_int_equal(live_look(&stage.live, fixture.view, NULL), 0);
	assert_int_equal(stage.live.state, GROUP_FAILED);
	assert_string_equal(written(&stage, 0),
			    "Step1/pre/load: failed after 1ms: no such file\n");
	size_t before = stage.len;

	assert_int_equal(live_look(&stage.live, fixture.view, NULL), 0);
	assert_string_equal(written(&stage, before), "");
	stage_fini(&stage);
}

static void test_nothing_is_told_before_the_end(void **state)
{
	struct stage stage;

	(void)state;
	stage_init(&stage, false, 1);
	assert_int_equal(live_look(&stage.live, fixture.view, NULL), 0);
	assert_int_equal(stage.live.state, GROUP_RUNNING);
	assert_string_equal(written(&stage, 0), "");
	stage_fini(&stage);
}

/* On a terminal the tree takes its own place again. */
static void test_the_tree_is_drawn_in_place(void **state)
{
	struct stage stage;

	(void)state;
	stage_init(&stage, true, 1);
	assert_int_equal(live_look(&stage.live, fixture.view, NULL), 0);
	assert_non_null(strstr(written(&stage, 0), "Step1"));
	assert_null(strstr(written(&stage, 0), "\033[J"));
	/* Run, activity, phase, task, activity. */
	assert_int_equal(stage.live.drawn, 5);
	size_t before = stage.len;

	assert_int_equal(live_look(&stage.live, fixture.view, NULL), 0);
	assert_memory_equal(written(&stage, before), "\033[5A\r\033[J", 8);
	stage_fini(&stage);
}

static void test_log_lines_go_above(void **state)
{
	struct stage stage;

	(void)state;
	stage_init(&stage, true, 1);
	assert_int_equal(live_look(&stage.live, fixture.view, NULL), 0);
	size_t before = stage.len;

	live_log(&stage.live, LOG_WARN, SLICE("careful"));
	assert_string_equal(written(&stage, before),
			    "\033[5A\r\033[Jwarn: careful\n");
	assert_true(stage.live.dirty);
	before = stage.len;
	live_say(&stage.live, "note");
	assert_string_equal(written(&stage, before), "tutti: note\n");
	stage_fini(&stage);
}

static void test_the_end_clears_the_terminal(void **state)
{
	struct stage stage;

	(void)state;
	stage_init(&stage, true, 1);
	assert_int_equal(live_look(&stage.live, fixture.view, NULL), 0);
	size_t before = stage.len;

	live_end(&stage.live);
	assert_string_equal(written(&stage, before), "\033[5A\r\033[J");
	stage_fini(&stage);
}

static void test_other_runs_are_not_looked_at(void **state)
{
	struct stage stage;
	struct id other = store_fixture_id(2);
	struct id own = store_fixture_id(1);

	(void)state;
	stage_init(&stage, true, 1);
	live_observe(&stage.live, fixture.view, &own);
	assert_string_equal(written(&stage, 0), "");
	stage.live.watching = true;
	live_observe(&stage.live, fixture.view, &other);
	assert_string_equal(written(&stage, 0), "");
	live_observe(&stage.live, fixture.view, &own);
	assert_non_null(strstr(written(&stage, 0), "Step1"));
	/* After a look that took an hour, not again for long. */
	size_t before = stage.len;

	stage.live.cost_ns = INT64_C(3600000000000);

	live_observe(&stage.live, fixture.view, &own);
	assert_string_equal(written(&stage, before), "");
	assert_true(stage.live.dirty);
	stage.live.watching = false;
	stage_fini(&stage);
}

static void test_an_unknown_run_is_an_error(void **state)
{
	struct stage stage;
	struct err err = { 0 };

	(void)state;
	stage_init(&stage, true, 9);
	assert_int_equal(live_look(&stage.live, fixture.view, &err),
			 E_NOT_FOUND);
	stage_fini(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_end_is_told_once),
		cmocka_unit_test(test_nothing_is_told_before_the_end),
		cmocka_unit_test(test_the_tree_is_drawn_in_place),
		cmocka_unit_test(test_log_lines_go_above),
		cmocka_unit_test(test_the_end_clears_the_terminal),
		cmocka_unit_test(test_other_runs_are_not_looked_at),
		cmocka_unit_test(test_an_unknown_run_is_an_error),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
