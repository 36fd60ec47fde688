/*
 * Times as people write them. Pure functions.
 */
#ifndef WAIT_INSTANT_H
#define WAIT_INSTANT_H

#include <stdbool.h>
#include <tutti/plugin.h>

#define INSTANT_TEXT_SIZE 32 /* with NUL */

/*
 * "250ms", "1.5h": a number and one of ms, s, m, h, d; at most 10,000 days.
 * False for anything else.
 */
bool duration_read_us(struct tutti_slice text, int64_t *ret_us);

/*
 * RFC 3339, as in "2026-03-01T10:20:30.5+01:00", to microseconds since 1970.
 * False for anything else.
 */
bool instant_read_us(struct tutti_slice text, int64_t *ret_us);

/* "2026-03-01T10:20:30.500000Z" */
void instant_write(int64_t wall_us, char text[INSTANT_TEXT_SIZE]);

#endif
