/*
 * How often values of which size came, in buckets of fixed number: values below
 * 2 * HISTOGRAM_STEPS have one each, larger ones share one with those that
 * differ by less than 1/HISTOGRAM_STEPS. What is asked of it is therefore off
 * by less than half of that, HISTOGRAM_ERROR, but for the largest value, which
 * is exact. Zeroed memory is an empty one; nothing is allocated, adding costs a
 * few nanoseconds. One thread.
 */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_STEP_BITS 4
#define HISTOGRAM_STEPS     (1u << HISTOGRAM_STEP_BITS) /* per power of two */

/* Relative, of what a percentile says. */
#define HISTOGRAM_ERROR (0.5 / HISTOGRAM_STEPS)

/* Larger values share the last bucket: as nanoseconds, 73 minutes. */
#define HISTOGRAM_RANGE_BITS 42
#define HISTOGRAM_BUCKETS \
	((HISTOGRAM_RANGE_BITS - HISTOGRAM_STEP_BITS + 1) * HISTOGRAM_STEPS)

struct histogram {
	uint64_t count;
	uint64_t sum;
	uint64_t max;
	uint64_t buckets[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *histogram, uint64_t value);

/* As if all that `from` was given had been added to `into`, too. */
void histogram_merge(struct histogram *into, const struct histogram *from);

void histogram_clear(struct histogram *histogram);

/*
 * The value that so many of a thousand do not exceed: 500 is the median, 1000
 * the largest. 0 when there is none.
 */
uint64_t histogram_quantile(const struct histogram *histogram,
			    unsigned per_mille);

/* 0 when there is none. */
uint64_t histogram_mean(const struct histogram *histogram);

#endif
