/*
 * What stands behind the handles of store.h and view.h. Private to the room.
 */
#ifndef STORE_HANDLE_H
#define STORE_HANDLE_H

#include "base/hash.h"
#include <uthash.h>

#include "store/batch.h"
#include "store/committer.h"
#include "store/env.h"
#include "store/tails.h"
#include "store/view.h"

/* A run that is deleted. */
struct doomed {
	struct id run;
	enum table table; /* where its next rows are; TABLES: swept */
	struct key from;
	UT_hash_handle by_run;
};

struct store {
	struct env env;
	int lock;
	struct batch batch;   /* being gathered */
	struct batch leaving; /* being committed, or kept since that failed */
	uint64_t leaving_sequence; /* the last one in it */
	struct committer
	    *committer;      /* NULL: not needed yet, or not to be had */
	bool committing;     /* between begin and end */
	bool committed_here; /* by the caller's thread, for want of another */
	int committed_rc;    /* then: what came of it */
	int64_t commit_ns;   /* how long the last one took */
	int64_t there_ns;    /* the one under way; until it ends its thread's */
	struct store_totals totals;
	void (*on_committed)(void *arg);
	void *on_committed_arg;
	struct buf scratch;     /* the record being encoded */
	uint64_t next_sequence; /* of transitions */
	int64_t checked_ns;     /* when dead readers were looked for */
	/* The last definition that was put: runs of one workflow follow each
	 * other, and a definition can be large. */
	unsigned char definition[DEFINITION_HASH_SIZE];
	bool has_definition;
	struct tails tails;
	struct doomed *doomed; /* doomed::by_run, in order of deletion */
	size_t unswept;        /* of them */
};

/* A store in an empty file of its own, without lock; close as any other. */
int store_make_file(const char *path, struct store **ret_store,
		    struct err *reterr);
/* A row as another store has it. */
void store_put_row(struct store *store, enum table table, struct slice key,
		   struct slice value);

/* Are there runs to sweep that an earlier process has deleted? */
int doomed_load(struct store *store, struct err *reterr);
/* A mark of it is in the store, or in the batch. */
void doomed_add(struct store *store, const struct id *run);
/* Those whose end is committed and that have left nothing. */
void doomed_forget(struct store *store);
void doomed_fini(struct store *store);
bool doomed_has(const struct store *store, const struct id *run);

struct view {
	const struct store *store; /* view_of_store(); else NULL */
	struct env *env;
	struct env own; /* env points here, or into a store */
	/* The last that was read: it never changes, a run is looked at again
	 * and again, and a definition can be large. NULL: none. */
	struct definition *definition;
};

#endif
