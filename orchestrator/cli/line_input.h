/*
 * Lines of a stream, one at a time, each as soon as it is there; a line that
 * is too long costs no memory beyond the limit. One thread.
 */
#ifndef CLI_LINE_INPUT_H
#define CLI_LINE_INPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"

struct line_input {
	FILE *stream; /* borrowed */
	size_t limit; /* bytes of a line, without its end */
	struct buf line;
	size_t number; /* of the line, from 1 */
	bool too_long; /* the line is only its beginning */
};

/* Read the next line into `line`, without its '\n'; false at the end. The
 * last line needs no '\n'. */
bool line_input_next(struct line_input *input);

/* Nothing but blanks, to its end. */
bool line_input_blank(const struct line_input *input);
void line_input_fini(struct line_input *input);

#endif
