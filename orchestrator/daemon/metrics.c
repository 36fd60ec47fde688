#include "daemon/metrics.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/limits.h"

struct metrics {
	const struct engine_totals *totals;
	int64_t begin_ns;
	int64_t now_ns;
	uint64_t window; /* counted from the beginning on */
	int64_t window_end_ns;
	uint64_t turns;
	struct store_totals store; /* as counted so far */
	/* When the window before the one of now began, and that one. */
	struct metrics_mark previous;
	struct metrics_mark current;
	struct series commits;
	struct series syncs;
	struct series records;
	/* By the plugin's number; NULL: it has not answered yet. All that came
	 * after LIMIT_METRICS_PLUGINS have the same. */
	struct series **plugins;
	size_t plugin_count;
	size_t own_count;
	struct series *others;
};

static struct metrics_mark mark(const struct metrics *metrics, int64_t at_ns)
{
	return (struct metrics_mark){
		.at_ns = at_ns,
		.turns = metrics->turns,
		.commits = metrics->store.commits,
		.records = metrics->store.records,
		.engine = *metrics->totals,
	};
}

struct metrics *metrics_create(const struct engine_totals *totals,
			       int64_t now_ns)
{
	struct metrics *metrics = alloc_zeroed(1, sizeof(*metrics));

	metrics->totals = totals;
	metrics->begin_ns = now_ns;
	metrics->now_ns = now_ns;
	metrics->window_end_ns = now_ns + METRICS_WINDOW_NS;
	metrics->current = mark(metrics, now_ns);
	metrics->previous = metrics->current;
	return metrics;
}

void metrics_destroy(struct metrics *metrics)
{
	if (!metrics) {
		return;
	}
	for (size_t i = 0; i < metrics->plugin_count; i++) {
		if (metrics->plugins[i] != metrics->others) {
			free(metrics->plugins[i]);
		}
	}
	free(metrics->plugins);
	free(metrics->others);
	free(metrics);
}

/* ---- time ---- */

/* Between the end of a window and now nothing has been counted. */
static void rotate(struct metrics *metrics)
{
	uint64_t window = (uint64_t)((metrics->now_ns - metrics->begin_ns) /
				     METRICS_WINDOW_NS);
	int64_t begin_ns =
	    metrics->begin_ns + (int64_t)window * METRICS_WINDOW_NS;

	metrics->previous = window == metrics->window + 1
				? metrics->current
				: mark(metrics, begin_ns - METRICS_WINDOW_NS);
	metrics->current = mark(metrics, begin_ns);
	metrics->window = window;
	metrics->window_end_ns = begin_ns + METRICS_WINDOW_NS;
}

void metrics_clock(struct metrics *metrics, int64_t now_ns)
{
	metrics->now_ns = now_ns;
	if (now_ns >= metrics->window_end_ns) {
		rotate(metrics);
	}
}

void metrics_turn(struct metrics *metrics, int64_t now_ns)
{
	metrics_clock(metrics, now_ns);
	metrics->turns++;
}

/* ---- counting ---- */

static void add_commits(struct metrics *metrics,
			const struct store_totals *totals)
{
	const struct store_totals *before = &metrics->store;
	uint64_t commits = totals->commits - before->commits;
	uint64_t records = totals->records - before->records;
	uint64_t took_ns = (uint64_t)(totals->commit_ns - before->commit_ns);
	uint64_t sync_ns = (uint64_t)(totals->sync_ns - before->sync_ns);

	/* One, but after a commit that has failed there may be two. */
	for (uint64_t i = 0; i < commits; i++) {
		series_add(&metrics->commits, metrics->window,
			   took_ns / commits);
		series_add(&metrics->syncs, metrics->window, sync_ns / commits);
		series_add(&metrics->records, metrics->window,
			   records / commits);
	}
	metrics->store = *totals;
}

void metrics_committed(struct metrics *metrics,
		       const struct store_totals *totals, int64_t now_ns)
{
	metrics_clock(metrics, now_ns);
	if (totals->commits != metrics->store.commits) {
		add_commits(metrics, totals);
	}
}

void metrics_task_delivered(struct metrics *metrics, struct task *task)
{
	task->delivered_ns = metrics->now_ns;
}

static struct series *new_series(struct metrics *metrics)
{
	if (metrics->own_count < LIMIT_METRICS_PLUGINS) {
		metrics->own_count++;
		return alloc_zeroed(1, sizeof(struct series));
	}
	if (!metrics->others) {
		metrics->others = alloc_zeroed(1, sizeof(struct series));
	}
	return metrics->others;
}

static void grow(struct metrics *metrics, size_t needed)
{
	size_t doubled = 2 * metrics->plugin_count;
	size_t count = needed > doubled ? needed : doubled;

	metrics->plugins =
	    alloc_resize(metrics->plugins, count, sizeof(*metrics->plugins));
	for (size_t i = metrics->plugin_count; i < count; i++) {
		metrics->plugins[i] = NULL;
	}
	metrics->plugin_count = count;
}

static struct series *series_of(struct metrics *metrics, uint32_t plugin)
{
	if (plugin >= metrics->plugin_count) {
		grow(metrics, (size_t)plugin + 1);
	}
	if (!metrics->plugins[plugin]) {
		metrics->plugins[plugin] = new_series(metrics);
	}
	return metrics->plugins[plugin];
}

void metrics_task_answered(struct metrics *metrics, const struct run *run,
			   uint32_t number, uint32_t attempt)
{
	if (!run || number >= run->record.task_count) {
		return;
	}
	struct task *task = run->tasks[number];
	int64_t took_ns = metrics->now_ns - task->delivered_ns;

	if (task->delivered_ns && task->record.attempt == attempt) {
		task->delivered_ns = 0;
		series_add(series_of(metrics, engine_plugin_number(task)),
			   metrics->window,
			   took_ns > 0 ? (uint64_t)took_ns : 0);
	}
}

/* ---- asking ---- */

void metrics_now(struct metrics *metrics, int64_t now_ns,
		 struct metrics_mark *ret_now, struct metrics_mark *ret_then)
{
	metrics_clock(metrics, now_ns);
	*ret_now = mark(metrics, now_ns);
	*ret_then = metrics->previous;
}

int64_t metrics_up_ns(const struct metrics *metrics)
{
	return metrics->now_ns - metrics->begin_ns;
}

static void add_series(const struct metrics *metrics,
		       const struct series *series, struct metrics_pair *pair)
{
	series_merge_all(series, &pair->all);
	series_merge_recent(series, metrics->window, &pair->recent);
}

static void add_plugins(const struct metrics *metrics,
			struct metrics_pair *pair)
{
	for (size_t i = 0; i < metrics->plugin_count; i++) {
		const struct series *series = metrics->plugins[i];

		if (series && series != metrics->others) {
			add_series(metrics, series, pair);
		}
	}
	if (metrics->others) {
		add_series(metrics, metrics->others, pair);
	}
}

void metrics_pair(const struct metrics *metrics, enum metrics_kind kind,
		  struct metrics_pair *ret_pair)
{
	*ret_pair = (struct metrics_pair){ 0 };
	switch (kind) {
	case METRICS_TASKS:
		add_plugins(metrics, ret_pair);
		break;
	case METRICS_COMMITS:
		add_series(metrics, &metrics->commits, ret_pair);
		break;
	case METRICS_SYNCS:
		add_series(metrics, &metrics->syncs, ret_pair);
		break;
	case METRICS_RECORDS:
		add_series(metrics, &metrics->records, ret_pair);
		break;
	case METRICS_KINDS:
		break;
	}
}

bool metrics_has_plugin(const struct metrics *metrics, uint32_t plugin)
{
	return plugin < metrics->plugin_count && metrics->plugins[plugin] &&
	       metrics->plugins[plugin] != metrics->others;
}

void metrics_plugin_pair(const struct metrics *metrics, uint32_t plugin,
			 struct metrics_pair *ret_pair)
{
	*ret_pair = (struct metrics_pair){ 0 };
	if (metrics_has_plugin(metrics, plugin)) {
		add_series(metrics, metrics->plugins[plugin], ret_pair);
	}
}
