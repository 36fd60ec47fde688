/*
 * The rows of a run's history, oldest first: what a store of an earlier schema
 * has of it, and then what is newer. Private to the room.
 */
#ifndef STORE_HISTORY_SCAN_H
#define STORE_HISTORY_SCAN_H

#include "store/rows.h"

/* LMDB's code. */
int history_scan(struct rows *rows, struct env *env, MDB_txn *txn,
		 const struct id *run);

#endif
