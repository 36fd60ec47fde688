/*
 * What was measured, as tables for people or, all at the end, as JSON.
 */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "speed.h"

struct report {
	bool json;
	bool judged;           /* some number had a budget */
	struct value document; /* a map of lists */
};

struct report report_init(bool json);

/* What is measured, and how often. */
void report_begin(struct report *report, const struct options *options);

/* The same for a check of the workload. */
void report_begin_check(struct report *report, const struct options *options,
			size_t events);

/* Prints the JSON, or what the tables' yes and NO mean, and releases. */
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

/* A number beside what it should be, more or less; whether it is. */
bool report_near(struct report *report, const char *name, double number,
		 double expected, double tolerance);

/* How many of `count` numbers are not near. */
void report_verdict(struct report *report, size_t far, size_t count);

/* One of the adversarial shapes. */
void report_shape(struct report *report, const char *name,
		  const struct measured *measured);

#endif
