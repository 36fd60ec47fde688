/*
 * What was measured, as tables for people or, all at the end, as JSON.
 */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "speed.h"

struct report {
	bool json;
	struct value document; /* a map of lists */
};

struct report report_init(const struct options *options);

/* Prints the JSON, and releases. */
void report_fini(struct report *report);

/* Headings of the tables. */
void report_head(const struct report *report, const char *title);

void report_speed(struct report *report, enum profile profile,
		  const struct measured *measured);

/* A number beside what it should be: at most `budget`, or at least, when
 * `at_least`. A budget of 0 is none. */
struct budget {
	double bound;
	bool at_least;
};

void report_number(struct report *report, const char *name, double number,
		   const char *unit, struct budget budget);

/* One of the adversarial shapes. */
void report_shape(struct report *report, const char *name,
		  const struct measured *measured);

#endif
