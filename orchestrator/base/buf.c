#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

void buf_fini(struct buf *buf)
{
	if (buf) {
		free(buf->data);
		*buf = (struct buf){ 0 };
	}
}

void buf_clear(struct buf *buf)
{
	buf->len = 0;
}

char *buf_reserve(struct buf *buf, size_t more)
{
	size_t want = buf->len + more;

	if (want > buf->cap) {
		size_t cap = buf->cap ? buf->cap : 64;

		while (cap < want) {
			cap *= 2;
		}
		buf->data = alloc_resize(buf->data, cap, 1);
		buf->cap = cap;
	}
	return buf->data + buf->len;
}

void buf_put_text(struct buf *buf, const char *text)
{
	buf_put_slice(buf, slice_of(text));
}

void buf_vprintf(struct buf *buf, const char *format, va_list args)
{
	va_list again;

	va_copy(again, args);
	int len = vsnprintf(NULL, 0, format, args);

	if (len > 0) {
		char *end = buf_reserve(buf, (size_t)len + 1);

		(void)vsnprintf(end, (size_t)len + 1, format, again);
		buf->len += (size_t)len;
	}
	va_end(again);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	buf_vprintf(buf, format, args);
	va_end(args);
}

struct slice buf_slice(const struct buf *buf)
{
	return (struct slice){ buf->data, buf->len };
}

char *buf_take(struct buf *buf)
{
	buf_put_byte(buf, 0);
	char *text = buf->data;

	*buf = (struct buf){ 0 };
	return text;
}

static uint64_t read_be(const void *bytes, unsigned len)
{
	const unsigned char *be = bytes;
	uint64_t number = 0;

	for (unsigned i = 0; i < len; i++) {
		number = number << 8 | be[i];
	}
	return number;
}

uint16_t read_u16(const void *bytes)
{
	return (uint16_t)read_be(bytes, 2);
}

uint32_t read_u32(const void *bytes)
{
	return (uint32_t)read_be(bytes, 4);
}

uint64_t read_u64(const void *bytes)
{
	return read_be(bytes, 8);
}
