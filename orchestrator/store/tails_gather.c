#include <stdlib.h>

#include "base/alloc.h"
#include "store/handle.h"
#include "store/id_stream.h"
#include "store/rows.h"

/* Segments that are looked at again whenever some are added: more than these.
 */
#define INSPECTED 64

static const struct id none;

static bool is_none(const struct id *id)
{
	return id_equal(id, &none);
}

/* ---- runs that come where a segment speaks already ---- */

/* Of the committed segments the one that speaks for the run. */
static int drop_committed(struct store *store, MDB_txn *txn,
			  const struct id *run)
{
	struct key wanted = key_run(run);
	MDB_val key = val_of(key_slice(&wanted));
	MDB_val value;
	MDB_cursor *cursor;
	struct segment segment;
	int rc = mdb_cursor_open(txn, store->env.tables[TABLE_TAILS], &cursor);

	if (rc) {
		return rc;
	}
	rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
	if (rc == 0 && (segment_decode(slice_of_val(&key), slice_of_val(&value),
				       &segment) ||
			id_compare(&segment.first, run) <= 0)) {
		struct key row = key_text(slice_of_val(&key));

		batch_delete(&store->batch, TABLE_TAILS, &row);
	}
	mdb_cursor_close(cursor);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

/* Of those that nobody sees yet. */
static void drop_made(struct store *store, const struct id *run)
{
	const struct tails *tails = &store->tails;
	size_t i = 0;

	while (i < tails->made_len && id_compare(&tails->made[i], run) < 0) {
		i++;
	}
	if (i < tails->made_len && id_compare(&tails->made_from, run) <= 0) {
		struct key made = key_run(&tails->made[i]);

		batch_delete(&store->batch, TABLE_TAILS, &made);
	}
}

/* A clock was set back, or a run comes from elsewhere. The gap is filled when
 * many new runs have come: others may come in the same place. */
static void drop_segment_of(struct store *store, const struct id *run)
{
	MDB_txn *txn;
	int rc = env_read(&store->env, &txn, NULL);

	if (rc == 0) {
		rc = drop_committed(store, txn, run);
		mdb_txn_abort(txn);
	}
	if (rc) {
		batch_clear_table(&store->batch, TABLE_TAILS);
	} else {
		drop_made(store, run);
	}
}

void tails_new_run(struct store *store, const struct id *run)
{
	struct tails *tails = &store->tails;

	tails->waiting++;
	tails->in_batch++;
	if (is_none(&tails->lowest) || id_compare(run, &tails->lowest) < 0) {
		tails->lowest = *run;
	}
	if (id_compare(run, &tails->last) <= 0) {
		drop_segment_of(store, run);
	}
}

void tails_leaving(struct store *store)
{
	store->tails.lowest = none;
	store->tails.in_batch = 0;
	store->tails.gathered = false;
}

static int read_last(struct store *store, MDB_txn *txn)
{
	MDB_cursor *cursor;
	MDB_val key;
	int rc = mdb_cursor_open(txn, store->env.tables[TABLE_TAILS], &cursor);

	if (rc) {
		return rc;
	}
	rc = mdb_cursor_get(cursor, &key, NULL, MDB_LAST);
	if (rc == 0) {
		(void)key_last_id(slice_of_val(&key), &store->tails.last);
	}
	mdb_cursor_close(cursor);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

int tails_load(struct store *store, struct err *reterr)
{
	MDB_txn *txn;
	int rc = env_read(&store->env, &txn, reterr);

	if (rc == 0) {
		store->tails.look = true;
		rc = read_last(store, txn);
		mdb_txn_abort(txn);
		rc = env_error(rc, reterr, "store %s", store->env.directory);
	}
	return rc;
}

/* ---- gathering ---- */

struct gathering {
	struct store *store;
	MDB_cursor *segments;
	MDB_cursor *runs;
	struct id from; /* all runs before are spoken for */
};

/* The first run that is not before `from`. */
static int next_run(struct gathering *gathering, struct id *ret_run)
{
	struct key wanted = key_run(&gathering->from);
	MDB_val key = val_of(key_slice(&wanted));
	int rc = mdb_cursor_get(gathering->runs, &key, NULL, MDB_SET_RANGE);

	return rc ? rc : key_last_id(slice_of_val(&key), ret_run);
}

/* Those that the batch brings are not seen. */
static bool is_before(const struct id *run, const struct id *end,
		      const struct tails *tails)
{
	return (!end || id_compare(run, end) < 0) &&
	       (is_none(&tails->lowest) || id_compare(run, &tails->lowest) < 0);
}

/* Runs from `from` on, before `end` if there is one. */
static int collect(struct gathering *gathering, const struct id *end,
		   struct id *ids, size_t *ret_len)
{
	const struct tails *tails = &gathering->store->tails;
	struct id run;
	MDB_val key;
	size_t len = 0;
	int rc = next_run(gathering, &run);

	while (rc == 0 && is_before(&run, end, tails)) {
		ids[len++] = run;
		if (len == TAILS_GATHERED) {
			break;
		}
		rc = mdb_cursor_get(gathering->runs, &key, NULL, MDB_NEXT);
		if (rc == 0) {
			rc = key_last_id(slice_of_val(&key), &run);
		}
	}
	*ret_len = len;
	return rc == MDB_NOTFOUND ? 0 : rc;
}

/* It speaks for all from `first` to the last of them. */
static void put_segment(struct store *store, const struct id *first,
			const struct id *ids, size_t len)
{
	struct key key = key_run(&ids[len - 1]);
	struct buf value = { 0 };

	segment_encode(&value, first, ids, len);
	batch_append(&store->batch, TABLE_TAILS, &key, buf_slice(&value));
	buf_fini(&value);
}

static void put_segments(struct gathering *gathering, const struct id *ids,
			 size_t len)
{
	struct tails *tails = &gathering->store->tails;
	struct id last = ids[len - 1];
	struct id first = gathering->from;

	tails->made_from = first;
	tails->made_len = 0;
	for (size_t i = 0; i < len; i += TAILS_SEGMENT) {
		size_t some = len - i < TAILS_SEGMENT ? len - i : TAILS_SEGMENT;

		put_segment(gathering->store, &first, ids + i, some);
		tails->made[tails->made_len++] = ids[i + some - 1];
		first = id_next(ids[i + some - 1]);
	}
	tails->gathered = true;
	tails->look = true;
	tails->inspect = true;
	if (id_compare(&tails->last, &last) < 0) {
		tails->last = last;
	}
}

/* A gap before `end`, or all that comes after the last segment: there, few are
 * left as they are. */
static int fill(struct gathering *gathering, const struct id *end)
{
	struct id *ids = alloc_zeroed(TAILS_GATHERED, sizeof(*ids));
	size_t len;
	int rc = collect(gathering, end, ids, &len);

	if (rc == 0 && len >= (end ? 1 : TAILS_GATHERED)) {
		put_segments(gathering, ids, len);
	} else if (rc == 0) {
		struct tails *tails = &gathering->store->tails;

		/* Those that are not committed yet were not seen. */
		tails->waiting = len + tails->in_batch;
	}
	free(ids);
	return rc;
}

/* What comes after the last segment. */
static int fill_end(struct gathering *gathering)
{
	struct tails *tails = &gathering->store->tails;
	struct segment segment;
	MDB_val key;
	MDB_val value;
	int rc = mdb_cursor_get(gathering->segments, &key, &value, MDB_LAST);

	tails->look = false;
	tails->waiting = 0;
	tails->last = none;
	if (rc == MDB_NOTFOUND) {
		return fill(gathering, NULL);
	}
	if (rc == 0 && segment_decode(slice_of_val(&key), slice_of_val(&value),
				      &segment)) {
		struct key row = key_text(slice_of_val(&key));

		batch_delete(&gathering->store->batch, TABLE_TAILS, &row);
		tails->look = true;
		return 0;
	}
	if (rc == 0) {
		tails->last = segment.last;
		gathering->from = id_next(segment.last);
		/* Nothing can come after the greatest of all ids. */
		rc = is_none(&gathering->from) ? 0 : fill(gathering, NULL);
	}
	return rc;
}

/* Past a segment, which goes when none of its runs is left. True: there are
 * runs before it that none speaks for. */
static bool pass(struct gathering *gathering, const struct segment *segment,
		 int *ret_rc)
{
	struct id run;
	int rc = next_run(gathering, &run);

	if (rc == 0 && id_compare(&run, &segment->first) < 0) {
		*ret_rc = fill(gathering, &segment->first);
		return true;
	}
	if (rc == MDB_NOTFOUND ||
	    (rc == 0 && id_compare(&run, &segment->last) > 0)) {
		struct key row = key_run(&segment->last);

		batch_delete(&gathering->store->batch, TABLE_TAILS, &row);
		rc = 0;
	}
	gathering->from = id_next(segment->last);
	*ret_rc = rc;
	return false;
}

/* The segment at the cursor, and what is before it. True: a gap was filled. */
static bool inspect_one(struct gathering *gathering, const MDB_val *key,
			const MDB_val *value, int *ret_rc)
{
	struct segment segment;

	if (segment_decode(slice_of_val(key), slice_of_val(value), &segment)) {
		struct key row = key_text(slice_of_val(key));

		batch_delete(&gathering->store->batch, TABLE_TAILS, &row);
		*ret_rc = 0;
		return false;
	}
	return pass(gathering, &segment, ret_rc);
}

/* Some segments, from where the last time ended, and round again: each has to
 * be looked for in `runs`, which for all of them could take long. */
static int inspect(struct gathering *gathering)
{
	struct tails *tails = &gathering->store->tails;
	struct key wanted = key_run(&tails->at);
	MDB_val key = val_of(key_slice(&wanted));
	MDB_val value;
	int rc =
	    mdb_cursor_get(gathering->segments, &key, &value, MDB_SET_RANGE);

	tails->inspect = false;
	gathering->from = tails->at;
	for (int i = 0; i < INSPECTED && rc == 0; i++) {
		if (inspect_one(gathering, &key, &value, &rc)) {
			break;
		}
		if (rc == 0) {
			rc = mdb_cursor_get(gathering->segments, &key, &value,
					    MDB_NEXT);
		}
	}
	tails->at = rc == MDB_NOTFOUND ? none : gathering->from;
	return rc == MDB_NOTFOUND ? 0 : rc;
}

static int gather(struct store *store, MDB_txn *txn)
{
	struct gathering gathering = { .store = store };
	int rc = mdb_cursor_open(txn, store->env.tables[TABLE_TAILS],
				 &gathering.segments);

	if (rc) {
		return rc;
	}
	rc = mdb_cursor_open(txn, store->env.tables[TABLE_RUNS],
			     &gathering.runs);
	if (rc == 0) {
		rc = store->tails.inspect ? inspect(&gathering)
					  : fill_end(&gathering);
		mdb_cursor_close(gathering.runs);
	}
	mdb_cursor_close(gathering.segments);
	return rc;
}

bool store_tails_due(const struct store *store)
{
	const struct tails *tails = &store->tails;

	return !tails->gathered && store->leaving.len == 0 &&
	       (tails->look || tails->inspect ||
		tails->waiting >= TAILS_GATHERED);
}

int store_gather_tails(struct store *store, struct err *reterr)
{
	MDB_txn *txn;

	if (!store_tails_due(store)) {
		return 0;
	}
	int rc = env_read(&store->env, &txn, reterr);

	if (rc == 0) {
		rc = gather(store, txn);
		mdb_txn_abort(txn);
		rc = env_error(rc, reterr, "store %s", store->env.directory);
	}
	return rc;
}
