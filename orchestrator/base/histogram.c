#include "base/histogram.h"

#define LARGEST ((UINT64_C(1) << HISTOGRAM_RANGE_BITS) - 1)

/* Buckets of a power of two follow each other; of the value's bits the first
 * one says which power, the next HISTOGRAM_STEP_BITS which of its buckets. */
static unsigned bucket_of(uint64_t value)
{
	if (value < HISTOGRAM_STEPS) {
		return (unsigned)value;
	}
	if (value > LARGEST) {
		return HISTOGRAM_BUCKETS - 1;
	}
	unsigned shift =
	    63u - (unsigned)__builtin_clzll(value) - HISTOGRAM_STEP_BITS;

	return (shift << HISTOGRAM_STEP_BITS) + (unsigned)(value >> shift);
}

/* In the middle of the bucket's values. */
static uint64_t value_of(unsigned bucket)
{
	if (bucket < 2 * HISTOGRAM_STEPS) {
		return bucket;
	}
	unsigned shift = (bucket >> HISTOGRAM_STEP_BITS) - 1;
	uint64_t first = (uint64_t)(bucket - (shift << HISTOGRAM_STEP_BITS))
			 << shift;

	return first + (UINT64_C(1) << shift) / 2;
}

void histogram_add(struct histogram *histogram, uint64_t value)
{
	histogram->count++;
	histogram->sum += value;
	if (value > histogram->max) {
		histogram->max = value;
	}
	histogram->buckets[bucket_of(value)]++;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
	if (from->count == 0) {
		return;
	}
	into->count += from->count;
	into->sum += from->sum;
	if (from->max > into->max) {
		into->max = from->max;
	}
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		into->buckets[i] += from->buckets[i];
	}
}

void histogram_clear(struct histogram *histogram)
{
	if (histogram->count > 0) {
		*histogram = (struct histogram){ 0 };
	}
}

uint64_t histogram_quantile(const struct histogram *histogram,
			    unsigned per_mille)
{
	/* Rounded up, without an overflow: so many values are not above. */
	uint64_t rank = histogram->count / 1000 * per_mille +
			(histogram->count % 1000 * per_mille + 999) / 1000;
	uint64_t seen = 0;

	if (per_mille >= 1000 || rank >= histogram->count) {
		return histogram->max;
	}
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += histogram->buckets[i];
		if (seen > 0 && seen >= rank) {
			uint64_t value = value_of(i);

			return value < histogram->max ? value : histogram->max;
		}
	}
	return histogram->max;
}

uint64_t histogram_mean(const struct histogram *histogram)
{
	return histogram->count ? histogram->sum / histogram->count : 0;
}
