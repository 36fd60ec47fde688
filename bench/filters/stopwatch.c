#include "stopwatch.h"

#include <malloc.h>
#include <stdlib.h>
#include <time.h>

static int64_t read_ns(clockid_t clock)
{
	struct timespec time;

	(void)clock_gettime(clock, &time);
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int64_t cpu_ns(void)
{
	return read_ns(CLOCK_PROCESS_CPUTIME_ID);
}

int64_t wall_ns(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

size_t heap_bytes(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a;
	double right = *(const double *)b;

	return (left > right) - (left < right);
}

double fraction_of(double *numbers, size_t len, double fraction)
{
	size_t at = (size_t)((double)len * fraction);

	qsort(numbers, len, sizeof(*numbers), compare);
	return numbers[at < len ? at : len - 1];
}

double median(double *numbers, size_t len)
{
	return fraction_of(numbers, len, 0.5);
}
