#include "cli/bench.h"

#include <inttypes.h>

#include "cli/table.h"

/* A floor that is this part of the latency is what limits it. */
#define MOSTLY 0.5

/* So busy a loop has no time left; one that is less busy mostly waits. */
#define BUSY 0.8
#define IDLE 0.4

/* ---- numbers ---- */

/* "12,345" */
static void put_count(struct buf *out, double number)
{
	uint64_t whole = (uint64_t)(number + 0.5);

	if (whole >= 1000000) {
		buf_printf(out, "%" PRIu64 ",", whole / 1000000);
		buf_printf(out, "%03" PRIu64 ",%03" PRIu64, whole / 1000 % 1000,
			   whole % 1000);
	} else if (whole >= 1000) {
		buf_printf(out, "%" PRIu64 ",%03" PRIu64, whole / 1000,
			   whole % 1000);
	} else {
		buf_printf(out, "%" PRIu64, whole);
	}
}

/* Three digits that count: "0.123", "12.3", "123". */
static void put_ms(struct buf *out, double us)
{
	double ms = us / 1000;

	buf_printf(out, "%.*f",
		   ms < 0.9995  ? 3
		   : ms < 9.995 ? 2
		   : ms < 99.95 ? 1
				: 0,
		   ms);
}

/* ---- tables ---- */

static void take_cell(struct table *table, struct buf *text)
{
	table_put(table, TONE_PLAIN, buf_slice(text));
	buf_clear(text);
}

static void put_cell(struct table *table, const char *text)
{
	table_put(table, TONE_PLAIN, slice_of(text));
}

static void put_heading(struct table *table, const char *const *names,
			size_t count)
{
	for (size_t i = 0; i < count; i++) {
		table_put(table, TONE_FAINT, slice_of(names[i]));
	}
}

static void put_times(struct table *table, const char *what,
		      const struct bench_times *times)
{
	struct buf cell = { 0 };

	put_cell(table, what);
	put_ms(&cell, times->p50_us);
	take_cell(table, &cell);
	put_ms(&cell, times->p99_us);
	take_cell(table, &cell);
	put_count(&cell, times->per_second);
	take_cell(table, &cell);
	buf_fini(&cell);
}

static void put_disk(struct buf *out, struct style style,
		     const struct bench *bench)
{
	static const char *const names[] = { "THE DISK", "P50 ms", "P99 ms",
					     "A SECOND" };
	struct table table;

	table_init(&table, style, 4);
	table.right = 1u << 1 | 1u << 2 | 1u << 3;
	put_heading(&table, names, 4);
	put_times(&table, "4 KiB overwritten and flushed", &bench->flush);
	put_times(&table, "a step's records committed, strict", &bench->strict);
	put_times(&table, "the same, relaxed", &bench->relaxed);
	table_write(&table, out);
	table_fini(&table);
}

static void put_floor(struct table *table, const struct bench_row *row)
{
	struct buf cell = { 0 };

	if (row->in_flight > 1) {
		put_cell(table, "-");
		put_cell(table, "-");
		put_cell(table, "-");
		return;
	}
	buf_printf(&cell, "%u", bench_flushes(row));
	take_cell(table, &cell);
	put_ms(&cell, bench_floor_us(row));
	take_cell(table, &cell);
	buf_printf(&cell, "%.2f", bench_ratio(row));
	take_cell(table, &cell);
	buf_fini(&cell);
}

static void put_row(struct table *table, const struct bench_row *row)
{
	struct buf cell = { 0 };

	put_cell(table, bench_form_name(row->form));
	put_cell(table, durability_name(row->durability));
	buf_printf(&cell, "%u", row->in_flight);
	take_cell(table, &cell);
	put_count(&cell, row->runs.per_second);
	take_cell(table, &cell);
	put_count(&cell, row->runs.per_second * BENCH_TASKS);
	take_cell(table, &cell);
	put_ms(&cell, row->runs.p50_us);
	take_cell(table, &cell);
	put_ms(&cell, row->runs.p99_us);
	take_cell(table, &cell);
	put_floor(table, row);
	buf_fini(&cell);
}

static void put_rows(struct buf *out, struct style style,
		     const struct bench *bench)
{
	static const char *const names[] = {
		"PLUGINS", "DURABILITY", "IN FLIGHT", "RUNS/s",    "TASKS/s",
		"P50 ms",  "P99 ms",     "FLUSHES",   "THEIRS ms", "RATIO",
	};
	struct table table;

	table_init(&table, style, 10);
	table.right = 0x3fc;
	put_heading(&table, names, 10);
	for (size_t i = 0; i < bench->row_count; i++) {
		put_row(&table, &bench->rows[i]);
	}
	table_write(&table, out);
	table_fini(&table);
}

/* ---- what it means ---- */

static void put_one(struct buf *out, const struct bench_row *row)
{
	double part =
	    row->runs.p50_us > 0 ? bench_floor_us(row) / row->runs.p50_us : 0;

	buf_put_text(out, "One run at a time, strict: ");
	if (part >= MOSTLY) {
		buf_put_text(out, "the disk is the limit. ");
	} else {
		buf_put_text(out, "not the disk is the limit but the "
				  "processor. ");
	}
	buf_printf(out, "The %u flushes that a run waits for take ",
		   bench_flushes(row));
	put_ms(out, bench_floor_us(row));
	buf_put_text(out, " ms, all of it ");
	put_ms(out, row->runs.p50_us);
	buf_put_text(out, part >= MOSTLY
			      ? " ms; a disk that flushes faster helps, or "
				"durability: pipelined.\n"
			      : " ms.\n");
}

static const char *limit_of_many(double busy)
{
	if (busy >= BUSY) {
		return "the processor is the limit";
	}
	return busy >= IDLE ? "they wait for the disk and the processor in turn"
			    : "the disk is the limit";
}

static void put_many(struct buf *out, const struct bench_row *row)
{
	double busy = bench_busy(row);

	buf_printf(out,
		   "%u runs at a time, strict: they share commits, and %s. ",
		   row->in_flight, limit_of_many(busy));
	put_count(out, row->runs.per_second);
	buf_printf(out,
		   " runs a second keep the daemon busy for %.0f %% of the "
		   "time.\n",
		   100 * busy);
}

void bench_put_meaning(struct buf *out, const struct bench *bench)
{
	const struct bench_row *one =
	    bench_row(bench, BENCH_IN_PROCESS, DURABILITY_STRICT, 1);
	const struct bench_row *many =
	    bench_row(bench, BENCH_IN_PROCESS, DURABILITY_STRICT, BENCH_MANY);

	if (bench->in_memory) {
		buf_put_text(out, "This file system is kept in memory: there "
				  "is no disk, and nothing outlives a power "
				  "cut.\n");
	}
	if (one && !bench->in_memory) {
		put_one(out, one);
	}
	if (many && !bench->in_memory) {
		put_many(out, many);
	}
	if (bench->left_out) {
		buf_printf(out, "Plugins in processes were left out: %s.\n",
			   bench->left_out);
	}
}

void bench_put_text(struct buf *out, struct style style,
		    const struct bench *bench)
{
	put_disk(out, style, bench);
	buf_put_byte(out, '\n');
	buf_put_text(out, "Runs of one activity, 1 + 8 + 1 tasks, beside the "
			  "flushes that one alone waits for:\n");
	put_rows(out, style, bench);
	buf_put_byte(out, '\n');
	bench_put_meaning(out, bench);
}
