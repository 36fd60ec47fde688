#include "store/record.h"

#include <math.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"

void record_begin_as(struct buf *out, uint8_t format)
{
	buf_put_byte(out, format);
}

void record_begin(struct buf *out)
{
	record_begin_as(out, RECORD_FORMAT);
}

void record_put_bool(struct buf *out, bool yes)
{
	buf_put_byte(out, yes ? 1 : 0);
}

void record_put_time(struct buf *out, int64_t number)
{
	buf_put_u64(out, (uint64_t)number);
}

static struct slice cut(struct slice text)
{
	if (text.len > UINT16_MAX) {
		text.len = utf8_floor(text, UINT16_MAX);
	}
	return text;
}

void record_put_text(struct buf *out, struct slice text)
{
	text = cut(text);
	buf_put_u16(out, (uint16_t)text.len);
	buf_put_slice(out, text);
}

void record_put_short_text(struct buf *out, struct slice text)
{
	text = cut(text);
	record_put_number(out, text.len);
	buf_put_slice(out, text);
}

void record_round(struct buf *out, size_t begin)
{
	static const char zeros[RECORD_ROUNDING];
	size_t over = (out->len - begin) % RECORD_ROUNDING;

	if (over) {
		buf_put(out, zeros, RECORD_ROUNDING - over);
	}
}

/* The last digits come first: mostly zeros. */
static uint64_t turned(uint64_t bits)
{
	return __builtin_bswap64(bits);
}

void record_put_short_double(struct buf *out, double number)
{
	uint64_t bits;

	memcpy(&bits, &number, sizeof(bits));
	record_put_number(out, turned(bits));
}

void record_put_long_text(struct buf *out, struct slice text)
{
	if (text.len > UINT32_MAX) {
		text.len = utf8_floor(text, UINT32_MAX);
	}
	buf_put_u32(out, (uint32_t)text.len);
	buf_put_slice(out, text);
}

struct record_reader record_read_upto(struct slice bytes, uint8_t newest,
				      uint8_t *ret_format)
{
	struct record_reader reader = {
		.at = bytes.ptr,
		.left = bytes.len,
	};
	uint8_t format = record_get_u8(&reader);

	if (format < 1 || format > newest) {
		reader.bad = true;
	}
	*ret_format = format;
	return reader;
}

struct record_reader record_read(struct slice bytes)
{
	uint8_t format;

	return record_read_upto(bytes, RECORD_FORMAT, &format);
}

/* The next `len` bytes, or NULL and a bad reader. */
static const char *take(struct record_reader *reader, size_t len)
{
	if (reader->bad || len > reader->left) {
		reader->bad = true;
		return NULL;
	}
	const char *bytes = reader->at;

	reader->at += len;
	reader->left -= len;
	return bytes;
}

uint8_t record_get_u8(struct record_reader *reader)
{
	const char *bytes = take(reader, 1);

	return bytes ? (uint8_t)*bytes : 0;
}

uint32_t record_get_u32(struct record_reader *reader)
{
	const char *bytes = take(reader, 4);

	return bytes ? read_u32(bytes) : 0;
}

uint64_t record_get_u64(struct record_reader *reader)
{
	const char *bytes = take(reader, 8);

	return bytes ? read_u64(bytes) : 0;
}

unsigned record_get_choice(struct record_reader *reader, unsigned end)
{
	unsigned number = record_get_u8(reader);

	if (number >= end) {
		reader->bad = true;
		return 0;
	}
	return number;
}

bool record_get_bool(struct record_reader *reader)
{
	return record_get_choice(reader, 2) == 1;
}

int64_t record_get_time(struct record_reader *reader)
{
	return (int64_t)record_get_u64(reader);
}

uint64_t record_get_number(struct record_reader *reader)
{
	uint64_t number = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t byte = record_get_u8(reader);
		uint64_t bits = byte & 0x7f;

		if (bits << shift >> shift != bits) {
			break;
		}
		number |= bits << shift;
		if (byte < 0x80) {
			return number;
		}
	}
	reader->bad = true;
	return 0;
}

/* At most `most`. */
static uint64_t number_upto(struct record_reader *reader, uint64_t most)
{
	uint64_t number = record_get_number(reader);

	if (number > most) {
		reader->bad = true;
		return 0;
	}
	return number;
}

uint32_t record_get_number32(struct record_reader *reader)
{
	return (uint32_t)number_upto(reader, UINT32_MAX);
}

int64_t record_get_distance(struct record_reader *reader, int64_t from)
{
	uint64_t distance = record_get_number(reader);

	distance = (distance >> 1) ^ (distance & 1 ? UINT64_MAX : 0);
	return (int64_t)((uint64_t)from + distance);
}

int64_t record_get_time_after(struct record_reader *reader, bool there,
			      int64_t from)
{
	return there ? record_get_distance(reader, from) : 0;
}

void record_get_rounding(struct record_reader *reader, size_t len)
{
	if (len % RECORD_ROUNDING || reader->left >= RECORD_ROUNDING) {
		reader->bad = true;
	}
	while (!reader->bad && reader->left) {
		reader->bad = record_get_u8(reader) != 0;
	}
}

uint32_t record_get_maybe(struct record_reader *reader)
{
	return record_get_number32(reader) - 1;
}

static double double_of(struct record_reader *reader, uint64_t bits)
{
	double number;

	memcpy(&number, &bits, sizeof(number));
	if (!isfinite(number)) {
		reader->bad = true;
		return 0;
	}
	return number;
}

double record_get_double(struct record_reader *reader)
{
	return double_of(reader, record_get_u64(reader));
}

double record_get_short_double(struct record_reader *reader)
{
	return double_of(reader, turned(record_get_number(reader)));
}

static struct slice take_text(struct record_reader *reader, size_t len)
{
	const char *bytes = take(reader, len);

	return bytes ? (struct slice){ bytes, len } : (struct slice){ 0 };
}

struct slice record_get_text(struct record_reader *reader)
{
	const char *bytes = take(reader, 2);

	return take_text(reader, bytes ? read_u16(bytes) : 0);
}

struct slice record_get_short_text(struct record_reader *reader)
{
	return take_text(reader, number_upto(reader, UINT16_MAX));
}

struct slice record_get_long_text(struct record_reader *reader)
{
	return take_text(reader, record_get_u32(reader));
}

void record_get_bytes(struct record_reader *reader, void *into, size_t len)
{
	const char *bytes = take(reader, len);

	if (bytes) {
		memcpy(into, bytes, len);
	} else {
		memset(into, 0, len);
	}
}

int record_end(const struct record_reader *reader)
{
	return reader->bad || reader->left ? E_CORRUPT : 0;
}
