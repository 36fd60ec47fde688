/*
 * Keys and values copied out of a snapshot, so that it can end before anything
 * is decoded: records that are decoded from rows point into their bytes.
 * A zeroed struct is empty. One thread.
 */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include "base/buf.h"
#include "store/env.h"

struct row {
	size_t offset; /* of the key in bytes; the value follows */
	size_t key_len;
	size_t value_len;
};

struct rows {
	struct row *rows;
	size_t len;
	size_t cap;
	struct buf bytes;
};

void rows_fini(struct rows *rows);
void rows_add(struct rows *rows, const MDB_val *key, const MDB_val *value);

/* Valid until the next row is added. */
struct slice rows_key(const struct rows *rows, size_t index);
struct slice rows_value(const struct rows *rows, size_t index);

/* The bytes, to be freed by the caller; slices of them stay valid. */
char *rows_take(struct rows *rows);

/* One key's row, or all whose key starts with `prefix`, ascending; none of a
 * table that is not there. LMDB's code; rows_get() gives MDB_NOTFOUND. */
int rows_get(struct rows *rows, struct env *env, MDB_txn *txn, enum table table,
	     struct slice key);
int rows_scan(struct rows *rows, struct env *env, MDB_txn *txn,
	      enum table table, struct slice prefix);

/* The same for a part of those: from `begin` on, and below `end` unless that is
 * empty. */
struct row_range {
	struct slice prefix;
	struct slice begin;
	struct slice end;
};

int rows_scan_range(struct rows *rows, struct env *env, MDB_txn *txn,
		    enum table table, const struct row_range *range);

/* A slice for LMDB to read, and what LMDB gave as a slice. */
MDB_val val_of(struct slice bytes);
struct slice slice_of_val(const MDB_val *val);

#endif
