#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/codec.h"
#include "store/handle.h"
#include "store/history_row.h"
#include "store/read.h"
#include "store/rows.h"
#include "store/upkeep.h"

/* So much is gathered before it is written. */
#define PIECE (4u * 1024 * 1024)

struct exporting {
	struct env *env;
	MDB_txn *txn;
	struct store *to;
	uint64_t last; /* sequence of its history */
};

static void note_sequence(struct exporting *work, struct slice key,
			  struct slice value)
{
	struct transition_record transition;
	struct history_row row;
	uint64_t sequence;

	if (!key_sequence(key, &sequence) ||
	    history_row_read(value, sequence, &row)) {
		return;
	}
	while (history_row_next(&row, &transition) > 0) {
		work->last = transition.sequence > work->last
				 ? transition.sequence
				 : work->last;
	}
}

/* A message brings its queue along. What cannot be read does not. */
static void put_queue(struct exporting *work, struct slice key,
		      struct slice value)
{
	struct message_record message;
	struct rows rows = { 0 };
	struct id run;

	if (key.len < ID_SIZE) {
		return;
	}
	memcpy(run.bytes, key.ptr, ID_SIZE);
	if (message_decode(value, &run, 0, &message) == 0 &&
	    rows_get(&rows, work->env, work->txn, TABLE_QUEUES,
		     message.queue) == 0) {
		store_put_row(work->to, TABLE_QUEUES, rows_key(&rows, 0),
			      rows_value(&rows, 0));
	}
	rows_fini(&rows);
}

static void put_row(struct exporting *work, enum table table, struct slice key,
		    struct slice value)
{
	store_put_row(work->to, table, key, value);
	if (table == TABLE_TREE || table == TABLE_OLD_HISTORY) {
		note_sequence(work, key, value);
	} else if (table == TABLE_MESSAGES) {
		put_queue(work, key, value);
	}
}

static int put_rows(struct exporting *work, enum table table,
		    MDB_cursor *cursor, struct slice prefix, struct err *reterr)
{
	MDB_val key = val_of(prefix);
	MDB_val value;
	int rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);

	while (rc == 0 && slice_starts_with(slice_of_val(&key), prefix)) {
		put_row(work, table, slice_of_val(&key), slice_of_val(&value));
		if (work->to->batch.bytes.len > PIECE) {
			rc = store_commit(work->to, reterr);
		}
		if (rc == 0) {
			rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
		}
	}
	return rc == MDB_NOTFOUND ? 0 : rc;
}

static int copy_rows(struct exporting *work, enum table table,
		     struct slice prefix, struct err *reterr)
{
	MDB_cursor *cursor;

	if (work->env->tables[table] == NO_TABLE) {
		return 0;
	}
	int rc = mdb_cursor_open(work->txn, work->env->tables[table], &cursor);

	if (rc == 0) {
		rc = put_rows(work, table, cursor, prefix, reterr);
		mdb_cursor_close(cursor);
	}
	return rc ? read_failed(rc, reterr, table_name(table)) : 0;
}

static int copy_run(struct exporting *work, const struct run_record *run,
		    struct err *reterr)
{
	struct key key = key_run(&run->id);
	struct slice version = {
		.ptr = (const char *)run->version,
		.len = DEFINITION_HASH_SIZE,
	};
	static const enum table of_runs[] = {
		TABLE_TREE,
		TABLE_OLD_HISTORY,
		TABLE_MESSAGES,
		TABLE_PARTS,
	};
	int rc = copy_rows(work, TABLE_DEFINITIONS, version, reterr);

	for (size_t i = 0; i < sizeof(of_runs) / sizeof(*of_runs) && rc == 0;
	     i++) {
		rc = copy_rows(work, of_runs[i], key_slice(&key), reterr);
	}
	if (rc == 0) {
		store_put_run(work->to, run, -1);
		work->to->next_sequence = work->last + 1;
		rc = store_commit(work->to, reterr);
	}
	return rc;
}

/* Its record; the texts are in `rows`. */
static int find_run(struct exporting *work, const struct id *id,
		    struct rows *rows, struct run_record *ret_run,
		    struct err *reterr)
{
	struct key key = key_run(id);
	char text[ID_TEXT_SIZE];
	int rc =
	    rows_get(rows, work->env, work->txn, TABLE_RUNS, key_slice(&key));

	id_format(id, text);
	if (rc == MDB_NOTFOUND) {
		return err_set(reterr, E_NOT_FOUND, "no run %s", text);
	}
	if (rc == 0) {
		rc = run_decode(rows_value(rows, 0), id, ret_run);
	}
	return rc ? read_failed(rc, reterr, text) : 0;
}

static int write_file(struct exporting *work, const struct run_record *run,
		      const char *draft, struct err *reterr)
{
	int rc = store_make_file(draft, &work->to, reterr);

	if (rc == 0) {
		rc = copy_run(work, run, reterr);
		store_close(work->to);
	}
	return rc;
}

static int export_snapshot(struct exporting *work, const struct id *id,
			   const char *path, enum file_replace replace,
			   struct err *reterr)
{
	struct rows rows = { 0 };
	struct run_record run;
	char *draft;
	int rc = find_run(work, id, &rows, &run, reterr);

	if (rc == 0) {
		rc = file_begin(path, &draft, NULL, reterr);
	}
	if (rc == 0) {
		rc = write_file(work, &run, draft, reterr);
		if (rc == 0) {
			rc = file_finish(draft, path, replace, reterr);
		} else {
			(void)unlink(draft);
		}
		free(draft);
	}
	rows_fini(&rows);
	return rc;
}

int view_export(struct view *view, const struct id *run, const char *path,
		enum file_replace replace, struct err *reterr)
{
	struct exporting work = { .env = view->env };

	if (replace == FILE_KEEP && access(path, F_OK) == 0) {
		return err_set(reterr, E_CONFLICT, "%s is there already", path);
	}
	int rc = env_read(view->env, &work.txn, reterr);

	if (rc == 0) {
		rc = export_snapshot(&work, run, path, replace, reterr);
		mdb_txn_abort(work.txn);
	}
	return rc;
}
