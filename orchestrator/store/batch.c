#include "store/batch.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "store/batch_order.h"
#include "store/codec.h"

/* A batch larger than this gives its memory back once it is committed. */
#define KEEP_BYTES (4u * 1024 * 1024)

void batch_fini(struct batch *batch)
{
	free(batch->operations);
	buf_fini(&batch->bytes);
	*batch = (struct batch){ 0 };
}

void batch_clear(struct batch *batch)
{
	if (batch->bytes.cap > KEEP_BYTES) {
		batch_fini(batch);
	}
	batch->len = 0;
	buf_clear(&batch->bytes);
}

static void add(struct batch *batch, enum operation_kind kind, enum table table,
		struct slice key, struct slice value)
{
	alloc_grow(batch->operations, batch->len, batch->cap);
	batch->operations[batch->len++] = (struct operation){
		.kind = kind,
		.table = table,
		.offset = batch->bytes.len,
		.key_len = key.len,
		.value_len = value.len,
	};
	buf_put_slice(&batch->bytes, key);
	buf_put_slice(&batch->bytes, value);
}

void batch_put(struct batch *batch, enum table table, const struct key *key,
	       struct slice value)
{
	add(batch, OPERATION_PUT, table, key_slice(key), value);
}

void batch_append(struct batch *batch, enum table table, const struct key *key,
		  struct slice value)
{
	add(batch, OPERATION_APPEND, table, key_slice(key), value);
}

void batch_delete(struct batch *batch, enum table table, const struct key *key)
{
	add(batch, OPERATION_DELETE, table, key_slice(key),
	    (struct slice){ 0 });
}

void batch_clear_table(struct batch *batch, enum table table)
{
	add(batch, OPERATION_CLEAR, table, (struct slice){ 0 },
	    (struct slice){ 0 });
}

void batch_unend(struct batch *batch, const struct key *run)
{
	add(batch, OPERATION_UNEND, TABLE_RUNS, key_slice(run),
	    (struct slice){ 0 });
}

/* ---- applying ---- */

/* One transaction's cursors, each opened when it is first needed. */
struct applying {
	const struct batch *batch;
	MDB_txn *txn;
	const MDB_dbi *tables;
	MDB_cursor *cursors[TABLES];
};

static int cursor_of(struct applying *applying, enum table table,
		     MDB_cursor **ret_cursor)
{
	int rc = 0;

	if (!applying->cursors[table]) {
		rc = mdb_cursor_open(applying->txn, applying->tables[table],
				     &applying->cursors[table]);
	}
	*ret_cursor = applying->cursors[table];
	return rc;
}

/* A cursor that is in the right page already need not come down to it. */
static int put(struct applying *applying, const struct operation *operation,
	       MDB_val *key, MDB_val *value)
{
	MDB_cursor *cursor;
	int rc = cursor_of(applying, operation->table, &cursor);

	if (rc == 0 && operation->kind == OPERATION_APPEND) {
		rc = mdb_cursor_put(cursor, key, value, MDB_APPEND);
		if (rc != MDB_KEYEXIST) {
			return rc;
		}
		rc = 0;
	}
	return rc ? rc : mdb_cursor_put(cursor, key, value, 0);
}

/* A record that cannot be read has no entry that could be known. */
static int unend(MDB_txn *txn, const MDB_dbi tables[TABLES], MDB_val *at)
{
	struct run_record run;
	struct id id;
	MDB_val value;
	int rc = mdb_get(txn, tables[TABLE_RUNS], at, &value);

	if (rc) {
		return rc == MDB_NOTFOUND ? 0 : rc;
	}
	if (key_last_id((struct slice){ at->mv_data, at->mv_size }, &id) ||
	    run_decode((struct slice){ value.mv_data, value.mv_size }, &id,
		       &run)) {
		return 0;
	}
	struct key ended = key_ended(run.state, run.ended_us, &id);
	MDB_val key = { .mv_data = ended.bytes, .mv_size = ended.len };

	rc = mdb_del(txn, tables[TABLE_IX_ENDED], &key, NULL);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

static int apply(struct applying *applying, const struct operation *operation)
{
	MDB_txn *txn = applying->txn;
	MDB_dbi dbi = applying->tables[operation->table];
	/* A batch of nothing but OPERATION_CLEAR has no bytes. */
	char *bytes = applying->batch->bytes.len
			  ? applying->batch->bytes.data + operation->offset
			  : NULL;
	MDB_val key = {
		.mv_data = bytes,
		.mv_size = operation->key_len,
	};
	MDB_val value = {
		.mv_data = bytes ? bytes + operation->key_len : NULL,
		.mv_size = operation->value_len,
	};
	int rc;

	switch (operation->kind) {
	case OPERATION_PUT:
	case OPERATION_APPEND:
		return put(applying, operation, &key, &value);
	case OPERATION_DELETE:
		rc = mdb_del(txn, dbi, &key, NULL);
		return rc == MDB_NOTFOUND ? 0 : rc;
	case OPERATION_CLEAR:
		return mdb_drop(txn, dbi, 0);
	case OPERATION_UNEND:
		return unend(txn, applying->tables, &key);
	}
	return MDB_BAD_TXN;
}

/* They look at, or change, more than one key: what was asked for before them is
 * done before, what was asked for after them after. */
static bool stands_apart(const struct operation *operation)
{
	return operation->kind == OPERATION_CLEAR ||
	       operation->kind == OPERATION_UNEND;
}

static bool same_key(const struct batch *batch, size_t a, size_t b)
{
	return batch_compare(batch, &batch->operations[a],
			     &batch->operations[b]) == 0;
}

/* Of several operations on one key only the last one counts. */
static int apply_part(struct applying *applying, size_t begin, size_t end)
{
	const struct batch *batch = applying->batch;
	size_t len = end - begin;
	size_t *order;
	int rc = 0;

	batch_order(batch, begin, end, &order);
	for (size_t i = 0; rc == 0 && i < len; i++) {
		if (i + 1 < len && same_key(batch, order[i], order[i + 1])) {
			continue;
		}
		rc = apply(applying, &batch->operations[order[i]]);
	}
	free(order);
	return rc;
}

static void close_cursors(struct applying *applying)
{
	for (int i = 0; i < TABLES; i++) {
		if (applying->cursors[i]) {
			mdb_cursor_close(applying->cursors[i]);
			applying->cursors[i] = NULL;
		}
	}
}

int batch_apply(const struct batch *batch, MDB_txn *txn,
		const MDB_dbi tables[TABLES])
{
	struct applying applying = {
		.batch = batch,
		.txn = txn,
		.tables = tables,
	};
	size_t begin = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < batch->len; i++) {
		if (!stands_apart(&batch->operations[i])) {
			continue;
		}
		rc = apply_part(&applying, begin, i);
		/* Cursors may not be in a page that is dropped. */
		close_cursors(&applying);
		if (rc == 0) {
			rc = apply(&applying, &batch->operations[i]);
		}
		begin = i + 1;
	}
	if (rc == 0) {
		rc = apply_part(&applying, begin, batch->len);
	}
	close_cursors(&applying);
	return rc;
}
