#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "store/codec.h"
#include "store/handle.h"
#include "store/history_row.h"
#include "store/history_scan.h"
#include "store/read.h"

/* ---- history ---- */

struct history_taking {
	struct history_list list;
	size_t cap;
};

static int take_row(struct history_taking *taking, struct slice key,
		    struct slice value)
{
	struct history_row row;
	uint64_t sequence;
	int rc = key_sequence(key, &sequence)
		     ? history_row_read(value, sequence, &row)
		     : E_CORRUPT;

	while (rc >= 0) {
		alloc_grow(taking->list.transitions, taking->list.len,
			   taking->cap);
		rc = history_row_next(
		    &row, &taking->list.transitions[taking->list.len]);
		if (rc == 0) {
			return 0;
		}
		taking->list.len += rc > 0;
	}
	return rc;
}

static int history_take(struct rows *rows, const struct id *run,
			struct history_list *ret_list, struct err *reterr)
{
	struct history_taking taking = { 0 };
	char text[ID_TEXT_SIZE];

	for (size_t i = 0; i < rows->len; i++) {
		if (take_row(&taking, rows_key(rows, i), rows_value(rows, i))) {
			free(taking.list.transitions);
			id_format(run, text);
			return err_set(reterr, E_CORRUPT,
				       "store: transition %zu of history/%s is "
				       "damaged",
				       taking.list.len, text);
		}
	}
	*ret_list = taking.list;
	ret_list->memory = rows_take(rows);
	return 0;
}

int view_history(struct view *view, const struct id *run,
		 struct history_list *ret_list, struct err *reterr)
{
	struct rows rows = { 0 };
	MDB_txn *txn;
	int rc = env_read(view->env, &txn, reterr);

	if (rc) {
		return rc;
	}
	rc = history_scan(&rows, view->env, txn, run);
	mdb_txn_abort(txn);
	rc = rc ? read_failed(rc, reterr, "history")
		: history_take(&rows, run, ret_list, reterr);
	rows_fini(&rows);
	return rc;
}

void history_list_fini(struct history_list *list)
{
	free(list->transitions);
	free(list->memory);
	*list = (struct history_list){ 0 };
}

/* ---- plugins ---- */

static int plugins_take(struct rows *rows, struct plugin_list *ret_list,
			struct err *reterr)
{
	struct plugin_record *plugins =
	    alloc_zeroed(rows->len, sizeof(*plugins));

	for (size_t i = 0; i < rows->len; i++) {
		struct slice name = rows_key(rows, i);

		if (plugin_decode(rows_value(rows, i), name, &plugins[i])) {
			free(plugins);
			return err_set(reterr, E_CORRUPT,
				       "store: plugins/%.*s is damaged",
				       SLICE_ARG(name));
		}
	}
	ret_list->plugins = plugins;
	ret_list->len = rows->len;
	ret_list->memory = rows_take(rows);
	return 0;
}

int view_plugins(struct view *view, struct plugin_list *ret_list,
		 struct err *reterr)
{
	struct rows rows = { 0 };
	int rc =
	    read_rows(view, TABLE_PLUGINS, (struct slice){ 0 }, &rows, reterr);

	if (rc == 0) {
		rc = plugins_take(&rows, ret_list, reterr);
	}
	rows_fini(&rows);
	return rc;
}

void plugin_list_fini(struct plugin_list *list)
{
	free(list->plugins);
	free(list->memory);
	*list = (struct plugin_list){ 0 };
}

/* ---- pauses ---- */

static int pauses_take(struct rows *rows, struct pause_list *ret_list,
		       struct err *reterr)
{
	struct pause_record *pauses = alloc_zeroed(rows->len, sizeof(*pauses));

	for (size_t i = 0; i < rows->len; i++) {
		struct slice name = rows_key(rows, i);

		name.len -= name.len > 0; /* the 0 at its end */
		if (pause_decode(rows_value(rows, i), name, &pauses[i])) {
			free(pauses);
			return err_set(reterr, E_CORRUPT,
				       "store: pauses/%.*s is damaged",
				       SLICE_ARG(name));
		}
	}
	ret_list->pauses = pauses;
	ret_list->len = rows->len;
	ret_list->memory = rows_take(rows);
	return 0;
}

int view_pauses(struct view *view, struct pause_list *ret_list,
		struct err *reterr)
{
	struct rows rows = { 0 };
	int rc =
	    read_rows(view, TABLE_PAUSES, (struct slice){ 0 }, &rows, reterr);

	if (rc == 0) {
		rc = pauses_take(&rows, ret_list, reterr);
	}
	rows_fini(&rows);
	return rc;
}

void pause_list_fini(struct pause_list *list)
{
	free(list->pauses);
	free(list->memory);
	*list = (struct pause_list){ 0 };
}
