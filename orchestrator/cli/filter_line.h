/*
 * One line of `tutti filter match`, and its answer. The line's members are cut
 * out of it and each is read by its own rule, so that a mistake in one leaves
 * the others readable. Pure.
 */
#ifndef CLI_FILTER_LINE_H
#define CLI_FILTER_LINE_H

#include <stdbool.h>

#include "base/buf.h"
#include "filter/filter.h"

struct filter_line_options {
	enum filter_limits limits;
	bool explain; /* "why" for what does not match */
};

/*
 * Append the answer to one line, without a line end:
 * {"name":...,"match":true} or {"name":...,"error":"..."}. `number` is the
 * line's, for its mistakes; `too_long` says that only its beginning is here.
 */
void filter_line_answer(struct buf *out, struct slice line, size_t number,
			bool too_long,
			const struct filter_line_options *options);

#endif
