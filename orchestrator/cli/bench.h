/*
 * What `tutti bench` finds out. The numbers, how they are told, and what
 * follows from them; measuring is in bench_measure.h. Pure.
 */
#ifndef CLI_BENCH_H
#define CLI_BENCH_H

#include "cli/bench_samples.h"
#include "cli/style.h"
#include "document/value.h"
#include "model/durability.h"

/* A run is one activity of 1 + 8 + 1 tasks, and waits for four commits: it is
 * accepted, its first plugin has answered, the eight have, the last has. */
#define BENCH_TASKS   10
#define BENCH_COMMITS 4

enum bench_form {
	BENCH_IN_PROCESS,
	BENCH_PROCESSES, /* programs of their own, over tcp on this machine */
	BENCH_FORMS,
};

const char *bench_form_name(enum bench_form form);

/* What happened again and again. */
struct bench_times {
	uint64_t count;
	double per_second;
	double p50_us;
	double p99_us;
};

struct bench_row {
	enum bench_form form;
	enum durability durability;
	unsigned in_flight;
	struct bench_times runs; /* from the request to the answer that the
				    run's end is on disk */
	double cpu_us;           /* of the daemon, for a run */
	double flush_us;         /* what a flush took meanwhile, the median */
};

enum {
	BENCH_LEVELS = 2, /* one in flight, and many */
	BENCH_MANY = 256,
	BENCH_ROWS = BENCH_FORMS * (int)DURABILITIES * BENCH_LEVELS,
};

struct bench {
	const char *version;
	const char *store;          /* the one beside which was measured */
	double seconds;             /* that it took */
	bool in_memory;             /* the file system has no disk */
	struct bench_times flush;   /* 4 KiB overwritten, and fdatasync() */
	struct bench_times strict;  /* commits of a step's records */
	struct bench_times relaxed; /* the same without the last sync */
	struct bench_row rows[BENCH_ROWS];
	size_t row_count;
	const char *left_out; /* why there are no processes; NULL: there are */
};

struct bench_times bench_times(struct samples *samples);

/* How many flushes one after the other a run waits for. */
unsigned bench_flushes(const struct bench_row *row);

/* How long those take, and how many times longer the run takes. One in flight
 * only: many share commits. */
double bench_floor_us(const struct bench_row *row);
double bench_ratio(const struct bench_row *row);

/* What part of one processor the daemon was busy. */
double bench_busy(const struct bench_row *row);

/* NULL when there is none. */
const struct bench_row *bench_row(const struct bench *bench,
				  enum bench_form form,
				  enum durability durability,
				  unsigned in_flight);

/* The sentences that say what to make of it, a line each. */
void bench_put_meaning(struct buf *out, const struct bench *bench);

void bench_put_text(struct buf *out, struct style style,
		    const struct bench *bench);

/* As docs/schemas/bench.schema.json describes it. */
struct value bench_json(const struct bench *bench);

#endif
