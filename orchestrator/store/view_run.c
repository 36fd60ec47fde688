#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "store/codec.h"
#include "store/handle.h"
#include "store/read.h"

/* The rows of a run: its record, its definition, and then its tree. */
enum { ROW_RUN, ROW_DEFINITION, ROW_TREE };

static bool is_known(const struct view *view, const unsigned char *version)
{
	return view->definition &&
	       !memcmp(view->definition->hash, version, DEFINITION_HASH_SIZE);
}

static int fetch(struct view *view, MDB_txn *txn, const struct id *id,
		 struct rows *rows)
{
	struct key key = key_run(id);
	struct run_record run;
	int rc = rows_get(rows, view->env, txn, TABLE_RUNS, key_slice(&key));

	if (rc == 0) {
		rc = run_decode(rows_value(rows, ROW_RUN), id, &run);
	}
	if (rc) {
		return rc == MDB_NOTFOUND ? E_NOT_FOUND : rc;
	}
	struct slice hash = {
		.ptr = (const char *)run.version,
		.len = DEFINITION_HASH_SIZE,
	};

	if (is_known(view, run.version)) {
		MDB_val none = { 0 };

		rows_add(rows, &none, &none);
	} else {
		rc = rows_get(rows, view->env, txn, TABLE_DEFINITIONS, hash);
	}
	if (rc) {
		return rc == MDB_NOTFOUND ? E_CORRUPT : rc;
	}
	struct key history = key_history(id, 0);
	const struct row_range range = {
		.prefix = key_slice(&key),
		.begin = key_slice(&key),
		.end = key_slice(&history),
	};

	return rows_scan_range(rows, view->env, txn, TABLE_TREE, &range);
}

/* ---- the tree ---- */

struct tree_key {
	enum tree_kind kind;
	uint32_t number;
};

static int tree_key(const struct rows *rows, size_t index,
		    struct tree_key *ret_key)
{
	struct slice key = rows_key(rows, index);

	if (key.len != ID_SIZE + 1 + 4) {
		return E_CORRUPT;
	}
	*ret_key = (struct tree_key){
		.kind = (enum tree_kind)(unsigned char)key.ptr[ID_SIZE],
		.number = read_u32(key.ptr + ID_SIZE + 1),
	};
	return 0;
}

static int take_activity(struct run_view *view, uint32_t index,
			 struct slice bytes)
{
	if (index >= view->activity_count) {
		return E_CORRUPT;
	}
	return activity_decode(bytes, index, &view->activities[index]);
}

static int take_document(struct run_view *view, uint32_t kind,
			 struct slice bytes, struct err *reterr)
{
	switch (kind) {
	case DOCUMENT_ATTRIBUTES:
		return read_document(bytes, &view->attributes, reterr);
	case DOCUMENT_INPUT:
		return read_document(bytes, &view->input, reterr);
	case DOCUMENT_STASH:
		return read_document(bytes, &view->stash, reterr);
	case DOCUMENT_SKIPS:
		return read_document(bytes, &view->skips, reterr);
	default:
		return E_CORRUPT;
	}
}

/* Rows come by number: a gap shows as the wrong number. */
static int take_task(struct run_view *view, uint32_t number, struct slice bytes,
		     struct err *reterr)
{
	if (number != view->task_count || number >= view->run.task_count) {
		return E_CORRUPT;
	}
	struct task_record *task = &view->tasks[number];
	int rc = task_decode(bytes, number, task);

	if (rc || task->activity >= view->activity_count) {
		return E_CORRUPT;
	}
	view->task_count++;
	return read_msgpack(task->output, &view->outputs[number], reterr);
}

static int take_output(struct run_view *view, uint32_t task, struct slice bytes,
		       struct err *reterr)
{
	if (task >= view->task_count) {
		return E_CORRUPT;
	}
	/* One of an earlier attempt. */
	if (view->tasks[task].output.len) {
		return 0;
	}
	return read_document(bytes, &view->outputs[task], reterr);
}

static int take_row(struct run_view *view, struct tree_key key,
		    struct slice bytes, struct err *reterr)
{
	switch (key.kind) {
	case TREE_ACTIVITY:
		return take_activity(view, key.number, bytes);
	case TREE_DOCUMENT:
		return take_document(view, key.number, bytes, reterr);
	case TREE_TASK:
		return take_task(view, key.number, bytes, reterr);
	case TREE_OUTPUT:
		return take_output(view, key.number, bytes, reterr);
	case TREE_HISTORY:
		break;
	}
	return E_CORRUPT;
}

static int damaged(const struct id *run, const char *kind, unsigned number,
		   struct err *reterr)
{
	char text[ID_TEXT_SIZE];

	id_format(run, text);
	return err_set(reterr, E_CORRUPT, "store: tree/%s/%s/%u is damaged",
		       text, kind, number);
}

static const char *kind_name(enum tree_kind kind)
{
	switch (kind) {
	case TREE_ACTIVITY:
		return "activity";
	case TREE_DOCUMENT:
		return "document";
	case TREE_TASK:
		return "task";
	case TREE_OUTPUT:
		return "output";
	case TREE_HISTORY:
		break;
	}
	return "unknown";
}

static int take_tree(struct run_view *view, const struct rows *rows,
		     struct err *reterr)
{
	for (size_t i = ROW_TREE; i < rows->len; i++) {
		struct tree_key key = { 0 };
		int rc = tree_key(rows, i, &key);

		if (rc == 0) {
			rc = take_row(view, key, rows_value(rows, i), reterr);
		}
		if (rc == E_CORRUPT) {
			return damaged(&view->run.id, kind_name(key.kind),
				       key.number, reterr);
		}
		if (rc) {
			return rc;
		}
	}
	if (view->task_count != view->run.task_count) {
		return damaged(&view->run.id, kind_name(TREE_TASK),
			       (unsigned)view->task_count, reterr);
	}
	return 0;
}

/* ---- the whole ---- */

static void make_room(struct run_view *view, size_t rows)
{
	size_t tasks = view->run.task_count;

	/* A damaged count must not make us allocate without end. */
	if (tasks > rows) {
		tasks = rows;
	}
	view->activity_count = view->definition->len;
	view->activities =
	    alloc_zeroed(view->activity_count, sizeof(*view->activities));
	for (size_t i = 0; i < view->activity_count; i++) {
		view->activities[i].index = (uint32_t)i;
	}
	view->tasks = alloc_zeroed(tasks, sizeof(*view->tasks));
	view->outputs = alloc_zeroed(tasks, sizeof(*view->outputs));
}

static int take_definition(struct view *view, struct run_view *run,
			   struct slice bytes, struct err *reterr)
{
	if (!is_known(view, run->run.version)) {
		struct definition *definition;
		int rc = read_definition(bytes, &definition, reterr);

		if (rc) {
			char version[DEFINITION_VERSION_SIZE];

			definition_version(run->run.version, version);
			(void)err_wrap(reterr, "store: defs/%s", version);
			return rc;
		}
		definition_unref(view->definition);
		view->definition = definition;
	}
	run->definition = definition_ref(view->definition);
	return 0;
}

static int build(struct view *view, struct run_view *run, const struct id *id,
		 const struct rows *rows, struct err *reterr)
{
	int rc = run_decode(rows_value(rows, ROW_RUN), id, &run->run);

	if (rc == 0) {
		rc = take_definition(view, run,
				     rows_value(rows, ROW_DEFINITION), reterr);
	}
	if (rc) {
		return rc;
	}
	make_room(run, rows->len);
	return take_tree(run, rows, reterr);
}

static int fetch_failed(int code, const struct id *id, size_t rows,
			struct err *reterr)
{
	char text[ID_TEXT_SIZE];

	id_format(id, text);
	if (code == E_NOT_FOUND) {
		return err_set(reterr, code, "no run %s", text);
	}
	if (code == E_CORRUPT && rows > ROW_RUN) {
		return err_set(reterr, code,
			       "store: runs/%s is damaged, or its definition "
			       "is gone",
			       text);
	}
	return read_failed(code, reterr, table_name(TABLE_RUNS));
}

int read_run(struct view *view, MDB_txn *txn, const struct id *run,
	     struct run_view **ret_run, struct err *reterr)
{
	struct rows rows = { 0 };
	int rc = fetch(view, txn, run, &rows);

	if (rc) {
		rc = fetch_failed(rc, run, rows.len, reterr);
		rows_fini(&rows);
		return rc;
	}
	struct run_view *result = alloc_zeroed(1, sizeof(*result));

	rc = build(view, result, run, &rows, reterr);
	result->memory = rows_take(&rows);
	if (rc) {
		run_view_destroy(result);
		return rc;
	}
	*ret_run = result;
	return 0;
}

int view_run(struct view *view, const struct id *run, struct run_view **ret_run,
	     struct err *reterr)
{
	MDB_txn *txn;

	if (view->store && doomed_has(view->store, run)) {
		return fetch_failed(E_NOT_FOUND, run, 0, reterr);
	}
	int rc = env_read(view->env, &txn, reterr);

	if (rc == 0) {
		rc = read_run(view, txn, run, ret_run, reterr);
		mdb_txn_abort(txn);
	}
	return rc;
}

void run_view_destroy(struct run_view *run)
{
	if (!run) {
		return;
	}
	for (size_t i = 0; i < run->task_count; i++) {
		value_clear(&run->outputs[i]);
	}
	value_clear(&run->attributes);
	value_clear(&run->input);
	value_clear(&run->stash);
	value_clear(&run->skips);
	definition_unref(run->definition);
	free(run->activities);
	free(run->tasks);
	free(run->outputs);
	free(run->memory);
	free(run);
}

static void add_output(struct value *outputs, const struct task_record *task,
		       const struct value *output)
{
	if (outputs->type == VALUE_NULL) {
		*outputs = value_map();
	}
	value_set_slice(outputs, task->name, value_copy(output));
}

struct value run_view_outputs(const struct run_view *run)
{
	struct value *parts = alloc_zeroed(run->activity_count, sizeof(*parts));
	struct value all = value_map();

	for (size_t i = 0; i < run->task_count; i++) {
		const struct task_record *task = &run->tasks[i];

		if (run->outputs[i].type != VALUE_NULL && !task->superseded) {
			add_output(&parts[task->activity], task,
				   &run->outputs[i]);
		}
	}
	for (size_t i = 0; i < run->activity_count; i++) {
		if (parts[i].type != VALUE_NULL) {
			value_set(&all, run->definition->activities[i].name,
				  parts[i]);
		}
	}
	free(parts);
	return all;
}
