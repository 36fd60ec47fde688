/*
 * The binary form of records: a format byte, then fixed fields in order.
 * Integers are big-endian, texts a length and their bytes. Writing appends to
 * a buf; reading goes through a cursor that never leaves its bytes: the first
 * field that does not fit marks it bad, and all later fields read as zero.
 * Texts read are slices of the bytes given. Pure.
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
void record_put_double(struct buf *out, double number);
/* Texts of up to 65535 bytes; longer ones are cut at a character. */
void record_put_text(struct buf *out, struct slice text);
void record_put_long_text(struct buf *out, struct slice text);

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

/* A number below `end`: how enums are read. */
unsigned record_get_choice(struct record_reader *reader, unsigned end);

/* 0 when everything was there and nothing is left over, else E_CORRUPT. */
int record_end(const struct record_reader *reader);

#endif
