/*
 * Time of this process on a processor, which a busy machine does not spoil,
 * and the wall's, which costs less to read.
 */
#ifndef BENCH_STOPWATCH_H
#define BENCH_STOPWATCH_H

#include <stddef.h>
#include <stdint.h>

int64_t cpu_ns(void);
int64_t wall_ns(void);

/* Bytes that the process has from malloc(). */
size_t heap_bytes(void);

/* Sorts. */
double median(double *numbers, size_t len);
double fraction_of(double *numbers, size_t len, double fraction);

#endif
