/*
 * Any bytes as a line for `tutti filter match`: the answer is one line of JSON
 * with a name, and a match or an error.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/filter_line.h"
#include "document/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds) {
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct filter_line_options options = { .explain = true };
	struct slice line = { (const char *)data, size };
	struct buf out = { 0 };
	struct value answer;

	if (memchr(data, '\n', size)) {
		return 0;
	}
	filter_line_answer(&out, line, 1, false, &options);
	require(!memchr(out.data, '\n', out.len));
	require(json_read_last(buf_slice(&out), NULL, &answer, NULL) == 0);
	require(value_get(&answer, "name") != NULL);
	require(!value_get(&answer, "match") == !!value_get(&answer, "error"));
	value_clear(&answer);
	buf_fini(&out);
	return 0;
}
