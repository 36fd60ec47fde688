#include "store/history_row.h"

#include <string.h>

#include "store/codec.h"

#define SINGLE  1
#define SEVERAL 2

#define LENGTH_SIZE 2

/* With its length; what does not fit is taken back. */
static bool put_one(struct buf *out, const struct transition_record *transition,
		    size_t most)
{
	size_t begin = out->len;

	buf_put_u16(out, 0);
	transition_encode(out, transition);
	size_t len = out->len - begin - LENGTH_SIZE;

	if (len > UINT16_MAX || out->len > most) {
		out->len = begin;
		return false;
	}
	out->data[begin] = (char)(len >> 8);
	out->data[begin + 1] = (char)len;
	return true;
}

size_t history_row_put(struct buf *out,
		       const struct transition_record *transitions,
		       size_t count)
{
	size_t begin = out->len;
	size_t most = begin + HISTORY_ROW_BYTES;
	size_t put = 0;

	buf_put_byte(out, SEVERAL);
	while (put < count && put_one(out, &transitions[put], most)) {
		put++;
	}
	if (put < 2) {
		out->len = begin;
		transition_encode(out, transitions);
		put = 1;
	}
	return put;
}

int history_row_read(struct slice bytes, uint64_t sequence,
		     struct history_row *ret_row)
{
	bool single = bytes.len && bytes.ptr[0] == SINGLE;

	if (!single && (bytes.len < 2 || bytes.ptr[0] != SEVERAL)) {
		return E_CORRUPT;
	}
	*ret_row = (struct history_row){
		.left = single ? bytes
			       : (struct slice){ bytes.ptr + 1, bytes.len - 1 },
		.sequence = sequence,
		.single = single,
	};
	return 0;
}

int history_row_next(struct history_row *row,
		     struct transition_record *ret_transition)
{
	struct slice one = row->left;
	size_t used = one.len;

	if (row->left.len == 0) {
		return 0;
	}
	if (!row->single) {
		if (row->left.len < LENGTH_SIZE) {
			return E_CORRUPT;
		}
		one.len = read_u16(row->left.ptr);
		one.ptr += LENGTH_SIZE;
		used = LENGTH_SIZE + one.len;
		if (used > row->left.len) {
			return E_CORRUPT;
		}
	}
	if (transition_decode(one, row->sequence, ret_transition)) {
		return E_CORRUPT;
	}
	row->left.ptr += used;
	row->left.len -= used;
	row->sequence++;
	return 1;
}
