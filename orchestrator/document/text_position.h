/*
 * Where a byte of a text lies for people. Inside this room only.
 */
#ifndef DOCUMENT_TEXT_POSITION_H
#define DOCUMENT_TEXT_POSITION_H

#include "base/slice.h"

struct text_position {
	unsigned line;   /* from 1 */
	unsigned column; /* from 1, in characters */
};

/* `offset` beyond the end counts as the end. The text may be invalid UTF-8. */
struct text_position text_position(struct slice text, size_t offset);

#endif
