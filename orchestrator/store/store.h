/*
 * The store: one LMDB environment in one directory, one writer. Everything a
 * turn of the loop changes is gathered in a batch and committed as one synced
 * transaction; a batch that could not be committed is kept and can be tried
 * again whole. Reading is in view.h.
 *
 * Schema (all integers big-endian, first byte of every value the format):
 *
 *	meta      name -> value        schema, created_us, sequence,
 *	                               written_us
 *	runs      run id -> run_record
 *	tree      run id, kind, number -> activity, task, document, output,
 *	                               row of the history
 *	history   run id, sequence -> row of the history, before schema 6
 *	ix_state  state, run id -> ""
 *	ix_ended  state, ended_us, run id -> "", of ended runs
 *	ix_flow   tenant 0 workflow 0 run id -> ""
 *	ix_uid    uid 0 tenant 0 workflow -> run id
 *	defs      sha-256 -> definition, MessagePack
 *	plugins   name -> plugin_record
 *	pauses    workflow 0 -> pause_record; of all of them: 0
 *	queues    name -> queue_record
 *	messages  run id, task -> message_record
 *	parts     run id, sha-256 -> document of messages, MessagePack
 *	doomed    run id -> "", deleted; rows of it are left
 *	tails     run id -> ends of ids before it: tails.h
 *
 * Ids rise with time, so the key order of `runs` is that of creation.
 *
 * One thread, the loop's; one store per process and directory. The store has a
 * thread of its own that writes and syncs one batch while the loop gathers the
 * next: store_commit_begin().
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/err.h"
#include "model/durability.h"
#include "model/record.h"

/* 2: tasks count deaths, plugins their crashes. 3: retries, deadlines, pauses,
 * runs that go on after their end. 4: queues. 5: runs by the ends of their ids,
 * and rows of history with several transitions. 6: short records of tasks and
 * activities; the history lies beside them. An older store is read as it is,
 * and becomes one of the newest schema when it is opened for writing. */
#define STORE_SCHEMA 6

struct store;

/*
 * Open for writing, creating directory (0700) and schema when missing, and
 * take the owner's lock. E_BUSY when another process owns it (the sentence
 * names its pid), E_VERSION for a newer schema, E_IO, E_CORRUPT, E_DENIED.
 */
int store_open(const char *directory, struct store **ret_store,
	       struct err *reterr);

/* The same for who has the lock of owner_wait() already; it is taken over, also
 * on failure. */
int store_open_owned(const char *directory, int lock, struct store **ret_store,
		     struct err *reterr);

/* Gives up the lock. What was not committed is gone. NULL is fine. */
void store_close(struct store *store);

/* Strict until then; pipelined is the same here. While no commit is under way.
 */
void store_set_durability(struct store *store, enum durability durability);

/* Directory as opened. */
const char *store_directory(const struct store *store);

/*
 * The next batch. Puts replace; nothing is visible before the commit. They
 * copy what they are given.
 */
/* `before` is the state in the index so far, or -1 for a new run. */
void store_put_run(struct store *store, const struct run_record *run,
		   int before);
void store_put_activity(struct store *store, const struct id *run,
			const struct activity_record *activity);
void store_delete_activity(struct store *store, const struct id *run,
			   uint32_t index);
void store_put_task(struct store *store, const struct id *run,
		    const struct task_record *task);
void store_put_document(struct store *store, const struct id *run,
			enum document_kind kind, struct slice msgpack);
void store_put_output(struct store *store, const struct id *run, uint32_t task,
		      struct slice msgpack);
/* `sequence` is given by the store; rises by one with each. */
void store_put_transition(struct store *store, const struct id *run,
			  const struct transition_record *transition);

/*
 * The first of `count` (at least 1) transitions that have happened one after
 * another, each to its run, in one row: those of the same run, as many as it
 * takes. Returns how many.
 */
size_t store_put_transitions(struct store *store, const struct id *runs,
			     const struct transition_record *transitions,
			     size_t count);
void store_put_definition(struct store *store,
			  const struct definition *definition);
/* Replaces the whole list of plugins. */
void store_put_plugins(struct store *store, const struct plugin_record *plugins,
		       size_t len);
/* One of them, new or changed. */
void store_put_plugin(struct store *store, const struct plugin_record *plugin);
/* Fine when there is none of that name. */
void store_delete_plugin(struct store *store, struct slice name);

/* An empty workflow means all; so for the next. Fine when there is one. */
void store_put_pause(struct store *store, struct slice workflow,
		     struct slice actor, int64_t time_us);
/* Fine when there is none. */
void store_delete_pause(struct store *store, struct slice workflow);

void store_put_queue(struct store *store, const struct queue_record *queue);
/* Fine when there is none of that name; so for the next two. */
void store_delete_queue(struct store *store, struct slice name);
void store_put_message(struct store *store,
		       const struct message_record *message);
void store_delete_message(struct store *store, const struct id *run,
			  uint32_t task);
/* A document of messages of a run, by the hash of its bytes. */
void store_put_part(struct store *store, const struct id *run,
		    const unsigned char hash[DEFINITION_HASH_SIZE],
		    struct slice msgpack);
void store_delete_part(struct store *store, const struct id *run,
		       const unsigned char hash[DEFINITION_HASH_SIZE]);

/*
 * Deleting ended runs. With the next commit the run is gone, whatever happens
 * then; what is left of its tree, history, messages and their documents is
 * swept away in pieces by later commits, after a crash by those of the next
 * process. Its definition stays: others may use it. Until the commit the run is
 * not found through view_of_store() and store_find_uid() any more.
 */

/* E_NOT_FOUND, E_CONFLICT when it has not ended, E_CORRUPT, E_IO. A run that
 * goes on again must not be given: only the committed record is looked at. */
int store_delete_run(struct store *store, const struct id *run,
		     struct err *reterr);

/* Is there anything to sweep? */
bool store_sweeping(const struct store *store);

/* Adds the next piece to the batch: at most so many rows. */
int store_sweep(struct store *store, size_t rows, struct err *reterr);

/* Are there many runs that are not to be found quickly by the end of their id?
 */
bool store_tails_due(const struct store *store);

/* Adds to the batch what makes some thousand of them so. */
int store_gather_tails(struct store *store, struct err *reterr);

/* An ended run, as ix_ended has it. */
struct store_ended {
	enum group_state state;
	int64_t ended_us;
	struct id run;
};

/*
 * The runs that ended first in this state, at `until_us` or before; at most
 * `max`. Returns how many, or a negative code. Those that the batch deletes are
 * left out.
 */
int store_ended_until(struct store *store, enum group_state state,
		      int64_t until_us, struct store_ended *ret_ended,
		      size_t max, struct err *reterr);

/* An entry that is not true. */
void store_drop_ended(struct store *store, const struct store_ended *ended);

/* Is there nothing to commit, nor kept since a commit failed? While no commit
 * is under way. */
bool store_batch_empty(const struct store *store);

/* Operations that wait for the next commit. */
size_t store_batch_len(const struct store *store);

/* The sequence that the next transition will get. */
uint64_t store_next_sequence(const struct store *store);

/*
 * Commit the batch, synced to disk, and start an empty one. The map grows as
 * needed. On failure (E_FULL: disk full or quota, E_IO) nothing of the batch
 * is in the store and the batch is kept: call again. What is put meanwhile goes
 * into a batch of its own, which is committed after it. Not while a commit is
 * under way.
 */
int store_commit(struct store *store, struct err *reterr);

/*
 * The same on the store's own thread: begin, go on putting into the next batch
 * and looking at what is committed, and end when it is done. A batch that is
 * kept since its commit failed is tried again, alone.
 */
void store_commit_begin(struct store *store);
bool store_commit_done(const struct store *store);

/* What store_commit() returns; waits when it is not done. */
int store_commit_end(struct store *store, struct err *reterr);

/* How long the last commit took that has ended, of either kind; 0: there was
 * none. */
int64_t store_commit_ns(const struct store *store);

/* What has been committed so far. */
struct store_totals {
	uint64_t commits;
	uint64_t records; /* put or deleted */
	int64_t commit_ns;
	int64_t sync_ns; /* of it: pages written and synced */
};

/* While no commit is under way; it goes on counting. */
const struct store_totals *store_totals(const struct store *store);

/* On disk. */
uint64_t store_file_bytes(const struct store *store);

/* Called when store_commit_done() has become true. [the store's thread, or the
 * caller's inside store_commit_begin()] */
void store_on_committed(struct store *store, void (*call)(void *arg),
			void *arg);

/* Gives back the memory that pages of the file take which were looked at: for
 * who will not need them for a while. Afterwards each is fetched again from the
 * system's cache. */
void store_rest(struct store *store);

/* ... and the memory of batches that have been committed, however large. While
 * no commit is under way. */
void store_shrink(struct store *store);

/*
 * The run of a (tenant, workflow, uid) among what is committed. 0, E_NOT_FOUND
 * or E_IO.
 */
int store_find_uid(struct store *store, struct slice tenant,
		   struct slice workflow, struct slice uid, struct id *ret_run,
		   struct err *reterr);

#endif
