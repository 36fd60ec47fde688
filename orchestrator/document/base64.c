#include "document/base64.h"

#include <string.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void write_group(struct buf *out, const unsigned char *bytes, size_t len)
{
	unsigned bits = (unsigned)bytes[0] << 16;

	bits |= len > 1 ? (unsigned)bytes[1] << 8 : 0;
	bits |= len > 2 ? bytes[2] : 0;
	char group[4] = {
		alphabet[bits >> 18],
		alphabet[bits >> 12 & 63],
		alphabet[bits >> 6 & 63],
		alphabet[bits & 63],
	};

	if (len < 3) {
		memset(group + len + 1, '=', 3 - len);
	}
	buf_put(out, group, sizeof(group));
}

void base64_write(struct buf *out, struct slice bytes)
{
	const unsigned char *at = (const unsigned char *)bytes.ptr;

	for (size_t i = 0; i < bytes.len; i += 3) {
		write_group(out, at + i, bytes.len - i);
	}
}

static int digit_of(char c)
{
	const char *found = c ? strchr(alphabet, c) : NULL;

	return found ? (int)(found - alphabet) : -1;
}

struct decoder {
	unsigned bits;
	unsigned digits; /* of the group, 0..3 */
	unsigned padding;
};

static bool take(struct decoder *d, char c, struct buf *out)
{
	int digit = digit_of(c);

	if (c == '=') {
		return d->digits + ++d->padding <= 4 && d->digits >= 2;
	}
	if (digit < 0 || d->padding) {
		return false;
	}
	d->bits = d->bits << 6 | (unsigned)digit;
	if (++d->digits == 4) {
		buf_put_byte(out, (uint8_t)(d->bits >> 16));
		buf_put_byte(out, (uint8_t)(d->bits >> 8));
		buf_put_byte(out, (uint8_t)d->bits);
		*d = (struct decoder){ 0 };
	}
	return true;
}

static bool finish(const struct decoder *d, struct buf *out)
{
	if (d->digits == 0) {
		return d->padding == 0;
	}
	unsigned spare = d->digits == 2 ? 4 : 2;

	if (d->digits + d->padding != 4 || d->bits & ((1u << spare) - 1)) {
		return false;
	}
	if (d->digits == 3) {
		buf_put_byte(out, (uint8_t)(d->bits >> 10));
	}
	buf_put_byte(out, (uint8_t)(d->bits >> spare));
	return true;
}

bool base64_read(struct buf *out, struct slice text)
{
	struct decoder decoder = { 0 };

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
			continue;
		}
		if (!take(&decoder, c, out)) {
			return false;
		}
	}
	return finish(&decoder, out);
}
