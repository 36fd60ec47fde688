/*
 * Any bytes as MessagePack: the scan and the reader agree, and what is read is
 * written and read back the same.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "document/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds) {
		abort();
	}
}

static void check_read_back(const struct value *value, const struct buf *bytes)
{
	struct value again;

	require(pack_read(buf_slice(bytes), NULL, &again, NULL) == 0);
	require(value_equal(value, &again));
	value_clear(&again);
}

static void check_written(const struct value *value)
{
	struct buf bytes = { 0 };

	pack_write(&bytes, value);
	check_read_back(value, &bytes);
	buf_clear(&bytes);
	pack_write_canonical(&bytes, value);
	check_read_back(value, &bytes);
	buf_fini(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice bytes = { (const char *)data, size };
	struct value value;
	struct err err;
	int checked = pack_check(bytes, NULL, &err);

	require(pack_read(bytes, NULL, &value, NULL) == checked);
	if (checked < 0) {
		require(utf8_valid(slice_of(err.msg)));
		return 0;
	}
	check_written(&value);
	value_clear(&value);
	return 0;
}
