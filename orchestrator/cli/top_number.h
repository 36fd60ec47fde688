/*
 * Numbers of `tutti top`: read out of the daemon's answers, and put as text
 * with their units. Pure.
 */
#ifndef CLI_TOP_NUMBER_H
#define CLI_TOP_NUMBER_H

#include "cli/top_text.h"

/* A part of a part: null when either is not there, or `map` is NULL. */
const struct value *top_part(const struct value *map, const char *key);

/* 0 when it is not there. */
double top_number(const struct value *map, const char *key);

void top_put_count(struct buf *out, const struct value *map, const char *key);

/* "1034", "12.5"; what it is so often a second the caller says. */
void top_put_rate(struct buf *out, double per_second);

/* "7.4us", "312us", "1.2ms", "3m 20s"; "-" for null. */
void top_put_latency(struct buf *out, struct style style,
		     const struct value *us);

/* Between the two answers of the frame, in seconds; 0: it has one. */
double top_span_s(const struct top_frame *frame);

/* Of the same part of both answers: how much more a second. */
double top_rate_between(const struct top_frame *frame, const struct value *now,
			const struct value *before, const char *key);

#endif
