#include "store/migrate.h"

#include "store/codec.h"
#include "store/rows.h"
#include "store/store.h"

/* A record that cannot be read is left to `store check`. */
static int index_ended(struct env *env, MDB_txn *txn, const MDB_val *key,
		       const MDB_val *value)
{
	struct run_record run;
	struct id id;

	if (key_last_id(slice_of_val(key), &id) ||
	    run_decode(slice_of_val(value), &id, &run) ||
	    !group_state_final(run.state)) {
		return 0;
	}
	struct key ended = key_ended(run.state, run.ended_us, &id);
	MDB_val at = val_of(key_slice(&ended));
	MDB_val nothing = { 0 };

	return mdb_put(txn, env->tables[TABLE_IX_ENDED], &at, &nothing, 0);
}

/* Schema 3 has ix_ended. What else came with it, and all that came later, are
 * tables that begin empty, and forms of records. */
static int index_all_ended(struct env *env, MDB_txn *txn)
{
	MDB_cursor *cursor;
	MDB_val key;
	MDB_val value;
	int rc = mdb_cursor_open(txn, env->tables[TABLE_RUNS], &cursor);

	if (rc) {
		return rc;
	}
	rc = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
	while (rc == 0) {
		rc = index_ended(env, txn, &key, &value);
		if (rc == 0) {
			rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
		}
	}
	mdb_cursor_close(cursor);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

/* Records are written in their newest form, so older programs must be warned
 * off; what is there is read in the form it has. */
int migrate(struct env *env, MDB_txn *txn, uint64_t schema)
{
	int rc = schema < 3 ? index_all_ended(env, txn) : 0;

	return rc == 0 && schema < STORE_SCHEMA
		   ? env_put_meta(env, txn, "schema", STORE_SCHEMA)
		   : rc;
}
