/*
 * The part of audit.h that is about queues. Private to the room.
 */
#ifndef STORE_AUDIT_QUEUE_H
#define STORE_AUDIT_QUEUE_H

#include "store/audit.h"
#include "store/env.h"

/* A row of `queues`. */
void audit_queue(struct audit *audit, struct slice key, struct slice value);

/* The messages and documents of a run that was read in this snapshot, against
 * its tasks and the queues. LMDB's code. */
int audit_messages(struct audit *audit, struct env *env, MDB_txn *txn,
		   const struct run_view *run);

#endif
