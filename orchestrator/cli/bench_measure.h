/*
 * Measuring, for `tutti bench`: the disk and Tutti in turns, so that what else
 * goes on in the machine meets both. One thread.
 */
#ifndef CLI_BENCH_MEASURE_H
#define CLI_BENCH_MEASURE_H

#include "base/err.h"
#include "cli/bench.h"

struct bench_wish {
	const char *folder;  /* for all that is written; empty */
	uint64_t space;      /* how much of it may be, about */
	double seconds;      /* how long it may take, about */
	const char *program; /* of the echo plugin; NULL: no processes */
	/* What is measured now. */
	void (*progress)(void *arg, enum bench_form form,
			 enum durability durability);
	void *progress_arg;
};

/* Fills flush, commits and rows. E_STALE after a signal (bench_stop.h). */
int bench_measure(const struct bench_wish *wish, struct bench *bench,
		  struct err *reterr);

/* How the time of one daemon is divided. Pure. */
struct bench_plan {
	int rounds;
	int64_t disk_ns; /* of a round, for flushes, and again for commits */
	int64_t load_ns; /* of a round, for one in flight, and again for many */
};

struct bench_plan bench_plan(int64_t left_ns);

#endif
