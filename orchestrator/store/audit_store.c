#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "store/audit.h"
#include "store/audit_queue.h"
#include "store/codec.h"
#include "store/handle.h"
#include "store/history_row.h"
#include "store/history_scan.h"
#include "store/pages.h"
#include "store/read.h"
#include "store/rows.h"

/* History beyond this is not looked at for sequences that occur twice: a bit
 * for each is kept. */
#define SEQUENCES_MAX (UINT64_C(1) << 33)

/* The walk through one snapshot. */
struct walk {
	struct audit *audit;
	struct view *view;
	struct env *env;
	MDB_txn *txn;
	uint64_t sequence;   /* the last one given */
	unsigned char *seen; /* bits by sequence */
};

bool audit_pages(struct audit *audit, const char *path)
{
	struct err err = { 0 };
	int rc = pages_check(path, UINT64_MAX, &err);

	if (rc) {
		audit_say(audit, NULL, "%s", err.msg);
	}
	return rc == 0;
}

/* ---- tables ---- */

typedef void (*row_checker)(struct walk *walk, struct slice key,
			    struct slice value);

/* Keys rise; a damaged tree can lead in circles. */
static int check_rows(struct walk *walk, enum table table, MDB_cursor *cursor,
		      row_checker check_row)
{
	struct key last = { .len = 0 };
	MDB_val key;
	MDB_val value;
	int rc = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);

	while (rc == 0) {
		struct slice at = slice_of_val(&key);

		if (at.len == 0 || at.len > KEY_SIZE ||
		    (last.len && slice_compare(key_slice(&last), at) >= 0)) {
			audit_say(walk->audit, NULL,
				  "%s: its keys are out of order",
				  table_name(table));
			return 0;
		}
		last = key_text(at);
		check_row(walk, at, slice_of_val(&value));
		rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
	}
	return rc == MDB_NOTFOUND ? 0 : rc;
}

static int check_table(struct walk *walk, enum table table,
		       row_checker check_row)
{
	MDB_cursor *cursor;

	if (walk->env->tables[table] == NO_TABLE) {
		return 0;
	}
	int rc = mdb_cursor_open(walk->txn, walk->env->tables[table], &cursor);

	if (rc == 0) {
		rc = check_rows(walk, table, cursor, check_row);
		mdb_cursor_close(cursor);
	}
	return rc;
}

/* ---- what points to what ---- */

static bool get(struct walk *walk, enum table table, struct slice key,
		struct slice *ret_value)
{
	MDB_val at = val_of(key);
	MDB_val value;

	if (walk->env->tables[table] == NO_TABLE ||
	    mdb_get(walk->txn, walk->env->tables[table], &at, &value)) {
		return false;
	}
	*ret_value = slice_of_val(&value);
	return true;
}

static bool has(struct walk *walk, enum table table, const struct key *key)
{
	struct slice value;

	return get(walk, table, key_slice(key), &value);
}

/* False when there is none, or none that can be read. */
static bool get_run(struct walk *walk, const struct id *id,
		    struct run_record *ret_run)
{
	struct key key = key_run(id);
	struct slice value;

	return get(walk, TABLE_RUNS, key_slice(&key), &value) &&
	       run_decode(value, id, ret_run) == 0;
}

static bool names_fit(const struct run_record *run)
{
	return name_valid(run->tenant) && name_valid(run->workflow) &&
	       run->uid.len <= LIMIT_UID;
}

/* The segment that speaks for the run must have it. */
static void check_tail(struct walk *walk, const struct id *id)
{
	struct key wanted = key_run(id);
	MDB_val key = val_of(key_slice(&wanted));
	MDB_val value;
	MDB_cursor *cursor;
	struct segment segment;

	if (walk->env->tables[TABLE_TAILS] == NO_TABLE ||
	    mdb_cursor_open(walk->txn, walk->env->tables[TABLE_TAILS],
			    &cursor)) {
		return;
	}
	if (mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE) == 0 &&
	    segment_decode(slice_of_val(&key), slice_of_val(&value),
			   &segment) == 0 &&
	    id_compare(&segment.first, id) <= 0 &&
	    !segment_has(&segment, id, id)) {
		audit_say(walk->audit, id, "is not in tails");
	}
	mdb_cursor_close(cursor);
}

static void check_uid_entry(struct walk *walk, const struct run_record *run)
{
	struct key key = key_uid(run->uid, run->tenant, run->workflow);
	struct slice value;
	struct id id;

	if (run->uid.len == 0) {
		return;
	}
	if (!get(walk, TABLE_IX_UID, key_slice(&key), &value)) {
		audit_say(walk->audit, &run->id, "is not in ix_uid");
	} else if (uid_decode(value, &id) || !id_equal(&id, &run->id)) {
		audit_say(walk->audit, &run->id,
			  "its entry in ix_uid leads elsewhere");
	}
}

static void check_entries(struct walk *walk, const struct run_record *run)
{
	struct key state = key_state(run->state, &run->id);
	struct key flow = key_flow(run->tenant, run->workflow, &run->id);
	struct key ended = key_ended(run->state, run->ended_us, &run->id);

	if (!has(walk, TABLE_IX_STATE, &state)) {
		audit_say(walk->audit, &run->id, "is not in ix_state as %s",
			  group_state_name(run->state));
	}
	if (!has(walk, TABLE_IX_FLOW, &flow)) {
		audit_say(walk->audit, &run->id, "is not in ix_flow");
	}
	if (group_state_final(run->state) &&
	    walk->env->tables[TABLE_IX_ENDED] != NO_TABLE &&
	    !has(walk, TABLE_IX_ENDED, &ended)) {
		audit_say(walk->audit, &run->id, "is not in ix_ended");
	}
	check_uid_entry(walk, run);
	check_tail(walk, &run->id);
}

/* ---- history ---- */

static void check_sequence(struct walk *walk, const struct id *run,
			   uint64_t sequence)
{
	if (sequence == 0 || sequence > walk->sequence) {
		audit_say(walk->audit, run,
			  "history: transition %" PRIu64
			  " is beyond the last one given, %" PRIu64,
			  sequence, walk->sequence);
		return;
	}
	if (!walk->seen || sequence >= SEQUENCES_MAX) {
		return;
	}
	unsigned char *byte = &walk->seen[sequence / 8];
	unsigned char bit = (unsigned char)(1u << sequence % 8);

	if (*byte & bit) {
		audit_say(walk->audit, run,
			  "history: transition %" PRIu64 " is there twice",
			  sequence);
	}
	*byte |= bit;
}

static void check_place(struct walk *walk, const struct run_view *run,
			const struct transition_record *transition)
{
	bool of_run = transition->kind == OBJECT_RUN;
	bool of_task = transition->kind == OBJECT_TASK;

	if ((!of_run && transition->activity >= run->activity_count) ||
	    (of_task && transition->task >= run->task_count)) {
		audit_say(walk->audit, &run->run.id,
			  "history: transition %" PRIu64
			  " is of nothing that is there",
			  transition->sequence);
	}
}

static void check_history_row(struct walk *walk, const struct run_view *run,
			      struct slice key, struct slice value)
{
	uint64_t sequence = 0;
	struct transition_record transition;
	struct history_row row;
	int found = 0;
	int rc = key_sequence(key, &sequence)
		     ? history_row_read(value, sequence, &row)
		     : E_CORRUPT;

	while (rc == 0 && (found = history_row_next(&row, &transition)) > 0) {
		walk->audit->transitions++;
		check_sequence(walk, &run->run.id, transition.sequence);
		check_place(walk, run, &transition);
		sequence++;
	}
	if (rc || found < 0) {
		walk->audit->transitions++;
		check_sequence(walk, &run->run.id, sequence);
		audit_say(walk->audit, &run->run.id,
			  "history: transition %" PRIu64 " cannot be read",
			  sequence);
	}
}

static int check_history(struct walk *walk, const struct run_view *run)
{
	struct rows rows = { 0 };
	int rc = history_scan(&rows, walk->env, walk->txn, &run->run.id);

	for (size_t i = 0; i < rows.len; i++) {
		check_history_row(walk, run, rows_key(&rows, i),
				  rows_value(&rows, i));
	}
	rows_fini(&rows);
	return rc;
}

/* ---- rows of the tables ---- */

static void check_run_row(struct walk *walk, struct slice key,
			  struct slice value)
{
	struct err err = { 0 };
	struct run_view *run;
	struct run_record record;
	struct id id;

	if (key.len != ID_SIZE || key_last_id(key, &id)) {
		audit_say(walk->audit, NULL, "runs: a key is no run's id");
		return;
	}
	if (run_decode(value, &id, &record)) {
		audit_say(walk->audit, &id, "its record cannot be read");
		return;
	}
	if (!names_fit(&record)) {
		audit_say(walk->audit, &id,
			  "its tenant, workflow or uid is "
			  "none");
		return;
	}
	check_entries(walk, &record);
	if (read_run(walk->view, walk->txn, &id, &run, &err)) {
		audit_say(walk->audit, &id, "%s", err.msg);
		return;
	}
	audit_run(walk->audit, run);
	if (check_history(walk, run)) {
		audit_say(walk->audit, &id, "its history cannot be read");
	}
	if (audit_messages(walk->audit, walk->env, walk->txn, run)) {
		audit_say(walk->audit, &id, "its messages cannot be read");
	}
	run_view_destroy(run);
}

static void check_state_row(struct walk *walk, struct slice key,
			    struct slice value)
{
	struct run_record run;
	struct id id;

	(void)value;
	if (key.len != 1 + ID_SIZE || key_last_id(key, &id)) {
		audit_say(walk->audit, NULL, "ix_state: a key is none");
	} else if (!get_run(walk, &id, &run)) {
		audit_say(walk->audit, &id, "ix_state: there is no such run");
	} else if (run.state != (enum group_state)(unsigned char)key.ptr[0]) {
		audit_say(walk->audit, &id,
			  "ix_state: is there in a state that it is not in");
	}
}

/* What the run's own key would be is what it must be. */
static void check_flow_row(struct walk *walk, struct slice key,
			   struct slice value)
{
	struct run_record run;
	struct id id;

	(void)value;
	if (key.len < ID_SIZE + 2 || key_last_id(key, &id)) {
		audit_say(walk->audit, NULL, "ix_flow: a key is none");
	} else if (!get_run(walk, &id, &run)) {
		audit_say(walk->audit, &id, "ix_flow: there is no such run");
	} else if (names_fit(&run)) {
		struct key want = key_flow(run.tenant, run.workflow, &id);

		if (!slice_equal(key, key_slice(&want))) {
			audit_say(walk->audit, &id,
				  "ix_flow: is there under another workflow");
		}
	}
}

static void check_uid_row(struct walk *walk, struct slice key,
			  struct slice value)
{
	struct run_record run;
	struct id id;

	if (uid_decode(value, &id)) {
		audit_say(walk->audit, NULL, "ix_uid: an entry cannot be read");
	} else if (!get_run(walk, &id, &run)) {
		audit_say(walk->audit, &id, "ix_uid: there is no such run");
	} else if (names_fit(&run)) {
		struct key want = key_uid(run.uid, run.tenant, run.workflow);

		if (!slice_equal(key, key_slice(&want))) {
			audit_say(walk->audit, &id,
				  "ix_uid: is there under another uid");
		}
	}
}

static void check_ended_row(struct walk *walk, struct slice key,
			    struct slice value)
{
	struct run_record run;
	struct id id;

	(void)value;
	if (key.len != 1 + 8 + ID_SIZE || key_last_id(key, &id)) {
		audit_say(walk->audit, NULL, "ix_ended: a key is none");
	} else if (!get_run(walk, &id, &run)) {
		audit_say(walk->audit, &id, "ix_ended: there is no such run");
	} else {
		struct key want = key_ended(run.state, run.ended_us, &id);

		if (!slice_equal(key, key_slice(&want))) {
			audit_say(walk->audit, &id,
				  "ix_ended: is there with another end");
		}
	}
}

static void check_definition_row(struct walk *walk, struct slice key,
				 struct slice value)
{
	struct definition *definition;
	char version[DEFINITION_VERSION_SIZE];

	walk->audit->definitions++;
	if (key.len != DEFINITION_HASH_SIZE) {
		audit_say(walk->audit, NULL, "defs: a key is no hash");
		return;
	}
	definition_version((const unsigned char *)key.ptr, version);
	if (read_definition(value, &definition, NULL)) {
		audit_say(walk->audit, NULL, "defs: %s cannot be read",
			  version);
		return;
	}
	if (memcmp(definition->hash, key.ptr, key.len) != 0) {
		audit_say(walk->audit, NULL,
			  "defs: %s is not what its hash says", version);
	}
	definition_unref(definition);
}

static void check_plugin_row(struct walk *walk, struct slice key,
			     struct slice value)
{
	struct plugin_record plugin;

	if (plugin_decode(value, key, &plugin)) {
		audit_say(walk->audit, NULL, "plugins: %.*s cannot be read",
			  SLICE_ARG(key));
	}
}

static void check_pause_row(struct walk *walk, struct slice key,
			    struct slice value)
{
	struct pause_record pause;

	if (key.len == 0 || key.ptr[key.len - 1] != 0 ||
	    pause_decode(value, (struct slice){ key.ptr, key.len - 1 },
			 &pause)) {
		audit_say(walk->audit, NULL, "pauses: one cannot be read");
	}
}

static void check_queue_row(struct walk *walk, struct slice key,
			    struct slice value)
{
	audit_queue(walk->audit, key, value);
}

static void check_doomed_row(struct walk *walk, struct slice key,
			     struct slice value)
{
	struct id id;

	(void)value;
	if (key.len != ID_SIZE || key_last_id(key, &id)) {
		audit_say(walk->audit, NULL, "doomed: a key is no run's id");
	} else {
		struct key run = key_run(&id);

		if (has(walk, TABLE_RUNS, &run)) {
			audit_say(walk->audit, &id,
				  "is deleted, and yet there");
		}
	}
}

static void check_tails_row(struct walk *walk, struct slice key,
			    struct slice value)
{
	struct segment segment;

	if (segment_decode(key, value, &segment)) {
		audit_say(walk->audit, NULL, "tails: one cannot be read");
	} else if (!segment_is_sorted(&segment)) {
		audit_say(walk->audit, NULL, "tails: one is out of order");
	}
}

/* ---- rows of nobody ---- */

static bool is_owned(struct walk *walk, const struct id *id)
{
	struct key key = key_run(id);

	return has(walk, TABLE_RUNS, &key) || has(walk, TABLE_DOOMED, &key);
}

static bool next_id(struct id *id)
{
	for (int i = ID_SIZE - 1; i >= 0; i--) {
		if (++id->bytes[i] != 0) {
			return true;
		}
	}
	return false;
}

static void check_owner(struct walk *walk, enum table table,
			const struct id *id)
{
	if (!is_owned(walk, id)) {
		audit_say(walk->audit, id,
			  "%s: rows of a run that is not there",
			  table_name(table));
	}
}

/* From run to run by seeks. */
static int walk_owners(struct walk *walk, enum table table, MDB_cursor *cursor)
{
	struct id wanted = { 0 };

	for (;;) {
		struct key from = key_run(&wanted);
		MDB_val key = val_of(key_slice(&from));
		int rc = mdb_cursor_get(cursor, &key, NULL, MDB_SET_RANGE);
		struct id id;

		if (rc) {
			return rc == MDB_NOTFOUND ? 0 : rc;
		}
		if (key.mv_size < ID_SIZE) {
			audit_say(walk->audit, NULL, "%s: a key is none",
				  table_name(table));
			return 0;
		}
		memcpy(id.bytes, key.mv_data, ID_SIZE);
		/* Only a damaged tree leads back. */
		if (id_compare(&id, &wanted) < 0) {
			return MDB_CORRUPTED;
		}
		check_owner(walk, table, &id);
		wanted = id;
		if (!next_id(&wanted)) {
			return 0;
		}
	}
}

static int check_owners(struct walk *walk, enum table table)
{
	MDB_cursor *cursor;

	if (walk->env->tables[table] == NO_TABLE) {
		return 0;
	}
	int rc = mdb_cursor_open(walk->txn, walk->env->tables[table], &cursor);

	if (rc == 0) {
		rc = walk_owners(walk, table, cursor);
		mdb_cursor_close(cursor);
	}
	return rc;
}

/* ---- everything ---- */

static int check_tables(struct walk *walk)
{
	static const struct {
		enum table table;
		row_checker check_row;
	} tables[] = {
		{ TABLE_DEFINITIONS, check_definition_row },
		{ TABLE_RUNS, check_run_row },
		{ TABLE_IX_STATE, check_state_row },
		{ TABLE_IX_FLOW, check_flow_row },
		{ TABLE_IX_UID, check_uid_row },
		{ TABLE_IX_ENDED, check_ended_row },
		{ TABLE_PLUGINS, check_plugin_row },
		{ TABLE_PAUSES, check_pause_row },
		{ TABLE_DOOMED, check_doomed_row },
		{ TABLE_QUEUES, check_queue_row },
		{ TABLE_TAILS, check_tails_row },
	};
	int rc = 0;

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables) && rc == 0;
	     i++) {
		rc = check_table(walk, tables[i].table, tables[i].check_row);
		if (rc) {
			audit_say(walk->audit, NULL, "%s: %s",
				  table_name(tables[i].table),
				  mdb_strerror(rc));
		}
	}
	return rc;
}

static int walk_snapshot(struct walk *walk)
{
	(void)env_get_meta(walk->env, walk->txn, "sequence", &walk->sequence);
	if (walk->sequence < SEQUENCES_MAX) {
		walk->seen = alloc_zeroed(1, (size_t)walk->sequence / 8 + 1);
	}
	static const enum table of_runs[] = {
		TABLE_TREE,
		TABLE_OLD_HISTORY,
		TABLE_MESSAGES,
		TABLE_PARTS,
	};
	int rc = check_tables(walk);

	for (size_t i = 0; i < sizeof(of_runs) / sizeof(*of_runs) && rc == 0;
	     i++) {
		rc = check_owners(walk, of_runs[i]);
	}
	free(walk->seen);
	return rc;
}

int audit_store(struct audit *audit, struct view *view, struct err *reterr)
{
	struct walk walk = { .audit = audit, .view = view, .env = view->env };
	int rc = env_read(view->env, &walk.txn, reterr);

	if (rc) {
		return rc;
	}
	rc = walk_snapshot(&walk);
	mdb_txn_abort(walk.txn);
	return env_error(rc, reterr, "store %s", view->env->directory);
}
