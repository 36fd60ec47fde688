#include "document/pack_walk.h"

#include <string.h>

#include "base/buf.h"

static double float_at(const char *at)
{
	uint32_t bits = read_u32(at);
	float number;

	memcpy(&number, &bits, sizeof(number));
	return (double)number;
}

static double double_at(const char *at)
{
	uint64_t bits = read_u64(at);
	double number;

	memcpy(&number, &bits, sizeof(number));
	return number;
}

static struct pack_item text_of(enum value_type type, const char *at,
				size_t len)
{
	return (struct pack_item){
		.value = { .type = type, .as.text = { at, len } },
		.behind = at + len,
	};
}

static struct pack_item many_of(enum value_type type, const char *at,
				size_t len)
{
	return (struct pack_item){
		.value = { .type = type },
		.len = len,
		.behind = at,
	};
}

static struct pack_item scalar_of(struct value value, const char *behind)
{
	return (struct pack_item){ .value = value, .behind = behind };
}

/* Types that are in a byte of their own, `at` is behind that. */
static struct pack_item wide_item(unsigned char head, const char *at)
{
	switch (head) {
	case 0xc2:
	case 0xc3:
		return scalar_of(value_bool(head == 0xc3), at);
	case 0xc4:
		return text_of(VALUE_BYTES, at + 1, (unsigned char)*at);
	case 0xc5:
		return text_of(VALUE_BYTES, at + 2, read_u16(at));
	case 0xc6:
		return text_of(VALUE_BYTES, at + 4, read_u32(at));
	case 0xca:
		return scalar_of(value_double(float_at(at)), at + 4);
	case 0xcb:
		return scalar_of(value_double(double_at(at)), at + 8);
	case 0xcc:
		return scalar_of(value_int((unsigned char)*at), at + 1);
	case 0xcd:
		return scalar_of(value_int(read_u16(at)), at + 2);
	case 0xce:
		return scalar_of(value_int(read_u32(at)), at + 4);
	case 0xcf:
		return scalar_of(value_uint(read_u64(at)), at + 8);
	case 0xd0:
		return scalar_of(value_int((int8_t)*at), at + 1);
	case 0xd1:
		return scalar_of(value_int((int16_t)read_u16(at)), at + 2);
	case 0xd2:
		return scalar_of(value_int((int32_t)read_u32(at)), at + 4);
	case 0xd3:
		return scalar_of(value_int((int64_t)read_u64(at)), at + 8);
	case 0xd9:
		return text_of(VALUE_STRING, at + 1, (unsigned char)*at);
	case 0xda:
		return text_of(VALUE_STRING, at + 2, read_u16(at));
	case 0xdb:
		return text_of(VALUE_STRING, at + 4, read_u32(at));
	case 0xdc:
		return many_of(VALUE_ARRAY, at + 2, read_u16(at));
	case 0xdd:
		return many_of(VALUE_ARRAY, at + 4, read_u32(at));
	case 0xde:
		return many_of(VALUE_MAP, at + 2, read_u16(at));
	case 0xdf:
		return many_of(VALUE_MAP, at + 4, read_u32(at));
	default:
		return scalar_of(value_null(), at);
	}
}

struct pack_item pack_item_at(const char *at)
{
	unsigned char head = (unsigned char)*at++;

	if (head < 0x80) {
		return scalar_of(value_int(head), at);
	}
	if (head < 0x90) {
		return many_of(VALUE_MAP, at, head & 15u);
	}
	if (head < 0xa0) {
		return many_of(VALUE_ARRAY, at, head & 15u);
	}
	if (head < 0xc0) {
		return text_of(VALUE_STRING, at, head & 31u);
	}
	if (head >= 0xe0) {
		return scalar_of(value_int((int8_t)head), at);
	}
	return wide_item(head, at);
}

/* ---- over it ---- */

static size_t count_at(const char *at, size_t size)
{
	return size == 1 ? (unsigned char)*at
			 : (size == 2 ? read_u16(at) : read_u32(at));
}

/* Bytes of the number or length behind a type from 0xc0 in a byte of its own.
 */
static const uint8_t wide_sizes[0x20] = {
	[0x04] = 1, [0x05] = 2, [0x06] = 4, [0x0a] = 4, [0x0b] = 8,
	[0x0c] = 1, [0x0d] = 2, [0x0e] = 4, [0x0f] = 8, [0x10] = 1,
	[0x11] = 2, [0x12] = 4, [0x13] = 8, [0x19] = 1, [0x1a] = 2,
	[0x1b] = 4, [0x1c] = 2, [0x1d] = 4, [0x1e] = 2, [0x1f] = 4,
};

/* Or bytes. */
static bool is_text(unsigned char head)
{
	return (head >= 0xc4 && head <= 0xc6) || (head >= 0xd9 && head <= 0xdb);
}

/* Behind the head, or all of what has nothing in it; `left` grows by what is in
 * it. Of those with a type in a byte of its own. */
static const char *skip_wide(const char *at, size_t *left)
{
	unsigned char head = (unsigned char)*at++;
	size_t size = wide_sizes[head - 0xc0];

	if (is_text(head)) {
		return at + size + count_at(at, size);
	}
	if (head >= 0xdc) {
		*left += count_at(at, size) * (head >= 0xde ? 2 : 1);
	}
	return at + size;
}

const char *pack_skip(const char *at)
{
	for (size_t left = 1; left; left--) {
		unsigned char head = (unsigned char)*at;

		if (head < 0x80 || head >= 0xe0) {
			at++;
		} else if (head >= 0xc0) {
			at = skip_wide(at, &left);
		} else if (head >= 0xa0) {
			at += 1 + (head & 31u);
		} else {
			left += (size_t)(head & 15u) * (head < 0x90 ? 2 : 1);
			at++;
		}
	}
	return at;
}

/* ---- is it whole ---- */

/* Extensions, and what is no type. */
static bool is_foreign(unsigned char head)
{
	return head == 0xc1 || (head >= 0xc7 && head <= 0xc9) ||
	       (head >= 0xd4 && head <= 0xd8);
}

/* The same of bytes that may end too early: then NULL. */
static const char *skip_wide_within(const char *at, const char *end,
				    size_t *left)
{
	unsigned char head = (unsigned char)*at;
	size_t there = (size_t)(end - at);
	size_t size = wide_sizes[head - 0xc0];
	size_t before = *left;

	if (is_foreign(head) || size >= there ||
	    (is_text(head) && count_at(at + 1, size) >= there - size)) {
		return NULL;
	}
	at = skip_wide(at, left);
	/* Each value has a byte at least. */
	return *left - before < there ? at : NULL;
}

bool pack_is_whole(struct slice bytes)
{
	const char *at = bytes.ptr;
	const char *end = at + bytes.len;

	for (size_t left = 1; left; left--) {
		if (!at || at >= end) {
			return false;
		}
		unsigned char head = (unsigned char)*at;

		if (head < 0x80 || head >= 0xe0) {
			at++;
		} else if (head >= 0xc0) {
			at = skip_wide_within(at, end, &left);
		} else if (head >= 0xa0) {
			size_t len = head & 31u;

			at = len < (size_t)(end - at) ? at + 1 + len : NULL;
		} else {
			left += (size_t)(head & 15u) * (head < 0x90 ? 2 : 1);
			at++;
		}
	}
	return at == end;
}
