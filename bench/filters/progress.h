/*
 * What is being measured, on standard error: on a terminal a line that goes
 * away, else a line each.
 */
#ifndef BENCH_PROGRESS_H
#define BENCH_PROGRESS_H

#include <stddef.h>

void progress_show(const char *what, const char *name, size_t number,
		   size_t count);

/* Before anything is printed, and at the end. */
void progress_clear(void);

#endif
