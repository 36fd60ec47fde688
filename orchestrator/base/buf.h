/*
 * A growing byte buffer on the caller's memory. A zeroed struct is an empty
 * buffer. Not thread-safe; owns `data` until buf_fini() or buf_take().
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <endian.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/slice.h"

struct buf {
	char *data;
	size_t len;
	size_t cap;
};

void buf_fini(struct buf *buf);  /* leaves an empty buffer; NULL is fine */
void buf_clear(struct buf *buf); /* forgets the bytes, keeps the memory */

/* Make room for `more` bytes and return where they go; `len` is unchanged. */
char *buf_reserve(struct buf *buf, size_t more);

/* Those that records are made of are inline: there are dozens in each. */
static inline void buf_put(struct buf *buf, const void *bytes, size_t len)
{
	if (len) {
		memcpy(buf->cap - buf->len >= len ? buf->data + buf->len
						  : buf_reserve(buf, len),
		       bytes, len);
		buf->len += len;
	}
}

static inline void buf_put_byte(struct buf *buf, uint8_t byte)
{
	buf_put(buf, &byte, sizeof(byte));
}

static inline void buf_put_slice(struct buf *buf, struct slice text)
{
	buf_put(buf, text.ptr, text.len);
}

/* Numbers are big-endian. */
static inline void buf_put_u16(struct buf *buf, uint16_t number)
{
	uint16_t be = htobe16(number);

	buf_put(buf, &be, sizeof(be));
}

static inline void buf_put_u32(struct buf *buf, uint32_t number)
{
	uint32_t be = htobe32(number);

	buf_put(buf, &be, sizeof(be));
}

static inline void buf_put_u64(struct buf *buf, uint64_t number)
{
	uint64_t be = htobe64(number);

	buf_put(buf, &be, sizeof(be));
}

void buf_put_text(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *buf, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* What is in the buffer; valid until it changes. */
struct slice buf_slice(const struct buf *buf);

/* The bytes as a NUL-terminated string that the caller frees; empties buf. */
char *buf_take(struct buf *buf);

uint16_t read_u16(const void *bytes); /* big-endian, any alignment */
uint32_t read_u32(const void *bytes);
uint64_t read_u64(const void *bytes);

#endif
