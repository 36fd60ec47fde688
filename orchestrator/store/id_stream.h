/*
 * Run ids out of tables and indexes, newest first: a range is all keys of a
 * table that are a prefix and an id, a stream the union of ranges. A stream
 * can be told to skip ahead, so that two of them are intersected by seeks and
 * neither is walked through. Lives inside one snapshot.
 */
#ifndef STORE_ID_STREAM_H
#define STORE_ID_STREAM_H

#include <stdbool.h>

#include "store/env.h"

struct id_range {
	MDB_cursor *cursor;
	struct key prefix;
	struct id current;
	bool placed;
	bool done;
};

struct id_stream {
	struct id_range *ranges;
	size_t len;
	size_t cap;
};

/* LMDB's code. */
int id_stream_add(struct id_stream *stream, struct env *env, MDB_txn *txn,
		  enum table table, const struct key *prefix);
void id_stream_fini(struct id_stream *stream);

/*
 * The greatest id that is not above `bound`, which may only fall from call to
 * call. MDB_NOTFOUND at the end, or another code of LMDB.
 */
int id_stream_at_most(struct id_stream *stream, const struct id *bound,
		      struct id *ret_id);

/* The next smaller id; false for the smallest. */
bool id_before(struct id *id);

#endif
