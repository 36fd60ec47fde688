/*
 * Run ids: 128 bits, the first 48 the creation time in milliseconds, the rest
 * random, so that ids rise with time and keys in the store do too. Their text
 * is 26 characters of Crockford's base 32 in lower case; the layout is that of
 * a ULID (https://github.com/ulid/spec).
 */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

#define ID_SIZE      16
#define ID_TEXT_SIZE 27 /* with NUL */

struct id {
	unsigned char bytes[ID_SIZE];
};

/* Made from the time and 10 random bytes that the caller provides. */
struct id id_make(int64_t wall_us, const unsigned char random[10]);

/* The next greater id: keeps ids of one millisecond in order. */
struct id id_next(struct id id);

int id_compare(const struct id *a, const struct id *b);
bool id_equal(const struct id *a, const struct id *b);
void id_format(const struct id *id, char text[ID_TEXT_SIZE]);

/* 0 or E_INVALID. Upper case is accepted. */
int id_parse(struct slice text, struct id *ret_id);

#endif
