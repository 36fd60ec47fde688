#include "store/history_row.h"

#include <string.h>

#include "store/codec.h"

#define SINGLE  1
#define SEVERAL 2
#define SHORT   3

#define COUNT_AT 1 /* place of the count in a row */

size_t history_row_put(struct buf *out,
		       const struct transition_record *transitions,
		       size_t count)
{
	static const struct transition_record none = { 0 };
	const struct transition_record *before = &none;
	size_t begin = out->len;
	size_t put = 0;

	buf_put_byte(out, SHORT);
	buf_put_byte(out, 0);
	while (put < count) {
		size_t end = out->len;

		transition_put(out, &transitions[put], before);
		if (put && out->len - begin > HISTORY_ROW_BYTES) {
			out->len = end;
			break;
		}
		before = &transitions[put++];
	}
	out->data[begin + COUNT_AT] = (char)put;
	return put;
}

int history_row_read(struct slice bytes, uint64_t sequence,
		     struct history_row *ret_row)
{
	struct history_row row = {
		.left = { bytes.ptr, bytes.len, false },
		.sequence = sequence,
	};

	row.form = record_get_u8(&row.left);
	if (row.form == SINGLE) {
		/* It begins with its form. */
		row.left =
		    (struct record_reader){ bytes.ptr, bytes.len, false };
	} else if (row.form == SHORT) {
		row.count = record_get_u8(&row.left);
	}
	if (row.left.bad || row.left.left == 0 || row.form < SINGLE ||
	    row.form > SHORT || (row.form == SHORT && row.count == 0)) {
		return E_CORRUPT;
	}
	*ret_row = row;
	return 0;
}

static int next_short(struct history_row *row,
		      struct transition_record *ret_transition)
{
	if (row->count == 0) {
		return row->left.left ? E_CORRUPT : 0;
	}
	struct transition_record transition =
	    transition_get(&row->left, &row->before);

	if (row->left.bad) {
		return E_CORRUPT;
	}
	transition.sequence = row->sequence++;
	row->before = transition;
	row->count--;
	*ret_transition = transition;
	return 1;
}

static int next_old(struct history_row *row,
		    struct transition_record *ret_transition)
{
	struct slice one = { row->left.at, row->left.left };

	if (one.len == 0) {
		return 0;
	}
	if (row->form == SEVERAL) {
		one = record_get_text(&row->left);
	} else {
		row->left.left = 0;
	}
	if (row->left.bad ||
	    transition_decode(one, row->sequence, ret_transition)) {
		return E_CORRUPT;
	}
	row->sequence++;
	return 1;
}

int history_row_next(struct history_row *row,
		     struct transition_record *ret_transition)
{
	return row->form == SHORT ? next_short(row, ret_transition)
				  : next_old(row, ret_transition);
}
