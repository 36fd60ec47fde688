/*
 * What the functions of view.h share. Private to the room.
 */
#ifndef STORE_READ_H
#define STORE_READ_H

#include "store/rows.h"
#include "store/view.h"

/* The sentence for `what`, a key or table, that could not be read. */
int read_failed(int code, struct err *reterr, const char *what);

/* All rows with a prefix, in a snapshot of their own. */
int read_rows(struct view *view, enum table table, struct slice prefix,
	      struct rows *rows, struct err *reterr);

/* view_run() inside a snapshot. */
int read_run(struct view *view, MDB_txn *txn, const struct id *run,
	     struct run_view **ret_run, struct err *reterr);

/* MessagePack, no bytes being null; and the same after a format byte.
 * E_CORRUPT, E_NO_MEMORY. */
int read_msgpack(struct slice msgpack, struct value *ret_value,
		 struct err *reterr);
int read_document(struct slice record, struct value *ret_value,
		  struct err *reterr);
int read_definition(struct slice record, struct definition **ret_definition,
		    struct err *reterr);

#endif
