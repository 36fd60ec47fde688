#include "store/id_stream.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "store/rows.h"

int id_stream_add(struct id_stream *stream, struct env *env, MDB_txn *txn,
		  enum table table, const struct key *prefix)
{
	MDB_cursor *cursor;
	int rc = mdb_cursor_open(txn, env->tables[table], &cursor);

	if (rc) {
		return rc;
	}
	alloc_grow(stream->ranges, stream->len, stream->cap);
	stream->ranges[stream->len++] = (struct id_range){
		.cursor = cursor,
		.prefix = *prefix,
	};
	return 0;
}

void id_stream_fini(struct id_stream *stream)
{
	for (size_t i = 0; i < stream->len; i++) {
		mdb_cursor_close(stream->ranges[i].cursor);
	}
	free(stream->ranges);
	*stream = (struct id_stream){ 0 };
}

/* Look where the cursor went; outside of the range is its end. */
static int arrive(struct id_range *range, int rc, const MDB_val *key)
{
	struct slice prefix = key_slice(&range->prefix);
	struct slice at = slice_of_val(key);

	if (rc && rc != MDB_NOTFOUND) {
		return rc;
	}
	if (rc == MDB_NOTFOUND || at.len != prefix.len + ID_SIZE ||
	    !slice_starts_with(at, prefix)) {
		range->done = true;
		return 0;
	}
	range->placed = true;
	return key_last_id(at, &range->current);
}

static int step_back(struct id_range *range, MDB_cursor_op operation)
{
	MDB_val key = { 0 };
	int rc = mdb_cursor_get(range->cursor, &key, NULL, operation);

	return arrive(range, rc, &key);
}

static int seek(struct id_range *range, const struct id *bound)
{
	struct key wanted = range->prefix;

	key_put_id(&wanted, bound);
	MDB_val key = val_of(key_slice(&wanted));
	int rc = mdb_cursor_get(range->cursor, &key, NULL, MDB_SET_RANGE);

	if (rc == MDB_NOTFOUND) {
		return step_back(range, MDB_LAST);
	}
	if (rc == 0 && !slice_equal(slice_of_val(&key), key_slice(&wanted))) {
		return step_back(range, MDB_PREV);
	}
	return arrive(range, rc, &key);
}

static bool settled(const struct id_range *range, const struct id *bound)
{
	return range->done ||
	       (range->placed && id_compare(&range->current, bound) <= 0);
}

/* Mostly the next one is wanted; only if it is not, seek. */
static int range_at_most(struct id_range *range, const struct id *bound)
{
	if (settled(range, bound)) {
		return 0;
	}
	if (range->placed) {
		int rc = step_back(range, MDB_PREV);

		if (rc || settled(range, bound)) {
			return rc;
		}
	}
	return seek(range, bound);
}

int id_stream_at_most(struct id_stream *stream, const struct id *bound,
		      struct id *ret_id)
{
	const struct id_range *best = NULL;

	for (size_t i = 0; i < stream->len; i++) {
		struct id_range *range = &stream->ranges[i];
		int rc = range_at_most(range, bound);

		if (rc) {
			return rc;
		}
		if (!range->done && (!best || id_compare(&range->current,
							 &best->current) > 0)) {
			best = range;
		}
	}
	if (!best) {
		return MDB_NOTFOUND;
	}
	*ret_id = best->current;
	return 0;
}

bool id_before(struct id *id)
{
	for (int i = ID_SIZE - 1; i >= 0; i--) {
		if (id->bytes[i]-- != 0) {
			return true;
		}
	}
	return false;
}
