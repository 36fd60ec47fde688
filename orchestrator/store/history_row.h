/*
 * The rows of the history. A row holds transitions of one run that follow one
 * another in one commit, so that what one step of the engine does to a run
 * costs a row and not one for each move. Its key has the sequence of the first.
 * Pure.
 *
 *	1, the transition's fields              one, before schema 6
 *	2, then for each: u16 length, row of 1  several, in schema 5
 *	3, u8 how many, the transitions         each says how it differs from
 *						the one before
 */
#ifndef STORE_HISTORY_ROW_H
#define STORE_HISTORY_ROW_H

#include "base/buf.h"
#include "model/record.h"
#include "store/record.h"

/* No transition is added beyond so many bytes: several rows share a page. Each
 * takes eight at least, so that a byte says how many they are. */
#define HISTORY_ROW_BYTES 1000

/* Append one row with as many of `count` (at least 1) transitions as it takes;
 * returns how many those are. */
size_t history_row_put(struct buf *out,
		       const struct transition_record *transitions,
		       size_t count);

struct history_row {
	struct record_reader left;
	uint64_t sequence; /* of the next one */
	uint8_t form;
	unsigned count;                  /* of those left, in form 3 */
	struct transition_record before; /* in form 3 */
};

/* Begin to read one. E_CORRUPT. */
int history_row_read(struct slice bytes, uint64_t sequence,
		     struct history_row *ret_row);

/* The next one: 1, or 0 when that was all, or E_CORRUPT. Texts are slices of
 * the row. */
int history_row_next(struct history_row *row,
		     struct transition_record *ret_transition);

#endif
