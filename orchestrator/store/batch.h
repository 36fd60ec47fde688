/*
 * What one commit will do: operations in the order they were asked for, with
 * copies of their keys and values; they are applied in the order of their keys,
 * which comes to the same. A batch can be applied any number of times;
 * applying it twice gives what applying it once gives. One thread.
 */
#ifndef STORE_BATCH_H
#define STORE_BATCH_H

#include <lmdb.h>

#include "base/buf.h"
#include "store/schema.h"

enum operation_kind {
	OPERATION_PUT,
	OPERATION_APPEND, /* a put whose key likely is the table's last */
	OPERATION_DELETE, /* fine when it is not there */
	OPERATION_CLEAR,  /* the whole table */
	OPERATION_UNEND,  /* a run leaves ix_ended, as its record has it */
};

struct operation {
	enum operation_kind kind;
	enum table table;
	size_t offset; /* in bytes: the key, then the value */
	size_t key_len;
	size_t value_len;
};

/* A zeroed struct is an empty batch. */
struct batch {
	struct operation *operations;
	size_t len;
	size_t cap;
	struct buf bytes;
};

void batch_fini(struct batch *batch);
void batch_clear(struct batch *batch);

void batch_put(struct batch *batch, enum table table, const struct key *key,
	       struct slice value);
void batch_append(struct batch *batch, enum table table, const struct key *key,
		  struct slice value);
void batch_delete(struct batch *batch, enum table table, const struct key *key);
/* `run` is the key of its record as it is before the batch changes it. */
void batch_unend(struct batch *batch, const struct key *run);
void batch_clear_table(struct batch *batch, enum table table);

/* All of it in an open transaction; 0 or LMDB's code, then abort. */
int batch_apply(const struct batch *batch, MDB_txn *txn,
		const MDB_dbi tables[TABLES]);

#endif
