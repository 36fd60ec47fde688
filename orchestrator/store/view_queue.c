#include <string.h>

#include "store/codec.h"
#include "store/handle.h"
#include "store/read.h"
#include "store/record.h"

/* ---- walking a table ---- */

/* What to do with each row; the cursor stays in one snapshot, so that nothing
 * is copied: a queue can hold more messages than memory. */
struct walk {
	struct view *view;
	MDB_txn *txn;
	enum table table;
	struct slice prefix;
	int (*row)(struct walk *walk, struct slice key, struct slice value);
	int (*each_queue)(void *arg, const struct queue_record *queue);
	int (*each_message)(void *arg, const struct message_record *message);
	void *arg;
	struct err *reterr;
	struct id run; /* the last one looked at, and whether it is deleted */
	bool looked;
	bool gone;
};

static int walk_rows(struct walk *walk, MDB_cursor *cursor, int *ret_said)
{
	MDB_val key = val_of(walk->prefix);
	MDB_val value;
	int rc = mdb_cursor_get(cursor, &key, &value,
				walk->prefix.len ? MDB_SET_RANGE : MDB_FIRST);

	while (rc == 0 && slice_starts_with(slice_of_val(&key), walk->prefix)) {
		*ret_said =
		    walk->row(walk, slice_of_val(&key), slice_of_val(&value));
		if (*ret_said) {
			return 0;
		}
		rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
	}
	return rc == MDB_NOTFOUND ? 0 : rc;
}

static int walk_table(struct walk *walk)
{
	struct env *env = walk->view->env;
	MDB_cursor *cursor;
	int said = 0;
	int rc = env_read(env, &walk->txn, walk->reterr);

	if (rc) {
		return rc;
	}
	if (env->tables[walk->table] != NO_TABLE) {
		rc = mdb_cursor_open(walk->txn, env->tables[walk->table],
				     &cursor);
		if (rc == 0) {
			rc = walk_rows(walk, cursor, &said);
			mdb_cursor_close(cursor);
		}
	}
	mdb_txn_abort(walk->txn);
	return rc ? read_failed(rc, walk->reterr, table_name(walk->table))
		  : said;
}

/* ---- queues ---- */

static int queue_row(struct walk *walk, struct slice key, struct slice value)
{
	struct queue_record queue;

	if (queue_decode(value, key, &queue)) {
		return err_set(walk->reterr, E_CORRUPT,
			       "store: queues/%.*s is damaged", SLICE_ARG(key));
	}
	return walk->each_queue(walk->arg, &queue);
}

int view_each_queue(struct view *view,
		    int (*each)(void *arg, const struct queue_record *queue),
		    void *arg, struct err *reterr)
{
	struct walk walk = {
		.view = view,
		.table = TABLE_QUEUES,
		.row = queue_row,
		.each_queue = each,
		.arg = arg,
		.reterr = reterr,
	};

	return walk_table(&walk);
}

/* ---- messages ---- */

/* Messages of a run that is deleted are there until they are swept away. */
static bool is_doomed(const struct walk *walk, const struct id *run)
{
	const struct view *view = walk->view;
	struct key key = key_run(run);
	MDB_val at = val_of(key_slice(&key));
	MDB_val value;

	if (view->store) {
		return doomed_has(view->store, run);
	}
	return mdb_get(walk->txn, view->env->tables[TABLE_DOOMED], &at,
		       &value) == 0;
}

static bool is_gone(struct walk *walk, const struct id *run)
{
	if (!walk->looked || !id_equal(&walk->run, run)) {
		walk->run = *run;
		walk->gone = is_doomed(walk, run);
		walk->looked = true;
	}
	return walk->gone;
}

static int message_damaged(struct slice key, struct err *reterr)
{
	char text[ID_TEXT_SIZE] = "a key that is none";
	struct id run;
	uint32_t task = 0;

	if (key.len == ID_SIZE + 4) {
		memcpy(run.bytes, key.ptr, ID_SIZE);
		id_format(&run, text);
		task = read_u32(key.ptr + ID_SIZE);
	}
	return err_set(reterr, E_CORRUPT, "store: messages/%s/%u is damaged",
		       text, (unsigned)task);
}

static int message_row(struct walk *walk, struct slice key, struct slice value)
{
	struct message_record message;
	struct id run;

	if (key.len != ID_SIZE + 4) {
		return message_damaged(key, walk->reterr);
	}
	memcpy(run.bytes, key.ptr, ID_SIZE);
	if (is_gone(walk, &run)) {
		return 0;
	}
	if (message_decode(value, &run, read_u32(key.ptr + ID_SIZE),
			   &message)) {
		return message_damaged(key, walk->reterr);
	}
	return walk->each_message(walk->arg, &message);
}

int view_each_message(struct view *view, const struct id *run,
		      int (*each)(void *arg,
				  const struct message_record *message),
		      void *arg, struct err *reterr)
{
	struct key prefix = { .len = 0 };
	struct walk walk = {
		.view = view,
		.table = TABLE_MESSAGES,
		.row = message_row,
		.each_message = each,
		.arg = arg,
		.reterr = reterr,
	};

	if (run) {
		prefix = key_run(run);
	}
	walk.prefix = key_slice(&prefix);
	return walk_table(&walk);
}

/* ---- parts ---- */

static int part_failed(int code, const struct id *run,
		       const unsigned char hash[DEFINITION_HASH_SIZE],
		       struct err *reterr)
{
	char version[DEFINITION_VERSION_SIZE];
	char text[ID_TEXT_SIZE];

	id_format(run, text);
	definition_version(hash, version);
	if (code == MDB_NOTFOUND) {
		return err_set(reterr, E_NOT_FOUND,
			       "store: there is no parts/%s/%s", text, version);
	}
	return err_set(reterr, code, "store: parts/%s/%s is damaged", text,
		       version);
}

/* A format byte and the document, as store_put_part() has made it. */
static struct blob *take_part(const MDB_val *value)
{
	struct slice bytes = slice_of_val(value);

	if (bytes.len == 0 || bytes.ptr[0] != RECORD_FORMAT) {
		return NULL;
	}
	return blob_make((struct slice){ bytes.ptr + 1, bytes.len - 1 });
}

static int get_part(const struct view *view, MDB_txn *txn, struct slice key,
		    struct blob **ret_part)
{
	MDB_val at = val_of(key);
	MDB_val value;

	if (view->env->tables[TABLE_PARTS] == NO_TABLE) {
		return MDB_NOTFOUND;
	}
	int rc = mdb_get(txn, view->env->tables[TABLE_PARTS], &at, &value);

	if (rc) {
		return rc;
	}
	struct blob *part = take_part(&value);

	if (!part) {
		return E_CORRUPT;
	}
	*ret_part = part;
	return 0;
}

int view_part(struct view *view, const struct id *run,
	      const unsigned char hash[DEFINITION_HASH_SIZE],
	      struct blob **ret_part, struct err *reterr)
{
	struct key key = key_part(run, hash);
	MDB_txn *txn;
	int rc = env_read(view->env, &txn, reterr);

	if (rc) {
		return rc;
	}
	rc = get_part(view, txn, key_slice(&key), ret_part);
	mdb_txn_abort(txn);
	if (rc == MDB_NOTFOUND || rc == E_CORRUPT) {
		return part_failed(rc, run, hash, reterr);
	}
	return read_failed(rc, reterr, table_name(TABLE_PARTS));
}
