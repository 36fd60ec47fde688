/*
 * What tests of codecs do with the bytes of a record.
 */
#ifndef TEST_STORE_CODECS_H
#define TEST_STORE_CODECS_H

#include "store/codec.h"
#include "support.h"

/* Bytes on the heap of their exact length, so that a sanitizer sees a read
 * beyond them. */
static inline char *exact(struct slice bytes)
{
	char *copy = alloc_bytes(bytes.len);

	memcpy(copy, bytes.ptr, bytes.len);
	return copy;
}

typedef int (*decoder)(struct slice bytes);

/* All that is shorter or longer, and another format, is refused. */
static inline void check_damage(struct buf *good, decoder decode)
{
	assert_int_equal(decode(buf_slice(good)), 0);
	for (size_t len = 0; len < good->len; len++) {
		char *part = exact((struct slice){ good->data, len });

		assert_int_equal(decode((struct slice){ part, len }),
				 E_CORRUPT);
		free(part);
	}
	char format = good->data[0];

	good->data[0] = (char)(format + 1);
	assert_int_equal(decode(buf_slice(good)), E_CORRUPT);
	good->data[0] = 0;
	assert_int_equal(decode(buf_slice(good)), E_CORRUPT);
	good->data[0] = format;
	buf_put_byte(good, 0);
	assert_int_equal(decode(buf_slice(good)), E_CORRUPT);
	good->len--;
}

/* Whatever the bytes are, decoding stays inside of them. */
static inline void check_garbage(const struct buf *good, decoder decode)
{
	unsigned seed = 7;

	for (int round = 0; round < 2000; round++) {
		char *bytes = exact(buf_slice(good));

		for (int flips = 0; flips < 3; flips++) {
			seed = seed * 1103515245u + 12345u;
			bytes[seed / 65536u % good->len] = (char)(seed >> 8);
		}
		(void)decode((struct slice){ bytes, good->len });
		free(bytes);
	}
}

static inline void check_hex(const struct buf *buf, const char *hex)
{
	char text[2048] = "";

	assert_true(buf->len * 2 < sizeof(text));
	for (size_t i = 0; i < buf->len; i++) {
		(void)snprintf(text + 2 * i, 3, "%02x",
			       (unsigned char)buf->data[i]);
	}
	assert_string_equal(text, hex);
}

#endif
