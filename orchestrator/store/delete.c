#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "store/codec.h"
#include "store/handle.h"
#include "store/rows.h"

bool doomed_has(const struct store *store, const struct id *run)
{
	struct doomed *doomed;

	HASH_FIND(by_run, store->doomed, run, sizeof(*run), doomed);
	return doomed != NULL;
}

void doomed_add(struct store *store, const struct id *run)
{
	struct doomed *doomed = alloc_zeroed(1, sizeof(*doomed));

	doomed->run = *run;
	doomed->table = TABLE_TREE;
	doomed->from = key_run(run);
	HASH_ADD(by_run, store->doomed, run, sizeof(*run), doomed);
	store->unswept++;
}

static void forget(struct store *store, struct doomed *doomed)
{
	store->unswept -= doomed->table != TABLES;
	HASH_DELETE(by_run, store->doomed, doomed);
	free(doomed);
}

void doomed_fini(struct store *store)
{
	struct doomed *doomed;
	struct doomed *next;

	HASH_ITER(by_run, store->doomed, doomed, next)
	{
		forget(store, doomed);
	}
}

static int failed(const struct store *store, int code, struct err *reterr)
{
	return env_error(code, reterr, "store %s", store->env.directory);
}

int doomed_load(struct store *store, struct err *reterr)
{
	struct rows rows = { 0 };
	MDB_txn *txn;
	int rc = env_read(&store->env, &txn, reterr);

	if (rc) {
		return rc;
	}
	rc = rows_scan(&rows, &store->env, txn, TABLE_DOOMED, SLICE(""));
	mdb_txn_abort(txn);
	for (size_t i = 0; i < rows.len; i++) {
		struct id run;

		if (key_last_id(rows_key(&rows, i), &run) == 0) {
			doomed_add(store, &run);
		}
	}
	rows_fini(&rows);
	return failed(store, rc, reterr);
}

/* ---- deleting ---- */

/* The record as committed; its texts are in `rows`. */
static int read_run(struct store *store, const struct id *id, struct rows *rows,
		    struct run_record *ret_run, struct err *reterr)
{
	struct key key = key_run(id);
	MDB_txn *txn;
	int rc = env_read(&store->env, &txn, reterr);

	if (rc) {
		return rc;
	}
	rc = rows_get(rows, &store->env, txn, TABLE_RUNS, key_slice(&key));
	mdb_txn_abort(txn);
	return rc ? failed(store, rc, reterr)
		  : run_decode(rows_value(rows, 0), id, ret_run);
}

static void unindex(struct store *store, const struct run_record *run)
{
	struct key state = key_state(run->state, &run->id);
	struct key ended = key_ended(run->state, run->ended_us, &run->id);
	struct key flow = key_flow(run->tenant, run->workflow, &run->id);
	struct key uid = key_uid(run->uid, run->tenant, run->workflow);

	batch_delete(&store->batch, TABLE_IX_STATE, &state);
	batch_delete(&store->batch, TABLE_IX_ENDED, &ended);
	batch_delete(&store->batch, TABLE_IX_FLOW, &flow);
	if (run->uid.len) {
		batch_delete(&store->batch, TABLE_IX_UID, &uid);
	}
}

static void doom(struct store *store, const struct run_record *run)
{
	struct key key = key_run(&run->id);

	unindex(store, run);
	batch_delete(&store->batch, TABLE_RUNS, &key);
	batch_put(&store->batch, TABLE_DOOMED, &key, (struct slice){ "", 0 });
	doomed_add(store, &run->id);
}

int store_delete_run(struct store *store, const struct id *id,
		     struct err *reterr)
{
	struct rows rows = { 0 };
	struct run_record run;
	char text[ID_TEXT_SIZE];
	int rc = doomed_has(store, id)
		     ? E_NOT_FOUND
		     : read_run(store, id, &rows, &run, reterr);

	id_format(id, text);
	if (rc == E_NOT_FOUND) {
		rc = err_set(reterr, rc, "there is no run %s", text);
	} else if (rc == E_CORRUPT) {
		rc = err_set(reterr, rc, "store: runs/%s is damaged", text);
	} else if (rc == 0 && !group_state_final(run.state)) {
		rc = err_set(reterr, E_CONFLICT,
			     "run %s has not ended (%s): cancel it first", text,
			     group_state_name(run.state));
	}
	if (rc == 0) {
		doom(store, &run);
	}
	rows_fini(&rows);
	return rc;
}

/* ---- sweeping ---- */

bool store_sweeping(const struct store *store)
{
	return store->unswept > 0;
}

static bool is_row_of(const struct doomed *doomed, const MDB_val *key)
{
	struct key run = key_run(&doomed->run);

	return slice_starts_with(slice_of_val(key), key_slice(&run));
}

/* Rows of the run's table go, as many as are left. The last one of the piece
 * before may still be there: its commit can be under way. */
static int sweep_table(struct store *store, MDB_txn *txn, struct doomed *doomed,
		       size_t *left)
{
	MDB_val key = val_of(key_slice(&doomed->from));
	MDB_cursor *cursor;
	int rc =
	    mdb_cursor_open(txn, store->env.tables[doomed->table], &cursor);

	if (rc) {
		return rc;
	}
	rc = mdb_cursor_get(cursor, &key, NULL, MDB_SET_RANGE);
	while (rc == 0 && *left && is_row_of(doomed, &key)) {
		struct key row = key_text(slice_of_val(&key));

		if (!slice_equal(key_slice(&row), key_slice(&doomed->from))) {
			batch_delete(&store->batch, doomed->table, &row);
			doomed->from = row;
			--*left;
		}
		rc = mdb_cursor_get(cursor, &key, NULL, MDB_NEXT);
	}
	mdb_cursor_close(cursor);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

/* The tables that have rows of runs, one after another. */
static enum table table_after(enum table table)
{
	switch (table) {
	case TABLE_TREE:
		return TABLE_OLD_HISTORY;
	case TABLE_OLD_HISTORY:
		return TABLE_MESSAGES;
	case TABLE_MESSAGES:
		return TABLE_PARTS;
	default:
		return TABLES;
	}
}

/* With the last rows the mark goes, too. */
static void next_table(struct store *store, struct doomed *doomed)
{
	struct key key = key_run(&doomed->run);

	doomed->table = table_after(doomed->table);
	doomed->from = key;
	if (doomed->table == TABLES) {
		store->unswept--;
		batch_delete(&store->batch, TABLE_DOOMED, &key);
	}
}

static int sweep_run(struct store *store, MDB_txn *txn, struct doomed *doomed,
		     size_t *left)
{
	int rc = 0;

	while (rc == 0 && *left && doomed->table != TABLES) {
		rc = sweep_table(store, txn, doomed, left);
		if (rc == 0 && *left) {
			next_table(store, doomed);
		}
	}
	return rc;
}

/* Nobody has to be told any more that it is not there. */
static bool is_gone(struct store *store, MDB_txn *txn,
		    const struct doomed *doomed)
{
	struct key key = key_run(&doomed->run);
	MDB_val at = val_of(key_slice(&key));
	MDB_val value;

	return doomed->table == TABLES &&
	       mdb_get(txn, store->env.tables[TABLE_RUNS], &at, &value) ==
		   MDB_NOTFOUND;
}

static void forget_gone(struct store *store, MDB_txn *txn)
{
	struct doomed *doomed;
	struct doomed *next;

	/* They are swept in this order. */
	HASH_ITER(by_run, store->doomed, doomed, next)
	{
		if (!is_gone(store, txn, doomed)) {
			break;
		}
		forget(store, doomed);
	}
}

void doomed_forget(struct store *store)
{
	MDB_txn *txn;

	if (store->doomed && env_read(&store->env, &txn, NULL) == 0) {
		forget_gone(store, txn);
		mdb_txn_abort(txn);
	}
}

int store_sweep(struct store *store, size_t rows, struct err *reterr)
{
	MDB_txn *txn;
	int rc = env_read(&store->env, &txn, reterr);

	if (rc) {
		return rc;
	}
	forget_gone(store, txn);
	for (struct doomed *doomed = store->doomed; doomed && rows && rc == 0;
	     doomed = doomed->by_run.next) {
		rc = sweep_run(store, txn, doomed, &rows);
	}
	mdb_txn_abort(txn);
	return failed(store, rc, reterr);
}

/* ---- what ended when ---- */

static int ended_decode(struct slice key, struct store_ended *ret_ended)
{
	if (key.len != 1 + 8 + ID_SIZE ||
	    (unsigned char)key.ptr[0] >= GROUP_STATES) {
		return E_CORRUPT;
	}
	ret_ended->state = (enum group_state)(unsigned char)key.ptr[0];
	ret_ended->ended_us = (int64_t)read_u64(key.ptr + 1);
	return key_last_id(key, &ret_ended->run);
}

static int collect_ended(struct store *store, MDB_cursor *cursor,
			 struct slice prefix, int64_t until_us,
			 struct store_ended *ret_ended, size_t max,
			 size_t *ret_count)
{
	struct store_ended ended;
	MDB_val key = val_of(prefix);
	size_t count = 0;
	int rc = mdb_cursor_get(cursor, &key, NULL, MDB_SET_RANGE);

	while (rc == 0 && count < max &&
	       slice_starts_with(slice_of_val(&key), prefix)) {
		rc = ended_decode(slice_of_val(&key), &ended);
		if (rc || ended.ended_us > until_us) {
			break;
		}
		if (!doomed_has(store, &ended.run)) {
			ret_ended[count++] = ended;
		}
		rc = mdb_cursor_get(cursor, &key, NULL, MDB_NEXT);
	}
	*ret_count = count;
	return rc == MDB_NOTFOUND ? 0 : rc;
}

int store_ended_until(struct store *store, enum group_state state,
		      int64_t until_us, struct store_ended *ret_ended,
		      size_t max, struct err *reterr)
{
	char prefix = (char)state;
	size_t count = 0;
	MDB_cursor *cursor;
	MDB_txn *txn;
	int rc = env_read(&store->env, &txn, reterr);

	if (rc) {
		return rc;
	}
	rc = mdb_cursor_open(txn, store->env.tables[TABLE_IX_ENDED], &cursor);
	if (rc == 0) {
		rc = collect_ended(store, cursor, (struct slice){ &prefix, 1 },
				   until_us, ret_ended, max, &count);
		mdb_cursor_close(cursor);
	}
	mdb_txn_abort(txn);
	if (rc == E_CORRUPT) {
		return err_set(reterr, rc, "store: ix_ended is damaged");
	}
	return rc ? failed(store, rc, reterr) : (int)count;
}

void store_drop_ended(struct store *store, const struct store_ended *ended)
{
	struct key key = key_ended(ended->state, ended->ended_us, &ended->run);

	batch_delete(&store->batch, TABLE_IX_ENDED, &key);
}
