#include "base/utf8.h"

#include <string.h>

#define REPLACEMENT 0xfffd

/* Bytes of the sequence that starts with `lead`; 0 if none can. */
static size_t sequence_length(unsigned char lead)
{
	if (lead < 0x80) {
		return 1;
	}
	if (lead >= 0xc2 && lead <= 0xdf) {
		return 2;
	}
	if (lead >= 0xe0 && lead <= 0xef) {
		return 3;
	}
	return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

uint32_t utf8_decode(struct slice text, size_t *ret_size)
{
	const unsigned char *bytes = (const unsigned char *)text.ptr;
	size_t len = text.len ? sequence_length(bytes[0]) : 0;
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };

	*ret_size = 1;
	if (len == 0 || len > text.len) {
		return REPLACEMENT;
	}
	if (len == 1) {
		return bytes[0];
	}
	uint32_t point = bytes[0] & (0xffu >> (len + 1));

	for (size_t i = 1; i < len; i++) {
		if ((bytes[i] & 0xc0) != 0x80) {
			return REPLACEMENT;
		}
		point = point << 6 | (bytes[i] & 0x3f);
	}
	if (point < smallest[len] || point > 0x10ffff ||
	    (point >= 0xd800 && point <= 0xdfff)) {
		return REPLACEMENT;
	}
	*ret_size = len;
	return point;
}

static struct slice advance(struct slice text, size_t by)
{
	return (struct slice){ text.ptr + by, text.len - by };
}

/* Without those at the beginning, eight at a time. */
static struct slice skip_ascii(struct slice text)
{
	uint64_t eight;

	while (text.len >= sizeof(eight)) {
		memcpy(&eight, text.ptr, sizeof(eight));
		if (eight & UINT64_C(0x8080808080808080)) {
			break;
		}
		text = advance(text, sizeof(eight));
	}
	while (text.len && (unsigned char)*text.ptr < 0x80) {
		text = advance(text, 1);
	}
	return text;
}

bool utf8_valid(struct slice text)
{
	while ((text = skip_ascii(text)).len) {
		size_t size;
		uint32_t point = utf8_decode(text, &size);

		/* A genuine U+FFFD takes three bytes. */
		if (point == REPLACEMENT && size == 1) {
			return false;
		}
		text = advance(text, size);
	}
	return true;
}

size_t utf8_length(struct slice text)
{
	size_t points = 0;

	while (text.len) {
		size_t size;

		(void)utf8_decode(text, &size);
		text = advance(text, size);
		points++;
	}
	return points;
}

size_t utf8_floor(struct slice text, size_t max)
{
	if (max >= text.len) {
		max = text.len;
		if (max == 0) {
			return 0;
		}
		/* The text itself may end inside a character. */
		size_t back = 1;

		while (back < 4 && back < max &&
		       ((unsigned char)text.ptr[max - back] & 0xc0) == 0x80) {
			back++;
		}
		size_t want =
		    sequence_length((unsigned char)text.ptr[max - back]);

		return want > back ? max - back : max;
	}
	while (max && ((unsigned char)text.ptr[max] & 0xc0) == 0x80) {
		max--;
	}
	return max;
}

static size_t point_width(uint32_t point)
{
	if (point < 0x20 || (point >= 0x300 && point <= 0x36f) ||
	    (point >= 0x200b && point <= 0x200f) ||
	    (point >= 0xfe00 && point <= 0xfe0f)) {
		return 0;
	}
	if ((point >= 0x1100 && point <= 0x115f) ||
	    (point >= 0x2e80 && point <= 0xa4cf) ||
	    (point >= 0xac00 && point <= 0xd7a3) ||
	    (point >= 0xf900 && point <= 0xfaff) ||
	    (point >= 0xfe30 && point <= 0xfe6f) ||
	    (point >= 0xff00 && point <= 0xff60) ||
	    (point >= 0x1f300 && point <= 0x1faff) ||
	    (point >= 0x20000 && point <= 0x3fffd)) {
		return 2;
	}
	return 1;
}

size_t utf8_width(struct slice text)
{
	size_t columns = 0;

	while (text.len) {
		size_t size;

		columns += point_width(utf8_decode(text, &size));
		text = advance(text, size);
	}
	return columns;
}
