/*
 * An older store becomes one of the newest schema.
 */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "store/env.h"

/*
 * In the transaction that has opened, or made, every table; `schema` is the
 * store's so far. All of it or nothing: a store in between is never seen.
 * LMDB's code.
 */
int migrate(struct env *env, MDB_txn *txn, uint64_t schema);

#endif
