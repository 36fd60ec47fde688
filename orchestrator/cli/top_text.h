/*
 * What `tutti top` shows of the daemon's answer to `metrics`, as text. Pure.
 */
#ifndef CLI_TOP_TEXT_H
#define CLI_TOP_TEXT_H

#include "cli/form.h"
#include "cli/style.h"
#include "document/value.h"

struct top_frame {
	const struct value *now; /* the answer */
	/* An earlier one of the same daemon, since which rates are counted;
	 * NULL: rates are those of the answer itself. */
	const struct value *before;
	enum form form; /* FORM_WIDE: all columns */
	struct style style;
	/* Of the terminal: names are cut and rows left out so that all fits; 0:
	 * nothing is. */
	size_t columns;
	size_t rows;
};

/* Is it an earlier answer of the same daemon? */
bool top_follows(const struct value *now, const struct value *before);

/* Plugins and queues with the most to do come first. */
void top_write(struct buf *out, const struct top_frame *frame);

#endif
