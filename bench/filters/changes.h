/*
 * What it costs to change an index, and what it takes in memory.
 */
#ifndef BENCH_CHANGES_H
#define BENCH_CHANGES_H

#include "options.h"
#include "workload/events.h"

struct changes {
	/* per second */
	double compiled;
	double built;    /* into an empty index */
	double added;    /* to an index of that size */
	double removed;  /* from it, in random order */
	double replaced; /* each: add one, retire another, remove it */
	/* bytes per filter */
	double index_size;  /* as the index says */
	double filter_size; /* as the filter says */
	double index_heap;  /* as the process's heap says */
	double filter_heap;
};

/* On an index of `len` selective filters. Ends the process, with a message,
 * when after the changes it is not the same as a new one. */
struct changes changes_measure(struct fields *fields, size_t len,
			       const struct options *options,
			       const struct event *events);

#endif
