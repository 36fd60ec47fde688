/*
 * A growing byte buffer on the caller's memory. A zeroed struct is an empty
 * buffer. Not thread-safe; owns `data` until buf_fini() or buf_take().
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

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

void buf_put(struct buf *buf, const void *bytes, size_t len);
void buf_put_byte(struct buf *buf, uint8_t byte);
void buf_put_slice(struct buf *buf, struct slice text);
void buf_put_text(struct buf *buf, const char *text);
void buf_put_u16(struct buf *buf, uint16_t number); /* big-endian */
void buf_put_u32(struct buf *buf, uint32_t number); /* big-endian */
void buf_put_u64(struct buf *buf, uint64_t number); /* big-endian */
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
