/*
 * Is the workload what its specification says?
 */
#ifndef BENCH_CHECK_H
#define BENCH_CHECK_H

#include "options.h"
#include "report.h"

/* Whether all numbers are near. */
bool check_workload(struct report *report, struct fields *fields,
		    const struct options *options);

#endif
