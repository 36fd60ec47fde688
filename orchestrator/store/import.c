#include <stdlib.h>

#include "base/alloc.h"
#include "document/pack.h"
#include "store/audit.h"
#include "store/codec.h"
#include "store/handle.h"
#include "store/rows.h"
#include "store/upkeep.h"

/* What is put next, in this order. */
enum step {
	STEP_MARK, /* until the end a crash leaves a run that is deleted */
	STEP_ACTIVITIES,
	STEP_TASKS,
	STEP_HISTORY,
	STEP_DOCUMENTS,
	STEP_RUN,
	STEPS,
};

struct import {
	struct store *store;
	struct view *view;
	struct run_view *run;
	struct history_list history;
	enum step step;
	size_t next; /* within the step */
};

/* ---- opening ---- */

static int only_run(struct view *view, struct id *ret_id, struct err *reterr)
{
	struct view_query query = { .limit = 2 };
	struct run_list list;
	int rc = view_list(view, &query, &list, reterr);

	if (rc) {
		return rc;
	}
	if (list.len == 1) {
		*ret_id = list.runs[0].id;
	} else {
		rc = err_set(reterr, E_INVALID,
			     "it has %s: only files that tutti store export "
			     "has written can be imported",
			     list.len ? "more than one run" : "no run");
	}
	run_list_fini(&list);
	return rc;
}

static int read_all(struct import *import, struct err *reterr)
{
	struct id id;
	int rc = only_run(import->view, &id, reterr);

	if (rc == 0) {
		rc = view_run(import->view, &id, &import->run, reterr);
	}
	if (rc == 0) {
		rc = view_history(import->view, &id, &import->history, reterr);
	}
	return rc;
}

static int check_ended(const struct run_record *run, struct err *reterr)
{
	return group_state_final(run->state)
		   ? 0
		   : err_set(reterr, E_INVALID,
			     "the run has not ended (%s): it would be done "
			     "twice; export it again when it has",
			     group_state_name(run->state));
}

static void keep_first(void *arg, const struct id *run, const char *what)
{
	struct err *err = arg;

	(void)run;
	if (err->code == 0) {
		(void)err_set(err, E_INVALID,
			      "the run does not agree with itself: %s", what);
	}
}

static int check_sound(const struct import *import, struct err *reterr)
{
	struct err found = { 0 };
	struct audit audit = { .found = keep_first, .arg = &found };

	audit_run(&audit, import->run);
	if (found.code && reterr) {
		*reterr = found;
	}
	return found.code;
}

static bool has_run(struct store *store, const struct id *id)
{
	struct key key = key_run(id);
	struct rows rows = { 0 };
	MDB_txn *txn;
	bool there = false;

	if (env_read(&store->env, &txn, NULL) == 0) {
		there |= rows_get(&rows, &store->env, txn, TABLE_RUNS,
				  key_slice(&key)) == 0;
		mdb_txn_abort(txn);
	}
	rows_fini(&rows);
	return there;
}

static int check_free(const struct import *import, struct err *reterr)
{
	const struct run_record *run = &import->run->run;
	char text[ID_TEXT_SIZE];
	struct id other;
	int rc = E_NOT_FOUND;

	id_format(&run->id, text);
	doomed_forget(import->store);
	if (doomed_has(import->store, &run->id)) {
		return err_set(reterr, E_CONFLICT,
			       "run %s is being deleted: try again when that "
			       "is done",
			       text);
	}
	if (has_run(import->store, &run->id)) {
		return err_set(reterr, E_CONFLICT,
			       "the store has run %s already", text);
	}
	if (run->uid.len) {
		rc = store_find_uid(import->store, run->tenant, run->workflow,
				    run->uid, &other, reterr);
	}
	if (rc == 0) {
		id_format(&other, text);
		return err_set(reterr, E_CONFLICT,
			       "uid '%.*s' of workflow '%.*s' is run %s here",
			       SLICE_ARG(run->uid), SLICE_ARG(run->workflow),
			       text);
	}
	return rc == E_NOT_FOUND ? 0 : rc;
}

int import_open(struct store *store, const char *path,
		struct import **ret_import, struct err *reterr)
{
	struct import *import = alloc_zeroed(1, sizeof(*import));

	import->store = store;
	int rc = view_open(path, &import->view, reterr);

	if (rc == 0) {
		rc = read_all(import, reterr);
	}
	if (rc == 0) {
		rc = check_ended(&import->run->run, reterr);
	}
	if (rc == 0) {
		rc = check_sound(import, reterr);
	}
	if (rc == 0) {
		rc = check_free(import, reterr);
	}
	if (rc) {
		import_close(import);
		return rc;
	}
	*ret_import = import;
	return 0;
}

void import_close(struct import *import)
{
	if (import) {
		run_view_destroy(import->run);
		history_list_fini(&import->history);
		view_close(import->view);
		free(import);
	}
}

const struct run_record *import_run(const struct import *import)
{
	return &import->run->run;
}

/* ---- putting ---- */

static void put_mark(struct import *import)
{
	struct key key = key_run(&import->run->run.id);

	batch_put(&import->store->batch, TABLE_DOOMED, &key,
		  (struct slice){ "", 0 });
}

static void put_document(struct import *import, enum document_kind kind,
			 const struct value *document)
{
	struct buf bytes = { 0 };

	if (document->type != VALUE_NULL) {
		pack_write(&bytes, document);
		store_put_document(import->store, &import->run->run.id, kind,
				   buf_slice(&bytes));
	}
	buf_fini(&bytes);
}

static void put_documents(struct import *import)
{
	const struct run_view *run = import->run;

	store_put_definition(import->store, run->definition);
	put_document(import, DOCUMENT_ATTRIBUTES, &run->attributes);
	put_document(import, DOCUMENT_INPUT, &run->input);
	put_document(import, DOCUMENT_STASH, &run->stash);
	put_document(import, DOCUMENT_SKIPS, &run->skips);
}

static void put_task(struct import *import, size_t number)
{
	const struct run_view *run = import->run;
	const struct value *output = &run->outputs[number];
	struct buf bytes = { 0 };

	store_put_task(import->store, &run->run.id, &run->tasks[number]);
	if (output->type != VALUE_NULL && run->tasks[number].output.len == 0) {
		pack_write(&bytes, output);
		store_put_output(import->store, &run->run.id, (uint32_t)number,
				 buf_slice(&bytes));
	}
	buf_fini(&bytes);
}

static int put_run(struct import *import, struct err *reterr)
{
	struct key key = key_run(&import->run->run.id);
	int rc = check_free(import, reterr);

	if (rc == 0) {
		store_put_run(import->store, &import->run->run, -1);
		batch_delete(&import->store->batch, TABLE_DOOMED, &key);
	}
	return rc;
}

static size_t length_of(const struct import *import)
{
	switch (import->step) {
	case STEP_ACTIVITIES:
		return import->run->activity_count;
	case STEP_TASKS:
		return import->run->task_count;
	case STEP_HISTORY:
		return import->history.len;
	default:
		return 1;
	}
}

static int put_next(struct import *import, struct err *reterr)
{
	const struct id *id = &import->run->run.id;
	size_t next = import->next++;

	switch (import->step) {
	case STEP_MARK:
		put_mark(import);
		return 0;
	case STEP_ACTIVITIES:
		store_put_activity(import->store, id,
				   &import->run->activities[next]);
		return 0;
	case STEP_TASKS:
		put_task(import, next);
		return 0;
	case STEP_HISTORY:
		store_put_transition(import->store, id,
				     &import->history.transitions[next]);
		return 0;
	case STEP_DOCUMENTS:
		put_documents(import);
		return 0;
	case STEP_RUN:
		return put_run(import, reterr);
	case STEPS:
		break;
	}
	return 0;
}

int import_step(struct import *import, size_t rows, struct err *reterr)
{
	int rc = 0;

	while (rc == 0 && rows && import->step != STEPS) {
		if (import->next < length_of(import)) {
			rc = put_next(import, reterr);
			rows--;
		} else {
			import->step++;
			import->next = 0;
		}
	}
	return rc ? rc : import->step != STEPS;
}

void import_undo(struct import *import)
{
	if (import->step != STEP_MARK || import->next) {
		doomed_add(import->store, &import->run->run.id);
	}
}
