/*
 * The binary form of records: a format byte, then fixed fields in order.
 * Integers are big-endian, texts a length and their bytes. Where a record is
 * written often, small numbers are short: seven bits a byte, the lowest first,
 * and the eighth says that there are more (LEB128). Writing appends to a buf;
 * reading goes through a cursor that never leaves its bytes: the first field
 * that does not fit marks it bad, and all later fields read as zero. Texts read
 * are slices of the bytes given. Pure.
 */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

#define RECORD_FORMAT 1 /* of all records but those that say otherwise */

void record_begin(struct buf *out);
void record_begin_as(struct buf *out, uint8_t format);
void record_put_bool(struct buf *out, bool yes);
void record_put_time(struct buf *out, int64_t number);
/* Texts of up to 65535 bytes; longer ones are cut at a character. */
void record_put_text(struct buf *out, struct slice text);
void record_put_long_text(struct buf *out, struct slice text);

/* The short forms. */
#define RECORD_NUMBER_SIZE 10 /* at most */

static inline void record_put_number(struct buf *out, uint64_t number)
{
	uint8_t bytes[RECORD_NUMBER_SIZE];
	size_t len = 0;

	for (; number > 0x7f; number >>= 7) {
		bytes[len++] = (uint8_t)(number | 0x80);
	}
	bytes[len++] = (uint8_t)number;
	buf_put(out, bytes, len);
}

/* How far it is from another one: short when that is near, before or after. */
static inline void record_put_distance(struct buf *out, int64_t number,
				       int64_t from)
{
	uint64_t distance = (uint64_t)number - (uint64_t)from;

	record_put_number(out,
			  (distance << 1) ^ (distance >> 63 ? UINT64_MAX : 0));
}

/* Nothing for a time that is 0: another field must say so. */
static inline void record_put_time_after(struct buf *out, int64_t time,
					 int64_t from)
{
	if (time) {
		record_put_distance(out, time, from);
	}
}

/* Of a number below 2^32 for which the greatest stands for none. */
static inline void record_put_maybe(struct buf *out, uint32_t number)
{
	record_put_number(out, (uint32_t)(number + 1));
}

/* With zeros up to a multiple of so many bytes: a record that changes keeps its
 * length mostly, and is overwritten where it lies instead of taken out of its
 * page and put in again. */
#define RECORD_ROUNDING 32

void record_round(struct buf *out, size_t begin);

/* Short for those with few digits in base 2. */
void record_put_short_double(struct buf *out, double number);
/* Of up to 65535 bytes, as record_put_text(). */
void record_put_short_text(struct buf *out, struct slice text);

struct record_reader {
	const char *at;
	size_t left;
	bool bad;
};

/* Checks the format byte. */
struct record_reader record_read(struct slice bytes);
/* The same for a record with a history: 1 to `newest`. */
struct record_reader record_read_upto(struct slice bytes, uint8_t newest,
				      uint8_t *ret_format);
uint8_t record_get_u8(struct record_reader *reader);
uint32_t record_get_u32(struct record_reader *reader);
uint64_t record_get_u64(struct record_reader *reader);
bool record_get_bool(struct record_reader *reader);
int64_t record_get_time(struct record_reader *reader);
double record_get_double(struct record_reader *reader);
struct slice record_get_text(struct record_reader *reader);
struct slice record_get_long_text(struct record_reader *reader);
void record_get_bytes(struct record_reader *reader, void *into, size_t len);
uint64_t record_get_number(struct record_reader *reader);
uint32_t record_get_number32(struct record_reader *reader);
int64_t record_get_distance(struct record_reader *reader, int64_t from);
int64_t record_get_time_after(struct record_reader *reader, bool there,
			      int64_t from);
/* `len`: of the whole record. */
void record_get_rounding(struct record_reader *reader, size_t len);
uint32_t record_get_maybe(struct record_reader *reader);
double record_get_short_double(struct record_reader *reader);
struct slice record_get_short_text(struct record_reader *reader);

/* A number below `end`: how enums are read. */
unsigned record_get_choice(struct record_reader *reader, unsigned end);

/* 0 when everything was there and nothing is left over, else E_CORRUPT. */
int record_end(const struct record_reader *reader);

#endif
