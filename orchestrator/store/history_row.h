/*
 * The rows of the history. A row holds transitions of one run that follow one
 * another in one commit, so that what one step of the engine does to a run
 * costs a row and not one for each move. Its key has the sequence of the first.
 * Pure.
 *
 *	1, then the transition's fields       one transition, also before schema
 *5 2, then for each: u16 length, record  several, each as such a row of one
 */
#ifndef STORE_HISTORY_ROW_H
#define STORE_HISTORY_ROW_H

#include "base/buf.h"
#include "model/record.h"

/* No transition is added beyond so many bytes: several rows share a page. */
#define HISTORY_ROW_BYTES 1000

/* Append one row with as many of `count` (at least 1) transitions as it takes;
 * returns how many those are. */
size_t history_row_put(struct buf *out,
		       const struct transition_record *transitions,
		       size_t count);

struct history_row {
	struct slice left;
	uint64_t sequence; /* of the next one */
	bool single;
};

/* Begin to read one. E_CORRUPT. */
int history_row_read(struct slice bytes, uint64_t sequence,
		     struct history_row *ret_row);

/* The next one: 1, or 0 when that was all, or E_CORRUPT. Texts are slices of
 * the row. */
int history_row_next(struct history_row *row,
		     struct transition_record *ret_transition);

#endif
