/*
 * What the command line says.
 */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <stdbool.h>

#include "workload/filters.h"

#define SIZES_MAX 8

struct options {
	uint64_t seed;
	size_t sizes[SIZES_MAX]; /* ascending */
	size_t size_count;
	unsigned rounds;
	int64_t slice_ns; /* of one measurement in a round */
	size_t events;    /* distinct ones */
	bool profiles[PROFILES];
	bool shapes;
	bool quick;
	bool json;
	bool check; /* the workload's numbers only */
};

/* Ends the process on a mistake, and after --help. */
void options_parse(struct options *options, int argc, char **argv);

#endif
