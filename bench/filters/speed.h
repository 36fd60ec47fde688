/*
 * Events per second of several subjects, measured in turns, so that whatever
 * else the machine does in between hits all alike.
 */
#ifndef BENCH_SPEED_H
#define BENCH_SPEED_H

#include "options.h"
#include "subject.h"

struct speed {
	double ns;      /* per event: the median of the rounds */
	double *rounds; /* each of them */
};

/* Percentiles of single events' wall time, as decoded attributes. */
struct latency {
	double p50_us;
	double p99_us;
	double max_us;
};

struct measured {
	struct subject subject;
	struct speed ways[WAYS]; /* .rounds NULL: not measured */
	struct latency latency;
	double matches; /* per event */
};

/* Fills `ways` and the rest of each; WAY_LINEAR only up to `linear_max`
 * filters. */
void speed_measure(struct measured *measured, size_t len,
		   const struct options *options, size_t linear_max);

/* The median of the rounds' ratios. */
double speed_ratio(const struct speed *more, const struct speed *less,
		   unsigned rounds);

/* Also releases the subject. */
void measured_fini(struct measured *measured);

#endif
