#include "store/view.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "document/pack.h"
#include "store/codec.h"
#include "store/handle.h"
#include "store/lock.h"
#include "store/read.h"
#include "store/record.h"
#include "store/rows.h"

int view_open(const char *directory, struct view **ret_view, struct err *reterr)
{
	struct view *view = alloc_zeroed(1, sizeof(*view));
	int rc = env_open(&view->own, directory, ENV_READ, 0, reterr);

	if (rc) {
		free(view);
		return rc;
	}
	view->env = &view->own;
	*ret_view = view;
	return 0;
}

struct view *view_of_store(struct store *store)
{
	struct view *view = alloc_zeroed(1, sizeof(*view));

	view->store = store;
	view->env = &store->env;
	return view;
}

void view_close(struct view *view)
{
	if (view) {
		if (view->env == &view->own) {
			env_close(&view->own);
		}
		definition_unref(view->definition);
		free(view);
	}
}

int view_owner(struct view *view, struct view_owner *ret_owner,
	       struct err *reterr)
{
	MDB_txn *txn;
	uint64_t written = 0;
	int rc = env_read(view->env, &txn, reterr);

	if (rc) {
		return rc;
	}
	rc = env_get_meta(view->env, txn, "written_us", &written);
	mdb_txn_abort(txn);
	if (rc && rc != MDB_NOTFOUND) {
		return read_failed(rc, reterr, "meta/written_us");
	}
	int pid = view->env->single ? 0 : owner_find(view->env->directory);

	*ret_owner = (struct view_owner){
		.file = view->env->single,
		.alive = pid != 0,
		.pid = pid > 0 ? pid : 0,
		.last_write_us = (int64_t)written,
	};
	return 0;
}

int read_failed(int code, struct err *reterr, const char *what)
{
	if (code == E_CORRUPT) {
		return err_set(reterr, code, "store: %s is damaged", what);
	}
	return env_error(code, reterr, "store: %s", what);
}

int read_rows(struct view *view, enum table table, struct slice prefix,
	      struct rows *rows, struct err *reterr)
{
	MDB_txn *txn;
	int rc = env_read(view->env, &txn, reterr);

	if (rc) {
		return rc;
	}
	rc = rows_scan(rows, view->env, txn, table, prefix);
	mdb_txn_abort(txn);
	return rc ? read_failed(rc, reterr, table_name(table)) : 0;
}

/* Only the depth counts here: what is stored was bounded on its way in. */
static const struct document_limits stored_limits = {
	.size = SIZE_MAX,
	.depth = PACK_DEPTH,
	.nodes = SIZE_MAX,
};

int read_msgpack(struct slice msgpack, struct value *ret_value,
		 struct err *reterr)
{
	if (msgpack.len == 0) {
		*ret_value = value_null();
		return 0;
	}
	int rc = pack_read(msgpack, &stored_limits, ret_value, reterr);

	if (rc && rc != E_NO_MEMORY && reterr) {
		reterr->code = E_CORRUPT;
	}
	return rc && rc != E_NO_MEMORY ? E_CORRUPT : rc;
}

int read_document(struct slice record, struct value *ret_value,
		  struct err *reterr)
{
	if (record.len == 0 || record.ptr[0] != RECORD_FORMAT) {
		return err_set(reterr, E_CORRUPT, "unknown format");
	}
	return read_msgpack((struct slice){ record.ptr + 1, record.len - 1 },
			    ret_value, reterr);
}

int read_definition(struct slice record, struct definition **ret_definition,
		    struct err *reterr)
{
	struct value document;
	int rc = read_document(record, &document, reterr);

	if (rc == 0) {
		rc = definition_from_value(&document, ret_definition, reterr);
		value_clear(&document);
	}
	return rc;
}

int view_definition(struct view *view,
		    const unsigned char hash[DEFINITION_HASH_SIZE],
		    struct definition **ret_definition, struct err *reterr)
{
	char version[DEFINITION_VERSION_SIZE];
	struct slice key = { (const char *)hash, DEFINITION_HASH_SIZE };
	struct rows rows = { 0 };
	int rc = read_rows(view, TABLE_DEFINITIONS, key, &rows, reterr);

	definition_version(hash, version);
	if (rc == 0 && rows.len == 0) {
		rc = err_set(reterr, E_NOT_FOUND, "no definition %s", version);
	} else if (rc == 0) {
		rc = read_definition(rows_value(&rows, 0), ret_definition,
				     reterr);
		if (rc) {
			(void)err_wrap(reterr, "store: defs/%s", version);
		}
	}
	rows_fini(&rows);
	return rc;
}
