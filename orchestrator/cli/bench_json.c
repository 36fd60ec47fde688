#include "cli/bench.h"

#include <math.h>

#include "cli/text.h"

/* More digits would only be noise. */
static struct value rounded(double number, int digits)
{
	double unit = pow(10, digits);

	return value_double(round(number * unit) / unit);
}

static struct value micros(double us)
{
	return rounded(us, 2);
}

static void set_times(struct value *map, const char *count,
		      const struct bench_times *times)
{
	value_set(map, count, value_int((int64_t)times->count));
	value_set(map, "p50_us", micros(times->p50_us));
	value_set(map, "p99_us", micros(times->p99_us));
}

static struct value json_disk_times(const struct bench_times *times)
{
	struct value map = value_map();

	set_times(&map, "count", times);
	value_set(&map, "per_second", rounded(times->per_second, 1));
	return map;
}

static struct value json_disk(const struct bench *bench)
{
	struct value map = value_map();

	value_set(&map, "in_memory", value_bool(bench->in_memory));
	value_set(&map, "flush", json_disk_times(&bench->flush));
	value_set(&map, "commit_strict", json_disk_times(&bench->strict));
	value_set(&map, "commit_relaxed", json_disk_times(&bench->relaxed));
	return map;
}

static struct value json_row(const struct bench_row *row)
{
	struct value map = value_map();
	bool alone = row->in_flight == 1;

	value_set(&map, "plugins", value_text(bench_form_name(row->form)));
	value_set(&map, "durability",
		  value_text(durability_name(row->durability)));
	value_set(&map, "in_flight", value_int(row->in_flight));
	set_times(&map, "runs", &row->runs);
	value_set(&map, "runs_per_second", rounded(row->runs.per_second, 1));
	value_set(&map, "tasks_per_second",
		  rounded(row->runs.per_second * BENCH_TASKS, 1));
	value_set(&map, "daemon_cpu_us", micros(row->cpu_us));
	value_set(&map, "flush_us", micros(row->flush_us));
	value_set(&map, "flushes",
		  alone ? value_int(bench_flushes(row)) : value_null());
	value_set(&map, "floor_us",
		  alone ? micros(bench_floor_us(row)) : value_null());
	value_set(&map, "ratio",
		  alone ? rounded(bench_ratio(row), 3) : value_null());
	return map;
}

static struct value json_meaning(const struct bench *bench)
{
	struct value list = value_array();
	struct buf text = { 0 };
	struct slice rest;
	struct slice line;

	bench_put_meaning(&text, bench);
	rest = buf_slice(&text);
	while (text_next_line(&rest, &line)) {
		value_push(&list, value_string(line));
	}
	buf_fini(&text);
	return list;
}

struct value bench_json(const struct bench *bench)
{
	struct value map = value_map();
	struct value rows = value_array();

	for (size_t i = 0; i < bench->row_count; i++) {
		value_push(&rows, json_row(&bench->rows[i]));
	}
	value_set(&map, "version", value_text(bench->version));
	value_set(&map, "store", value_text(bench->store));
	value_set(&map, "seconds", rounded(bench->seconds, 2));
	value_set(&map, "disk", json_disk(bench));
	value_set(&map, "rows", rows);
	value_set(&map, "left_out",
		  bench->left_out ? value_text(bench->left_out) : value_null());
	value_set(&map, "meaning", json_meaning(bench));
	return map;
}
