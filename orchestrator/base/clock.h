/*
 * Clocks and their text. Wall times are microseconds since 1970 UTC, durations
 * milliseconds, monotonic times nanoseconds. The engine never calls these: it
 * is told the time. Any thread.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

#define CLOCK_TEXT_SIZE 32 /* RFC 3339 with microseconds and NUL */

int64_t clock_wall_us(void);
int64_t clock_mono_ns(void);
int64_t clock_boot_ns(void); /* goes on while the machine sleeps */

/* The earlier of two moments, of which 0 means never. */
int64_t clock_earlier(int64_t a, int64_t b);

/* "2026-03-01T10:20:30.123456Z" */
void clock_format(int64_t wall_us, char text[CLOCK_TEXT_SIZE]);

/*
 * RFC 3339 with any offset and up to nine fraction digits.
 * 0, or E_INVALID for anything else.
 */
int clock_parse(struct slice text, int64_t *ret_wall_us);

/*
 * Durations as in the config: a number and one of ms, s, m, h, d, as in
 * "250ms" or "1.5h". At most 10,000 days. 0 or E_INVALID.
 */
int duration_parse(struct slice text, int64_t *ret_ms);

/* The same spelling, the largest unit that divides evenly. */
void duration_format(int64_t duration_ms, char text[CLOCK_TEXT_SIZE]);

#endif
