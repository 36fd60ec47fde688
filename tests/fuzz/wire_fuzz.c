/*
 * Any bytes as a message of the plugin protocol: the first byte chooses the
 * decoder. What is read is written, and what was written is read and written
 * the same again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "bus/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds) {
		abort();
	}
}

/* Reads and writes again; false when it is refused. */
typedef bool (*reader)(struct slice bytes, struct buf *out);

static bool refused(int rc, const struct err *err)
{
	if (rc < 0) {
		require(utf8_valid(slice_of(err->msg)) && err->msg[0] != '\0');
	}
	return rc < 0;
}

static bool request(struct slice bytes, struct buf *out)
{
	struct wire_request read;
	struct err err = { 0 };

	if (refused(wire_get_request(bytes, &read, &err), &err)) {
		return false;
	}
	wire_put_request(out, &read);
	wire_request_fini(&read);
	return true;
}

static bool reply(struct slice bytes, struct buf *out)
{
	struct wire_reply read;
	struct err err = { 0 };

	if (refused(wire_get_reply(bytes, &read, &err), &err)) {
		return false;
	}
	wire_put_reply(out, &read);
	wire_reply_fini(&read);
	return true;
}

static bool publication(struct slice bytes, struct buf *out)
{
	struct wire_publication read;
	struct err err = { 0 };
	int own = wire_get_own(bytes, SLICE("ocr#1"), SLICE(""), &read, &err);

	if (own == 0) {
		wire_publication_fini(&read);
	}
	if (refused(wire_get_publication(bytes, &read, &err), &err)) {
		return false;
	}
	/* What is good is so in part. */
	require(own == 0);
	wire_put_publication(out, &read);
	wire_publication_fini(&read);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const reader readers[] = { request, reply, publication };
	struct buf first = { 0 };
	struct buf second = { 0 };

	if (size == 0) {
		return 0;
	}
	reader read = readers[data[0] % 3];
	struct slice bytes = { (const char *)data + 1, size - 1 };

	(void)wire_is_map(bytes);
	if (read(bytes, &first)) {
		require(read(buf_slice(&first), &second));
		require(first.len == second.len &&
			memcmp(first.data, second.data, first.len) == 0);
	}
	buf_fini(&first);
	buf_fini(&second);
	return 0;
}
