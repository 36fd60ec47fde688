/*
 * The rows of `tutti top`: plugins and queues, those with the most to do first.
 * Pure.
 */
#ifndef CLI_TOP_ROWS_H
#define CLI_TOP_ROWS_H

#include "cli/top_text.h"

/* Both lists, each with an empty line and its titles before it, in so many
 * lines at most (0: as many as it takes). Nothing of a list that is empty. */
void top_put_rows(struct buf *out, const struct top_frame *frame, size_t lines);

#endif
