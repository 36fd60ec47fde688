/*
 * UTF-8 as RFC 3629 defines it: no surrogates, nothing over U+10FFFF, no
 * over-long forms. Pure functions, any thread.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

bool utf8_valid(struct slice text);

/* Number of code points of valid text. */
size_t utf8_length(struct slice text);

/*
 * The code point at the start of valid, non-empty text; *ret_size gets its
 * length in bytes. On invalid text: U+FFFD and 1.
 */
uint32_t utf8_decode(struct slice text, size_t *ret_size);

/*
 * The largest n <= max at which text can be cut without splitting a
 * character: how every message is shortened.
 */
size_t utf8_floor(struct slice text, size_t max);

/* Columns on a terminal: 2 for East Asian wide, 0 for combining marks. */
size_t utf8_width(struct slice text);

#endif
