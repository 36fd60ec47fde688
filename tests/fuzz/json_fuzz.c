/*
 * Any bytes as JSON: refused with a sentence, or a value that is written and
 * read back the same.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "document/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds) {
		abort();
	}
}

static void check_written(const struct value *value, enum json_style style)
{
	struct buf out = { 0 };
	struct value again;

	json_write(&out, value, style);
	require(json_read(buf_slice(&out), NULL, &again, NULL) == 0);
	require(value_equal(value, &again));
	value_clear(&again);
	buf_fini(&out);
}

/* Whoever lets the last of two keys count reads all that is read strictly, and
 * of the rest only what has such keys. */
static void check_last(struct slice text, const struct value *strict)
{
	struct value last;
	struct buf path = { 0 };
	struct err err = { 0 };
	size_t offset;
	int rc = json_read_last(text, NULL, &last, &err);

	if (rc < 0) {
		require(!strict && err.msg[0] && utf8_valid(slice_of(err.msg)));
		return;
	}
	require(!strict || value_equal(strict, &last));
	require(json_repeat_find(text, &path, &offset) == !strict);
	value_clear(&last);
	buf_fini(&path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct value value;
	struct err err;

	if (json_read(text, NULL, &value, &err) < 0) {
		require(err.msg[0] != '\0');
		require(utf8_valid(slice_of(err.msg)));
		check_last(text, NULL);
		return 0;
	}
	check_last(text, &value);
	check_written(&value, JSON_COMPACT);
	check_written(&value, JSON_PRETTY);
	value_clear(&value);
	return 0;
}
