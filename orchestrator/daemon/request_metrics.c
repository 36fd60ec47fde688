/*
 * The request `metrics`: the daemon's numbers as one map, which
 * docs/schemas/metrics.schema.json describes.
 */
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/resident.h"
#include "bridge/bridge.h"
#include "daemon/call.h"
#include "daemon/metrics.h"

/* Microseconds with three digits more: what a task inside takes has few. */
static struct value from_ns(uint64_t ns)
{
	return value_double((double)ns / 1000);
}

static struct value from_count(uint64_t count)
{
	return value_uint(count);
}

static struct value quantiles(const struct histogram *histogram,
			      struct value (*make)(uint64_t number))
{
	static const struct {
		const char *key;
		unsigned per_mille;
	} rows[] = {
		{ "p50", 500 },
		{ "p90", 900 },
		{ "p99", 990 },
		{ "max", 1000 },
	};
	struct value map = value_map();

	value_set(&map, "count", value_uint(histogram->count));
	value_set(&map, "mean",
		  histogram->count ? make(histogram_mean(histogram))
				   : value_null());
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		value_set(&map, rows[i].key,
			  histogram->count ? make(histogram_quantile(
						 histogram, rows[i].per_mille))
					   : value_null());
	}
	return map;
}

static void put_pair(struct value *all, struct value *recent, const char *key,
		     const struct metrics_pair *pair,
		     struct value (*make)(uint64_t number))
{
	value_set(all, key, quantiles(&pair->all, make));
	value_set(recent, key, quantiles(&pair->recent, make));
}

/* What is being made of: totals of now, and of when "recent" began. */
struct telling {
	const struct daemon *daemon;
	struct metrics_mark now;
	struct metrics_mark then;
	struct metrics_pair pair;
	struct value plugins;
	struct value queues;
	struct engine_tally others; /* added up */
	uint64_t other_count;
	uint32_t in_flight;
	uint32_t capacity;
};

static int64_t span_ns(const struct telling *telling)
{
	int64_t ns = telling->now.at_ns - telling->then.at_ns;

	return ns > 0 ? ns : 1;
}

/* How many, and how many a second, to a thousandth. */
static void put_rate(const struct telling *telling, struct value *recent,
		     const char *key, uint64_t now, uint64_t then)
{
	struct value map = value_map();
	double thousandths =
	    (double)(now - then) * 1e12 / (double)span_ns(telling);

	value_set(&map, "count", value_uint(now - then));
	value_set(&map, "per_second",
		  value_double((double)(uint64_t)thousandths / 1000));
	value_set(recent, key, map);
}

static uint64_t ended_runs(const struct engine_totals *totals)
{
	uint64_t sum = 0;

	for (int state = 0; state < GROUP_STATES; state++) {
		sum += group_state_final((enum group_state)state)
			   ? totals->runs[state]
			   : 0;
	}
	return sum;
}

static struct value tell_runs(const struct telling *telling)
{
	static const enum group_state states[] = {
		GROUP_SUCCEEDED,
		GROUP_DEGRADED,
		GROUP_FAILED,
		GROUP_CANCELLED,
	};
	const struct engine_totals *now = &telling->now.engine;
	const struct engine_totals *then = &telling->then.engine;
	struct value map = value_map();
	struct value recent = value_map();

	value_set(&map, "active",
		  value_uint(engine_run_count(telling->daemon->engine)));
	value_set(&map, "started", value_uint(now->started));
	value_set(&map, "ended", value_uint(ended_runs(now)));
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		value_set(&map, group_state_name(states[i]),
			  value_uint(now->runs[states[i]]));
	}
	put_rate(telling, &recent, "started", now->started, then->started);
	put_rate(telling, &recent, "ended", ended_runs(now), ended_runs(then));
	value_set(&map, "recent", recent);
	return map;
}

/* How often tasks have come to each of these. */
static void put_tasks(struct value *map, const uint64_t tasks[TASK_STATES])
{
	static const struct {
		const char *key;
		enum task_state state;
	} rows[] = {
		{ "delivered", TASK_RUNNING }, { "succeeded", TASK_SUCCEEDED },
		{ "failed", TASK_FAILED },     { "retried", TASK_RETRYING },
		{ "parked", TASK_WAITING },    { "queued", TASK_QUEUED },
		{ "skipped", TASK_SKIPPED },   { "cancelled", TASK_CANCELLED },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		value_set(map, rows[i].key, value_uint(tasks[rows[i].state]));
	}
}

static struct value tell_tasks(struct telling *telling)
{
	const struct engine_totals *now = &telling->now.engine;
	const struct engine_totals *then = &telling->then.engine;
	struct value map = value_map();
	struct value recent = value_map();

	value_set(&map, "in_flight", value_uint(telling->in_flight));
	value_set(&map, "capacity", value_uint(telling->capacity));
	put_tasks(&map, now->tasks);
	put_rate(telling, &recent, "delivered", now->tasks[TASK_RUNNING],
		 then->tasks[TASK_RUNNING]);
	metrics_pair(telling->daemon->metrics, METRICS_TASKS, &telling->pair);
	value_set(&map, "answered", value_uint(telling->pair.all.count));
	put_rate(telling, &recent, "answered", telling->pair.recent.count, 0);
	put_pair(&map, &recent, "latency_us", &telling->pair, from_ns);
	value_set(&map, "recent", recent);
	return map;
}

static struct value tell_commits(struct telling *telling)
{
	const struct metrics *metrics = telling->daemon->metrics;
	struct value map = value_map();
	struct value recent = value_map();

	value_set(&map, "count", value_uint(telling->now.commits));
	value_set(&map, "records", value_uint(telling->now.records));
	put_rate(telling, &recent, "commits", telling->now.commits,
		 telling->then.commits);
	put_rate(telling, &recent, "records", telling->now.records,
		 telling->then.records);
	metrics_pair(metrics, METRICS_COMMITS, &telling->pair);
	put_pair(&map, &recent, "took_us", &telling->pair, from_ns);
	metrics_pair(metrics, METRICS_SYNCS, &telling->pair);
	put_pair(&map, &recent, "sync_us", &telling->pair, from_ns);
	metrics_pair(metrics, METRICS_RECORDS, &telling->pair);
	put_pair(&map, &recent, "records_each", &telling->pair, from_count);
	value_set(&map, "recent", recent);
	return map;
}

static bool has_worked(const struct engine_tally *tally)
{
	uint64_t sum = tally->in_flight;

	for (int state = 0; state < TASK_STATES; state++) {
		sum += tally->tasks[state];
	}
	return sum > 0;
}

static void add_other(struct telling *telling, const struct engine_tally *tally)
{
	telling->other_count++;
	telling->others.in_flight += tally->in_flight;
	telling->others.capacity += tally->capacity;
	for (int state = 0; state < TASK_STATES; state++) {
		telling->others.tasks[state] += tally->tasks[state];
	}
}

static void put_tally(struct value *map, const struct engine_tally *tally)
{
	value_set(map, "in_flight", value_uint(tally->in_flight));
	value_set(map, "capacity", value_uint(tally->capacity));
	put_tasks(map, tally->tasks);
}

static void tell_plugin(void *arg, const struct engine_tally *tally)
{
	struct telling *telling = arg;
	struct value map = value_map();
	struct value recent = value_map();

	telling->in_flight += tally->in_flight;
	telling->capacity += tally->capacity;
	if (!has_worked(tally)) {
		return;
	}
	if (value_len(&telling->plugins) >= LIMIT_METRICS_PLUGINS) {
		add_other(telling, tally);
		return;
	}
	value_set(&map, "name", value_text(tally->name));
	put_tally(&map, tally);
	metrics_plugin_pair(telling->daemon->metrics, tally->number,
			    &telling->pair);
	value_set(&map, "answered", value_uint(telling->pair.all.count));
	put_rate(telling, &recent, "answered", telling->pair.recent.count, 0);
	put_pair(&map, &recent, "latency_us", &telling->pair, from_ns);
	value_set(&map, "recent", recent);
	value_push(&telling->plugins, map);
}

/* Those that the list has no room for, added up. */
static struct value tell_others(const struct telling *telling)
{
	struct value map = value_map();

	value_set(&map, "plugins", value_uint(telling->other_count));
	put_tally(&map, &telling->others);
	return map;
}

static void tell_queue(void *arg, struct slice queue, struct slice plugin,
		       const struct queue_depth *depth)
{
	struct telling *telling = arg;
	struct value map = value_map();

	value_set(&map, "name", value_string(queue));
	value_set(&map, "plugin", value_string(plugin));
	value_set(&map, "waiting", value_uint(depth->waiting));
	value_set(&map, "in_flight", value_uint(depth->leased));
	value_set(&map, "dead", value_uint(depth->dead));
	value_set(&map, "paused", value_bool(depth->paused));
	value_push(&telling->queues, map);
}

static struct value tell_loop(const struct telling *telling)
{
	struct value map = value_map();
	struct value recent = value_map();

	value_set(&map, "turns", value_uint(telling->now.turns));
	put_rate(telling, &recent, "turns", telling->now.turns,
		 telling->then.turns);
	value_set(&map, "recent", recent);
	return map;
}

static int64_t us_of(const struct timeval *time)
{
	return (int64_t)time->tv_sec * 1000000 + time->tv_usec;
}

/* Resident now; 0 when the system does not tell. */
static uint64_t memory_bytes(void)
{
	return (uint64_t)resident_now().pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static struct value tell_process(void)
{
	struct rusage usage = { 0 };
	struct value map = value_map();

	(void)getrusage(RUSAGE_SELF, &usage);
	value_set(&map, "cpu_us",
		  value_int(us_of(&usage.ru_utime) + us_of(&usage.ru_stime)));
	value_set(&map, "memory_bytes", value_uint(memory_bytes()));
	return map;
}

static struct value tell_store(const struct daemon *daemon)
{
	struct value map = value_map();

	value_set(&map, "path", value_text(store_directory(daemon->store)));
	value_set(&map, "durability",
		  value_text(durability_name(daemon->durability)));
	value_set(&map, "file_bytes",
		  value_uint(store_file_bytes(daemon->store)));
	value_set(&map, "blocked",
		  daemon->blocked ? value_text(daemon->blocked_by.msg)
				  : value_null());
	return map;
}

static void put_times(struct value *map, const struct telling *telling)
{
	char text[CLOCK_TEXT_SIZE];

	clock_format(clock_wall_us(), text);
	value_set(map, "time", value_text(text));
	clock_format(telling->daemon->started_us, text);
	value_set(map, "started_at", value_text(text));
	value_set(map, "up_us",
		  value_int(metrics_up_ns(telling->daemon->metrics) / 1000));
	value_set(map, "recent_us", value_int(span_ns(telling) / 1000));
}

static struct value tell(struct telling *telling)
{
	struct value map = value_map();

	value_set(&map, "pid", value_int(getpid()));
	value_set(&map, "version", value_text(TUTTI_VERSION));
	put_times(&map, telling);
	value_set(&map, "process", tell_process());
	value_set(&map, "loop", tell_loop(telling));
	value_set(&map, "store", tell_store(telling->daemon));
	value_set(&map, "commits", tell_commits(telling));
	value_set(&map, "runs", tell_runs(telling));
	value_set(&map, "tasks", tell_tasks(telling));
	value_set(&map, "plugins", telling->plugins);
	value_set(&map, "others", tell_others(telling));
	value_set(&map, "queues", telling->queues);
	return map;
}

int request_metrics(struct call *call, struct err *reterr)
{
	struct daemon *daemon = call->daemon;
	struct telling telling = {
		.daemon = daemon,
		.plugins = value_array(),
		.queues = value_array(),
	};

	(void)reterr;
	metrics_now(daemon->metrics, clock_mono_ns(), &telling.now,
		    &telling.then);
	engine_each_tally(daemon->engine, tell_plugin, &telling);
	bridge_each_depth(daemon->bridge, tell_queue, &telling);
	call_answer(call, tell(&telling));
	return 0;
}
