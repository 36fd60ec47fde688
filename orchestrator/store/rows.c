#include "store/rows.h"

#include <stdlib.h>

#include "base/alloc.h"

void rows_fini(struct rows *rows)
{
	free(rows->rows);
	buf_fini(&rows->bytes);
	*rows = (struct rows){ 0 };
}

void rows_add(struct rows *rows, const MDB_val *key, const MDB_val *value)
{
	alloc_grow(rows->rows, rows->len, rows->cap);
	rows->rows[rows->len++] = (struct row){
		.offset = rows->bytes.len,
		.key_len = key->mv_size,
		.value_len = value->mv_size,
	};
	buf_put(&rows->bytes, key->mv_data, key->mv_size);
	buf_put(&rows->bytes, value->mv_data, value->mv_size);
}

struct slice rows_key(const struct rows *rows, size_t index)
{
	const struct row *row = &rows->rows[index];

	return (struct slice){ rows->bytes.data + row->offset, row->key_len };
}

struct slice rows_value(const struct rows *rows, size_t index)
{
	const struct row *row = &rows->rows[index];

	return (struct slice){
		.ptr = rows->bytes.data + row->offset + row->key_len,
		.len = row->value_len,
	};
}

char *rows_take(struct rows *rows)
{
	char *bytes = rows->bytes.data;

	rows->bytes = (struct buf){ 0 };
	rows_fini(rows);
	return bytes;
}

/* LMDB's keys are not const, though it only reads them. */
MDB_val val_of(struct slice bytes)
{
	union {
		const char *given;
		void *wanted;
	} pointer = { .given = bytes.ptr };

	return (MDB_val){ .mv_size = bytes.len, .mv_data = pointer.wanted };
}

struct slice slice_of_val(const MDB_val *val)
{
	return (struct slice){ val->mv_data, val->mv_size };
}

int rows_get(struct rows *rows, struct env *env, MDB_txn *txn, enum table table,
	     struct slice key)
{
	MDB_val at = val_of(key);
	MDB_val value;
	int rc = mdb_get(txn, env->tables[table], &at, &value);

	if (rc == 0) {
		rows_add(rows, &at, &value);
	}
	return rc;
}

static bool is_in(const struct row_range *range, struct slice key)
{
	return slice_starts_with(key, range->prefix) &&
	       (range->end.len == 0 || slice_compare(key, range->end) < 0);
}

int rows_scan_range(struct rows *rows, struct env *env, MDB_txn *txn,
		    enum table table, const struct row_range *range)
{
	MDB_cursor *cursor;
	MDB_val key = val_of(range->begin);
	MDB_val value;

	if (env->tables[table] == NO_TABLE) {
		return 0;
	}
	int rc = mdb_cursor_open(txn, env->tables[table], &cursor);

	if (rc) {
		return rc;
	}
	rc = mdb_cursor_get(cursor, &key, &value,
			    range->begin.len ? MDB_SET_RANGE : MDB_FIRST);
	while (rc == 0 && is_in(range, slice_of_val(&key))) {
		rows_add(rows, &key, &value);
		rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
	}
	mdb_cursor_close(cursor);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

int rows_scan(struct rows *rows, struct env *env, MDB_txn *txn,
	      enum table table, struct slice prefix)
{
	const struct row_range range = { .prefix = prefix, .begin = prefix };

	return rows_scan_range(rows, env, txn, table, &range);
}
