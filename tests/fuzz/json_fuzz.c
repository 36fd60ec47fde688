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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct value value;
	struct err err;

	if (json_read(text, NULL, &value, &err) < 0) {
		require(err.msg[0] != '\0');
		require(utf8_valid(slice_of(err.msg)));
		return 0;
	}
	check_written(&value, JSON_COMPACT);
	check_written(&value, JSON_PRETTY);
	value_clear(&value);
	return 0;
}
