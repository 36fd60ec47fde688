/*
 * Durations, kept one by one. Pure; a zeroed struct is empty.
 */
#ifndef CLI_BENCH_SAMPLES_H
#define CLI_BENCH_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct samples {
	int64_t *ns;
	size_t len;
	size_t cap;
	bool sorted;
	/* The time within which they were taken, for the rate. */
	int64_t within_ns;
};

void samples_fini(struct samples *samples);
void samples_add(struct samples *samples, int64_t ns);

/* All of another's, with its time. */
void samples_join(struct samples *samples, const struct samples *more);

/* The smallest that at least `part` (0 to 1) of them do not exceed; 0: there
 * are none. Changes their order. */
int64_t samples_quantile(struct samples *samples, double part);

/* How many a second in the time within which they were taken. */
double samples_rate(const struct samples *samples);

#endif
