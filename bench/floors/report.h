/*
 * The one JSON object that a floor prints. Members are written in the order of
 * the calls; names are plain words.
 */
#ifndef FLOOR_REPORT_H
#define FLOOR_REPORT_H

#include <stddef.h>
#include <stdint.h>

/* Times of single things, in nanoseconds; room for all is made at once. */
struct times {
	double *ns;
	size_t len;
	size_t cap;
};

void times_init(struct times *times, size_t cap);
void times_fini(struct times *times);
void times_add(struct times *times, int64_t ns);

void report_begin(void);
void report_end(void);
void report_text(const char *name, const char *text);
void report_count(const char *name, uint64_t count);
void report_number(const char *name, double number);

/* Percentiles in microseconds. Sorts. */
void report_times(const char *name, struct times *times);

/* A member that is an object, until its end. */
void report_open(const char *name);
void report_close(void);

#endif
