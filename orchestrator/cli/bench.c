#include "cli/bench.h"

const char *bench_form_name(enum bench_form form)
{
	/* As `form` in the config has them. */
	static const char *const names[] = {
		[BENCH_IN_PROCESS] = "in-process",
		[BENCH_PROCESSES] = "process",
	};

	return names[form];
}

struct bench_times bench_times(struct samples *samples)
{
	return (struct bench_times){
		.count = samples->len,
		.per_second = samples_rate(samples),
		.p50_us = (double)samples_quantile(samples, 0.5) / 1000,
		.p99_us = (double)samples_quantile(samples, 0.99) / 1000,
	};
}

/* Pipelined, plugins inside the process do not wait: that the run was accepted
 * is still on its way to the disk when its end is known. */
static unsigned commits_awaited(const struct bench_row *row)
{
	return row->durability == DURABILITY_PIPELINED &&
		       row->form == BENCH_IN_PROCESS
		   ? 2
		   : BENCH_COMMITS;
}

unsigned bench_flushes(const struct bench_row *row)
{
	/* LMDB syncs its data, and then the page that makes them valid. */
	unsigned of_commit = row->durability == DURABILITY_RELAXED ? 1 : 2;

	return commits_awaited(row) * of_commit;
}

double bench_floor_us(const struct bench_row *row)
{
	return bench_flushes(row) * row->flush_us;
}

double bench_ratio(const struct bench_row *row)
{
	double floor_us = bench_floor_us(row);

	return floor_us > 0 ? row->runs.p50_us / floor_us : 0;
}

double bench_busy(const struct bench_row *row)
{
	return row->cpu_us * row->runs.per_second / 1e6;
}

const struct bench_row *bench_row(const struct bench *bench,
				  enum bench_form form,
				  enum durability durability,
				  unsigned in_flight)
{
	for (size_t i = 0; i < bench->row_count; i++) {
		const struct bench_row *row = &bench->rows[i];

		if (row->form == form && row->durability == durability &&
		    row->in_flight == in_flight) {
			return row;
		}
	}
	return NULL;
}
