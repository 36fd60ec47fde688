/*
 * Numbers of the daemon at work: how much of what it has done, how long plugins
 * and commits take, all since its start and lately. Owned by the loop's thread,
 * without a lock and without a clock of its own: it is told the time where the
 * loop looks at it anyway, once a turn and once a commit, and a plugin's
 * latency is the time between two of those. Counting a task is a few additions;
 * memory is taken when a plugin answers for the first time.
 *
 * "Lately" is the last one to two windows of METRICS_WINDOW_NS. They change
 * when something is counted or asked, never by a timer: an idle daemon sleeps.
 */
#ifndef DAEMON_METRICS_H
#define DAEMON_METRICS_H

#include <stddef.h>

#include "daemon/series.h"
#include "engine/run.h"
#include "engine/tally.h"
#include "store/store.h"

#define METRICS_WINDOW_NS INT64_C(10000000000)

/* What had been counted at some moment. */
struct metrics_mark {
	int64_t at_ns;
	uint64_t turns;
	uint64_t commits;
	uint64_t records;
	struct engine_totals engine;
};

struct metrics;

/* `totals` is the engine's, and outlives this. */
struct metrics *metrics_create(const struct engine_totals *totals,
			       int64_t now_ns);
void metrics_destroy(struct metrics *metrics); /* NULL is fine */

/* ---- what the loop says ---- */

/* A turn begins. */
void metrics_turn(struct metrics *metrics, int64_t now_ns);

/* It is later now. */
void metrics_clock(struct metrics *metrics, int64_t now_ns);

/* What the store's totals say more than the last time has been committed now;
 * nothing when they say the same. */
void metrics_committed(struct metrics *metrics,
		       const struct store_totals *totals, int64_t now_ns);

/* The task is being handed to an instance. */
void metrics_task_delivered(struct metrics *metrics, struct task *task);

/* An instance has answered about the task of that number. `run` is NULL when
 * it is not there any more; what is stale is ignored. */
void metrics_task_answered(struct metrics *metrics, const struct run *run,
			   uint32_t number, uint32_t attempt);

/* ---- what is asked ---- */

/* All so far, and as it was when the recent windows began. */
void metrics_now(struct metrics *metrics, int64_t now_ns,
		 struct metrics_mark *ret_now, struct metrics_mark *ret_then);

/* Since the beginning, when it was last told the time. */
int64_t metrics_up_ns(const struct metrics *metrics);

/* Two histograms of the same: all, and of the recent windows only. */
struct metrics_pair {
	struct histogram all;
	struct histogram recent;
};

enum metrics_kind {
	METRICS_TASKS,   /* nanoseconds from delivery to answer */
	METRICS_COMMITS, /* nanoseconds */
	METRICS_SYNCS,   /* nanoseconds of them: pages written and synced */
	METRICS_RECORDS, /* of a commit */
	METRICS_KINDS,
};

/* The latencies of all plugins are added up. */
void metrics_pair(const struct metrics *metrics, enum metrics_kind kind,
		  struct metrics_pair *ret_pair);

/* Does the plugin have a latency of its own? The others share one. */
bool metrics_has_plugin(const struct metrics *metrics, uint32_t plugin);

/* Empty for a plugin that has none of its own. */
void metrics_plugin_pair(const struct metrics *metrics, uint32_t plugin,
			 struct metrics_pair *ret_pair);

#endif
