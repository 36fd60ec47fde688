#include "cli/bench_measure.h"

#include "base/clock.h"
#include "cli/bench_daemon.h"
#include "cli/bench_disk.h"
#include "cli/bench_load.h"
#include "cli/bench_stop.h"

#define SECOND_NS INT64_C(1000000000)

/* A round is about so long; there are at most so many. */
#define ROUND_NS    (SECOND_NS * 2 / 5)
#define MOST        5
#define SMALLEST_NS (SECOND_NS / 100)

/* How a round is divided, in parts of eight. */
#define DISK_PARTS 1
#define LOAD_PARTS 3

/* Latency and flushes are compared: they take so many turns in a round. */
#define TURNS 10

/* Runs before it counts, and how long processes may take to register. */
#define WARM_NS  (SECOND_NS / 100)
#define READY_NS (20 * SECOND_NS)

/* What a run leaves in the store, with what LMDB takes besides. */
#define RUN_BYTES 16384

static const unsigned in_flight[BENCH_LEVELS] = { 1, BENCH_MANY };

struct measuring {
	const struct bench_wish *wish;
	struct bench *bench;
	int64_t end_ns;
	int left; /* daemons */
	struct samples flush;
	struct samples strict;
	struct samples relaxed;
};

/* What one daemon reaches, with so many in flight. */
struct level {
	struct samples samples;
	uint64_t runs;
	int64_t cpu_ns;
};

/* One daemon, and the disk meanwhile. */
struct part {
	struct measuring *measuring;
	enum bench_form form;
	enum durability durability;
	struct bench_daemon *daemon;
	struct bench_disk *disk;
	struct samples flush;
	struct level levels[BENCH_LEVELS];
};

struct bench_plan bench_plan(int64_t left_ns)
{
	int64_t rounds = left_ns / ROUND_NS;

	if (rounds > MOST) {
		rounds = MOST;
	} else if (rounds < 1) {
		rounds = 1;
	}
	int64_t part_ns =
	    left_ns / rounds / (2 * DISK_PARTS + BENCH_LEVELS * LOAD_PARTS);

	if (part_ns < SMALLEST_NS) {
		part_ns = SMALLEST_NS;
	}
	return (struct bench_plan){
		.rounds = (int)rounds,
		.disk_ns = part_ns * DISK_PARTS,
		.load_ns = part_ns * LOAD_PARTS,
	};
}

/* ---- one daemon ---- */

static int load(struct part *part, size_t which, int64_t slice_ns,
		struct err *reterr)
{
	struct level *level = &part->levels[which];
	uint64_t space = part->measuring->wish->space;
	int64_t before_ns = bench_daemon_cpu_ns(part->daemon);
	struct bench_load load = {
		.in_flight = in_flight[which],
		.most = (size_t)(space / RUN_BYTES / MOST / BENCH_LEVELS),
		.slice_ns = slice_ns,
		.samples = &level->samples,
	};
	int rc = bench_load(bench_daemon_client(part->daemon), &load, reterr);

	level->runs += load.runs;
	level->cpu_ns += bench_daemon_cpu_ns(part->daemon) - before_ns;
	return rc;
}

/* Runs that do not count, until all is in place. */
static int warm_up(struct part *part, struct err *reterr)
{
	int64_t give_up_ns = clock_mono_ns() + READY_NS;
	int64_t wanted =
	    part->form == BENCH_PROCESSES ? BENCH_DAEMON_INSTANCES : 0;
	int64_t ready = 0;
	int rc;

	do {
		rc = load(part, 0, WARM_NS, reterr);
		if (rc == 0) {
			rc = bench_daemon_ready(part->daemon, &ready, reterr);
		}
	} while (rc == 0 && ready < wanted && clock_mono_ns() < give_up_ns);
	samples_fini(&part->levels[0].samples);
	part->levels[0] = (struct level){ 0 };
	return rc;
}

static int measure_round(struct part *part, const struct bench_plan *plan,
			 struct err *reterr)
{
	struct measuring *measuring = part->measuring;
	struct samples *commits = part->durability == DURABILITY_RELAXED
				      ? &measuring->relaxed
				      : &measuring->strict;
	int rc = 0;

	for (int i = 0; rc == 0 && i < TURNS; i++) {
		rc = bench_disk_flush(part->disk, plan->disk_ns / TURNS,
				      &part->flush, reterr);
		if (rc == 0) {
			rc = load(part, 0, plan->load_ns / TURNS, reterr);
		}
	}
	if (rc == 0) {
		rc = bench_disk_commit(part->disk, plan->disk_ns, commits,
				       reterr);
	}
	return rc ? rc : load(part, 1, plan->load_ns, reterr);
}

static void add_rows(struct part *part)
{
	struct bench *bench = part->measuring->bench;
	double flush_us = (double)samples_quantile(&part->flush, 0.5) / 1000;

	for (size_t i = 0; i < BENCH_LEVELS; i++) {
		struct level *level = &part->levels[i];

		bench->rows[bench->row_count++] = (struct bench_row){
			.form = part->form,
			.durability = part->durability,
			.in_flight = in_flight[i],
			.runs = bench_times(&level->samples),
			.cpu_us = level->runs ? (double)level->cpu_ns / 1000 /
						    (double)level->runs
					      : 0,
			.flush_us = flush_us,
		};
	}
	samples_join(&part->measuring->flush, &part->flush);
}

static int measure_rounds(struct part *part, struct err *reterr)
{
	struct measuring *measuring = part->measuring;
	int rc = warm_up(part, reterr);

	if (rc == 0) {
		rc = bench_disk_open(measuring->wish->folder, part->durability,
				     &part->disk, reterr);
	}
	int64_t begin_ns = clock_mono_ns();
	int64_t share_ns = (measuring->end_ns - begin_ns) / measuring->left;
	struct bench_plan plan = bench_plan(share_ns);
	int done = 0;

	/* On a slow disk the shortest slices are longer than planned. */
	while (rc == 0 && done < plan.rounds &&
	       (done == 0 || clock_mono_ns() - begin_ns < share_ns)) {
		rc = measure_round(part, &plan, reterr);
		done++;
	}
	return rc;
}

static int measure_part(struct measuring *measuring, enum bench_form form,
			enum durability durability, struct err *reterr)
{
	const struct bench_wish *wish = measuring->wish;
	struct part part = {
		.measuring = measuring,
		.form = form,
		.durability = durability,
	};

	wish->progress(wish->progress_arg, form, durability);
	int rc =
	    bench_daemon_start(wish->folder, durability,
			       form == BENCH_PROCESSES ? wish->program : NULL,
			       &part.daemon, reterr);

	if (rc == 0) {
		rc = measure_rounds(&part, reterr);
	}
	if (rc == 0) {
		add_rows(&part);
	}
	bench_disk_close(part.disk);
	bench_daemon_stop(part.daemon);
	samples_fini(&part.flush);
	for (size_t i = 0; i < BENCH_LEVELS; i++) {
		samples_fini(&part.levels[i].samples);
	}
	measuring->left--;
	return rc;
}

/* ---- all of them ---- */

static int measure_all(struct measuring *measuring, struct err *reterr)
{
	int forms = measuring->wish->program ? BENCH_FORMS : 1;
	int rc = 0;

	measuring->left = forms * DURABILITIES;
	for (int form = 0; rc == 0 && form < forms; form++) {
		for (int i = 0; rc == 0 && i < DURABILITIES; i++) {
			rc = measure_part(measuring, (enum bench_form)form,
					  (enum durability)i, reterr);
		}
	}
	return rc;
}

int bench_measure(const struct bench_wish *wish, struct bench *bench,
		  struct err *reterr)
{
	struct measuring measuring = {
		.wish = wish,
		.bench = bench,
	};
	int64_t begin_ns = clock_mono_ns();

	measuring.end_ns =
	    begin_ns + (int64_t)(wish->seconds * (double)SECOND_NS);
	int rc = measure_all(&measuring, reterr);

	bench->flush = bench_times(&measuring.flush);
	bench->strict = bench_times(&measuring.strict);
	bench->relaxed = bench_times(&measuring.relaxed);
	bench->seconds =
	    (double)(clock_mono_ns() - begin_ns) / (double)SECOND_NS;
	samples_fini(&measuring.flush);
	samples_fini(&measuring.strict);
	samples_fini(&measuring.relaxed);
	return rc;
}
