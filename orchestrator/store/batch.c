#include "store/batch.h"

#include <stdlib.h>

#include "base/alloc.h"
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

static int append(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *value)
{
	int rc = mdb_put(txn, dbi, key, value, MDB_APPEND);

	return rc == MDB_KEYEXIST ? mdb_put(txn, dbi, key, value, 0) : rc;
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

static int apply(const struct operation *operation, char *bytes, MDB_txn *txn,
		 const MDB_dbi tables[TABLES])
{
	MDB_dbi dbi = tables[operation->table];
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
		return mdb_put(txn, dbi, &key, &value, 0);
	case OPERATION_APPEND:
		return append(txn, dbi, &key, &value);
	case OPERATION_DELETE:
		rc = mdb_del(txn, dbi, &key, NULL);
		return rc == MDB_NOTFOUND ? 0 : rc;
	case OPERATION_CLEAR:
		return mdb_drop(txn, dbi, 0);
	case OPERATION_UNEND:
		return unend(txn, tables, &key);
	}
	return MDB_BAD_TXN;
}

int batch_apply(const struct batch *batch, MDB_txn *txn,
		const MDB_dbi tables[TABLES])
{
	for (size_t i = 0; i < batch->len; i++) {
		const struct operation *operation = &batch->operations[i];
		/* A batch of nothing but OPERATION_CLEAR has no bytes. */
		char *bytes = batch->bytes.len
				  ? batch->bytes.data + operation->offset
				  : NULL;
		int rc = apply(operation, bytes, txn, tables);

		if (rc) {
			return rc;
		}
	}
	return 0;
}
