/* Metrics with a clock that the test tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "daemon/metrics.h"
#include "engine/catalog.h"

#define BEGIN  INT64_C(5000000000)
#define WINDOW METRICS_WINDOW_NS
#define US     INT64_C(1000)

#define PLUGINS (LIMIT_METRICS_PLUGINS + 2)

/* A run with a task of each plugin. */
struct scene {
	struct engine_totals totals;
	struct store_totals store;
	struct plugin plugins[PLUGINS];
	struct task tasks[PLUGINS];
	struct task *numbered[PLUGINS];
	struct run run;
	struct metrics *metrics;
	struct metrics_pair pair;
	struct metrics_mark now;
	struct metrics_mark then;
};

static int begin(void **state)
{
	struct scene *scene = alloc_zeroed(1, sizeof(*scene));

	for (uint32_t i = 0; i < PLUGINS; i++) {
		scene->plugins[i].number = i;
		scene->tasks[i].plugin = &scene->plugins[i];
		scene->tasks[i].record.attempt = 1;
		scene->numbered[i] = &scene->tasks[i];
	}
	scene->run.tasks = scene->numbered;
	scene->run.record.task_count = PLUGINS;
	scene->metrics = metrics_create(&scene->totals, BEGIN);
	*state = scene;
	return 0;
}

static int end(void **state)
{
	struct scene *scene = *state;

	metrics_destroy(scene->metrics);
	free(scene);
	return 0;
}

/* The plugin's task, which takes so long and is answered at `at`. */
static void work(struct scene *scene, uint32_t plugin, int64_t at, int64_t took)
{
	metrics_clock(scene->metrics, at - took);
	metrics_task_delivered(scene->metrics, &scene->tasks[plugin]);
	metrics_turn(scene->metrics, at);
	metrics_task_answered(scene->metrics, &scene->run, plugin, 1);
}

static void look(struct scene *scene, uint32_t plugin, int64_t at)
{
	metrics_now(scene->metrics, at, &scene->now, &scene->then);
	metrics_plugin_pair(scene->metrics, plugin, &scene->pair);
}

static void check(struct scene *scene, uint32_t plugin, int64_t at,
		  uint64_t all, uint64_t recent, int64_t recent_max)
{
	look(scene, plugin, at);
	assert_int_equal(scene->pair.all.count, all);
	assert_int_equal(scene->pair.recent.count, recent);
	assert_int_equal(scene->pair.recent.max, recent_max);
}

static void test_latency(void **state)
{
	struct scene *scene = *state;

	work(scene, 3, BEGIN + 100 * US, 20 * US);
	work(scene, 3, BEGIN + 200 * US, 40 * US);
	work(scene, 7, BEGIN + 300 * US, 1 * US);
	check(scene, 3, BEGIN + 400 * US, 2, 2, 40 * US);
	assert_int_equal(histogram_mean(&scene->pair.all), 30 * US);
	check(scene, 7, BEGIN + 400 * US, 1, 1, 1 * US);
	check(scene, 5, BEGIN + 400 * US, 0, 0, 0);
	assert_false(metrics_has_plugin(scene->metrics, 5));
	metrics_pair(scene->metrics, METRICS_TASKS, &scene->pair);
	assert_int_equal(scene->pair.all.count, 3);
	assert_int_equal(scene->pair.all.max, 40 * US);
	assert_int_equal(scene->now.turns, 3);
	assert_int_equal(metrics_up_ns(scene->metrics), 400 * US);
}

/* One delivery has one answer, and it is that of its attempt. */
static void test_stale_answers(void **state)
{
	struct scene *scene = *state;

	metrics_task_answered(scene->metrics, &scene->run, 0, 1);
	work(scene, 0, BEGIN + 10 * US, 5 * US);
	metrics_task_answered(scene->metrics, &scene->run, 0, 1);
	metrics_task_delivered(scene->metrics, &scene->tasks[0]);
	metrics_task_answered(scene->metrics, &scene->run, 0, 2);
	metrics_task_answered(scene->metrics, &scene->run, PLUGINS, 1);
	metrics_task_answered(scene->metrics, NULL, 0, 1);
	check(scene, 0, BEGIN + 20 * US, 1, 1, 5 * US);
	metrics_task_answered(scene->metrics, &scene->run, 0, 1);
	check(scene, 0, BEGIN + 20 * US, 2, 2, 10 * US);
}

static void test_windows_rotate(void **state)
{
	struct scene *scene = *state;

	work(scene, 0, BEGIN + 1 * US, 1 * US);
	work(scene, 0, BEGIN + WINDOW - 1, 9 * US);
	check(scene, 0, BEGIN + WINDOW - 1, 2, 2, 9 * US);
	/* The first window is the one before. */
	check(scene, 0, BEGIN + WINDOW, 2, 2, 9 * US);
	work(scene, 0, BEGIN + WINDOW + 8 * US, 3 * US);
	check(scene, 0, BEGIN + 2 * WINDOW - 1, 3, 3, 9 * US);
	/* It is over, whether something comes or somebody asks. */
	check(scene, 0, BEGIN + 2 * WINDOW, 3, 1, 3 * US);
	work(scene, 0, BEGIN + 2 * WINDOW + 5 * US, 2 * US);
	check(scene, 0, BEGIN + 2 * WINDOW + 5 * US, 4, 2, 3 * US);
	check(scene, 0, BEGIN + 3 * WINDOW, 4, 1, 2 * US);
	check(scene, 0, BEGIN + 4 * WINDOW, 4, 0, 0);
	assert_int_equal(scene->pair.all.max, 9 * US);
}

/* Nothing has happened for many windows. */
static void test_after_a_long_sleep(void **state)
{
	struct scene *scene = *state;

	work(scene, 0, BEGIN + 1 * US, 1 * US);
	work(scene, 0, BEGIN + WINDOW + 1 * US, 1 * US);
	work(scene, 0, BEGIN + 100 * WINDOW + 7 * US, 4 * US);
	check(scene, 0, BEGIN + 100 * WINDOW + 7 * US, 3, 1, 4 * US);
	assert_int_equal(scene->pair.all.count, 3);
}

static void test_rates_since_the_window_before(void **state)
{
	struct scene *scene = *state;

	scene->totals.started = 10;
	look(scene, 0, BEGIN + 3 * US);
	assert_int_equal(scene->then.at_ns, BEGIN);
	assert_int_equal(scene->now.engine.started, 10);
	assert_int_equal(scene->then.engine.started, 0);
	look(scene, 0, BEGIN + WINDOW + 1);
	assert_int_equal(scene->then.at_ns, BEGIN);
	scene->totals.started = 15;
	metrics_turn(scene->metrics, BEGIN + 2 * WINDOW + 1);
	look(scene, 0, BEGIN + 2 * WINDOW + 2);
	assert_int_equal(scene->then.at_ns, BEGIN + WINDOW);
	assert_int_equal(scene->then.engine.started, 10);
	assert_int_equal(scene->now.engine.started, 15);
	assert_int_equal(scene->now.at_ns, BEGIN + 2 * WINDOW + 2);
	assert_int_equal(scene->now.turns - scene->then.turns, 1);
	/* Long after: the window before began after all that. */
	look(scene, 0, BEGIN + 9 * WINDOW + 5);
	assert_int_equal(scene->then.at_ns, BEGIN + 8 * WINDOW);
	assert_int_equal(scene->then.engine.started, 15);
}

static void check_mean(struct scene *scene, enum metrics_kind kind,
		       uint64_t count, uint64_t mean)
{
	metrics_pair(scene->metrics, kind, &scene->pair);
	assert_int_equal(scene->pair.all.count, count);
	assert_int_equal(histogram_mean(&scene->pair.all), mean);
}

static void test_commits(void **state)
{
	struct scene *scene = *state;

	scene->store = (struct store_totals){ 1, 20, 900 * US, 800 * US };
	metrics_committed(scene->metrics, &scene->store, BEGIN + 1000 * US);
	/* Nothing new. */
	metrics_committed(scene->metrics, &scene->store, BEGIN + 2000 * US);
	scene->store = (struct store_totals){ 2, 60, 2000 * US, 1700 * US };
	metrics_committed(scene->metrics, &scene->store, BEGIN + 3000 * US);
	check_mean(scene, METRICS_COMMITS, 2, 1000 * US);
	check_mean(scene, METRICS_SYNCS, 2, 850 * US);
	check_mean(scene, METRICS_RECORDS, 2, 30);
	/* Two at once, after one that had failed. */
	scene->store = (struct store_totals){ 4, 120, 4000 * US, 3400 * US };
	metrics_committed(scene->metrics, &scene->store, BEGIN + 5000 * US);
	check_mean(scene, METRICS_COMMITS, 4, 1000 * US);
	check_mean(scene, METRICS_RECORDS, 4, 30);
	look(scene, 0, BEGIN + 6000 * US);
	assert_int_equal(scene->now.commits, 4);
	assert_int_equal(scene->now.records, 120);
}

/* At the limit each has its own; those beyond share one. */
static void test_many_plugins(void **state)
{
	struct scene *scene = *state;
	int64_t at = BEGIN;

	for (uint32_t i = 0; i < PLUGINS; i++) {
		at += 10 * US;
		work(scene, PLUGINS - 1 - i, at, 2 * US);
	}
	for (uint32_t i = 0; i < PLUGINS; i++) {
		bool own = i >= PLUGINS - LIMIT_METRICS_PLUGINS;

		assert_int_equal(metrics_has_plugin(scene->metrics, i), own);
		check(scene, i, at, own, own, own ? 2 * US : 0);
	}
	metrics_pair(scene->metrics, METRICS_TASKS, &scene->pair);
	assert_int_equal(scene->pair.all.count, PLUGINS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_latency, begin, end),
		cmocka_unit_test_setup_teardown(test_stale_answers, begin, end),
		cmocka_unit_test_setup_teardown(test_windows_rotate, begin,
						end),
		cmocka_unit_test_setup_teardown(test_after_a_long_sleep, begin,
						end),
		cmocka_unit_test_setup_teardown(
		    test_rates_since_the_window_before, begin, end),
		cmocka_unit_test_setup_teardown(test_commits, begin, end),
		cmocka_unit_test_setup_teardown(test_many_plugins, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
