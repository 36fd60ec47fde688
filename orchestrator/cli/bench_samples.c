#include "cli/bench_samples.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"

void samples_fini(struct samples *samples)
{
	free(samples->ns);
	*samples = (struct samples){ 0 };
}

void samples_add(struct samples *samples, int64_t ns)
{
	alloc_grow(samples->ns, samples->len, samples->cap);
	samples->ns[samples->len++] = ns;
	samples->sorted = false;
}

void samples_join(struct samples *samples, const struct samples *more)
{
	for (size_t i = 0; i < more->len; i++) {
		samples_add(samples, more->ns[i]);
	}
	samples->within_ns += more->within_ns;
}

static int compare(const void *a, const void *b)
{
	const int64_t *x = a;
	const int64_t *y = b;

	return (*x > *y) - (*x < *y);
}

int64_t samples_quantile(struct samples *samples, double part)
{
	if (!samples->len) {
		return 0;
	}
	if (!samples->sorted) {
		qsort(samples->ns, samples->len, sizeof(*samples->ns), compare);
		samples->sorted = true;
	}
	size_t rank = (size_t)ceil(part * (double)samples->len);

	return samples->ns[rank ? rank - 1 : 0];
}

double samples_rate(const struct samples *samples)
{
	return samples->within_ns > 0
		   ? (double)samples->len * 1e9 / (double)samples->within_ns
		   : 0;
}
