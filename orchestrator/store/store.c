#include "store/store.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "store/codec.h"
#include "store/handle.h"
#include "store/lock.h"
#include "store/mapped.h"
#include "store/space.h"

/* Address space, not disk: the file grows as it is written. */
#define INITIAL_MAP     ((size_t)256 * 1024 * 1024)
#define SMALLEST_MAP    ((size_t)64 * 1024)
#define MAP_UNIT        ((size_t)4096)
#define FILE_MAP        ((size_t)1024 * 1024)
#define READER_CHECK_NS (60 * INT64_C(1000000000))

/* TUTTI_STORE_MAP: the initial size of the map in bytes. */
static size_t initial_map(void)
{
	const char *text = getenv("TUTTI_STORE_MAP");
	unsigned long long wanted = text ? strtoull(text, NULL, 10) : 0;

	if (wanted == 0 || wanted > SIZE_MAX / 2) {
		return INITIAL_MAP;
	}
	if (wanted < SMALLEST_MAP) {
		return SMALLEST_MAP;
	}
	return (size_t)wanted / MAP_UNIT * MAP_UNIT;
}

static int load_sequence(struct store *store, struct err *reterr)
{
	MDB_txn *txn;
	uint64_t last = 0;
	int rc = env_read(&store->env, &txn, reterr);

	if (rc) {
		return rc;
	}
	rc = env_get_meta(&store->env, txn, "sequence", &last);
	mdb_txn_abort(txn);
	if (rc == E_CORRUPT) {
		return err_set(reterr, rc, "store %s: meta/sequence is damaged",
			       store->env.directory);
	}
	if (rc && rc != MDB_NOTFOUND) {
		return env_error(rc, reterr, "store %s", store->env.directory);
	}
	store->next_sequence = last + 1;
	return 0;
}

static int open_locked(struct store *store, const char *directory,
		       struct err *reterr)
{
	int rc = space_prepare(directory, reterr);

	if (rc == 0) {
		rc = env_open(&store->env, directory, ENV_WRITE, initial_map(),
			      reterr);
	}
	if (rc == 0) {
		(void)mdb_reader_check(store->env.mdb, NULL);
		store->checked_ns = clock_mono_ns();
		rc = load_sequence(store, reterr);
	}
	if (rc == 0) {
		rc = doomed_load(store, reterr);
	}
	if (rc == 0) {
		rc = tails_load(store, reterr);
	}
	return rc;
}

int store_open_owned(const char *directory, int lock, struct store **ret_store,
		     struct err *reterr)
{
	struct store *store = alloc_zeroed(1, sizeof(*store));

	store->lock = lock;
	int rc = open_locked(store, directory, reterr);

	if (rc) {
		store_close(store);
		return rc;
	}
	*ret_store = store;
	return 0;
}

int store_open(const char *directory, struct store **ret_store,
	       struct err *reterr)
{
	int lock;

	if (mkdir(directory, 0700) && errno != EEXIST) {
		return env_error(errno, reterr, "cannot create %s", directory);
	}
	int rc = owner_lock(directory, &lock, reterr);

	return rc ? rc : store_open_owned(directory, lock, ret_store, reterr);
}

int store_make_file(const char *path, struct store **ret_store,
		    struct err *reterr)
{
	struct store *store = alloc_zeroed(1, sizeof(*store));

	store->lock = -1;
	int rc = env_open(&store->env, path, ENV_FILE, FILE_MAP, reterr);

	if (rc) {
		free(store);
		return rc;
	}
	store->next_sequence = 1;
	*ret_store = store;
	return 0;
}

void store_close(struct store *store)
{
	if (store) {
		committer_destroy(store->committer);
		env_close(&store->env);
		owner_unlock(store->lock);
		batch_fini(&store->leaving);
		batch_fini(&store->batch);
		buf_fini(&store->scratch);
		doomed_fini(store);
		free(store);
	}
}

const char *store_directory(const struct store *store)
{
	return store->env.directory;
}

void store_rest(struct store *store)
{
	mapped_release(&store->env);
}

void store_shrink(struct store *store)
{
	assert(!store->committing);
	if (store_batch_empty(store)) {
		batch_fini(&store->leaving);
		batch_fini(&store->batch);
	}
}

bool store_batch_empty(const struct store *store)
{
	return store->batch.len == 0 && store->leaving.len == 0;
}

size_t store_batch_len(const struct store *store)
{
	return store->batch.len;
}

void store_set_durability(struct store *store, enum durability durability)
{
	assert(!store->committing);
	if (durability == DURABILITY_RELAXED) {
		env_relax(&store->env);
	}
}

/* ---- commit ---- */

static int write_batch(struct env *env, MDB_txn *txn, void *arg)
{
	struct store *store = arg;
	int rc = batch_apply(&store->leaving, txn, env->tables);

	if (rc == 0) {
		rc =
		    env_put_meta(env, txn, "sequence", store->leaving_sequence);
	}
	if (rc == 0) {
		rc = env_put_meta(env, txn, "written_us",
				  (uint64_t)clock_wall_us());
	}
	return rc;
}

/* What was gathered leaves, unless something is still waiting to. */
static void send_off(struct store *store)
{
	if (store->leaving.len == 0) {
		struct batch empty = store->leaving;

		store->leaving = store->batch;
		store->batch = empty;
		store->leaving_sequence = store->next_sequence - 1;
		tails_leaving(store);
	}
}

/* On this thread, with what only the loop may do: the map grows, and a broken
 * environment is opened again. */
static int commit_here(struct store *store, struct err *reterr)
{
	int64_t begin_ns = clock_mono_ns();
	int rc = store->env.mdb ? 0 : env_reopen(&store->env, reterr);

	if (rc == 0) {
		rc = env_write(&store->env, write_batch, store);
	}
	store->commit_ns = clock_mono_ns() - begin_ns;
	return rc;
}

/* LMDB refuses everything after a failed write of its meta page. */
static int mend(struct store *store, int rc, struct err *reterr)
{
	if (rc == MDB_MAP_FULL) {
		rc = commit_here(store, reterr);
	}
	if (rc == MDB_PANIC) {
		rc = env_reopen(&store->env, reterr);
		if (rc == 0) {
			rc = commit_here(store, reterr);
		}
	}
	/* The map may be gone with the environment: see env_write(). */
	if (rc == EIO && store->env.mdb) {
		rc =
		    space_explain(store->env.mdb, 2 * store->leaving.bytes.len);
	}
	return rc;
}

/* A reader that was killed keeps old pages from being used again. */
static void check_readers(struct store *store)
{
	int64_t now = clock_mono_ns();

	if (now - store->checked_ns >= READER_CHECK_NS) {
		store->checked_ns = now;
		(void)mdb_reader_check(store->env.mdb, NULL);
	}
}

static void note_commit(struct store *store)
{
	store->totals.commits++;
	store->totals.records += store->leaving.len;
	store->totals.commit_ns += store->commit_ns;
	store->totals.sync_ns += store->env.sync_ns;
}

const struct store_totals *store_totals(const struct store *store)
{
	return &store->totals;
}

static int finish(struct store *store, int rc, struct err *reterr)
{
	rc = mend(store, rc, reterr);
	if (rc) {
		return env_error(rc, reterr, "store %s: cannot commit",
				 store->env.directory);
	}
	note_commit(store);
	batch_clear(&store->leaving);
	check_readers(store);
	return 0;
}

int store_commit(struct store *store, struct err *reterr)
{
	int rc = 0;

	assert(!store->committing);
	/* Twice when a batch is kept. */
	while (rc == 0 && !store_batch_empty(store)) {
		send_off(store);
		rc = finish(store, commit_here(store, reterr), reterr);
	}
	return rc;
}

/* ---- commit on the store's own thread ---- */

static int commit_there(void *arg)
{
	struct store *store = arg;
	int64_t begin_ns = clock_mono_ns();
	int rc = env_write_once(&store->env, write_batch, store);

	store->there_ns = clock_mono_ns() - begin_ns;
	return rc;
}

int64_t store_commit_ns(const struct store *store)
{
	return store->commit_ns;
}

uint64_t store_file_bytes(const struct store *store)
{
	return env_file_bytes(&store->env);
}

static void call_committed(void *arg)
{
	struct store *store = arg;

	if (store->on_committed) {
		store->on_committed(store->on_committed_arg);
	}
}

void store_on_committed(struct store *store, void (*call)(void *arg), void *arg)
{
	store->on_committed = call;
	store->on_committed_arg = arg;
}

void store_commit_begin(struct store *store)
{
	struct committer_job job = {
		.work = commit_there,
		.arg = store,
		.done = call_committed,
		.done_arg = store,
	};

	assert(!store->committing);
	send_off(store);
	if (!store->committer) {
		store->committer = committer_create();
	}
	store->committing = true;
	store->committed_here = !store->committer || !store->env.mdb;
	if (store->committed_here) {
		/* store_commit_end() opens it again. */
		store->committed_rc =
		    store->env.mdb ? commit_there(store) : MDB_PANIC;
		call_committed(store);
	} else {
		committer_begin(store->committer, &job);
	}
}

bool store_commit_done(const struct store *store)
{
	return store->committing &&
	       (store->committed_here || committer_done(store->committer));
}

int store_commit_end(struct store *store, struct err *reterr)
{
	assert(store->committing);
	int rc = store->committed_here ? store->committed_rc
				       : committer_end(store->committer);

	store->committing = false;
	store->commit_ns = store->there_ns;
	return finish(store, rc, reterr);
}

/* ---- finding a run by its uid ---- */

static int uid_lookup(struct env *env, MDB_txn *txn, struct key key,
		      struct id *ret_run)
{
	MDB_val at = { .mv_size = key.len, .mv_data = key.bytes };
	MDB_val value;
	int rc = mdb_get(txn, env->tables[TABLE_IX_UID], &at, &value);

	if (rc) {
		return rc == MDB_NOTFOUND ? E_NOT_FOUND : rc;
	}
	return uid_decode((struct slice){ value.mv_data, value.mv_size },
			  ret_run);
}

int store_find_uid(struct store *store, struct slice tenant,
		   struct slice workflow, struct slice uid, struct id *ret_run,
		   struct err *reterr)
{
	MDB_txn *txn;

	if (uid.len > LIMIT_UID || tenant.len > LIMIT_NAME ||
	    workflow.len > LIMIT_NAME) {
		return err_set(reterr, E_NOT_FOUND,
			       "a uid or name that is too long");
	}
	int rc = env_read(&store->env, &txn, reterr);

	if (rc) {
		return rc;
	}
	rc = uid_lookup(&store->env, txn, key_uid(uid, tenant, workflow),
			ret_run);
	mdb_txn_abort(txn);
	if (rc == 0 && doomed_has(store, ret_run)) {
		rc = E_NOT_FOUND;
	}
	if (rc == E_NOT_FOUND) {
		return err_set(reterr, rc, "no run of %.*s with uid '%.*s'",
			       SLICE_ARG(workflow), SLICE_ARG(uid));
	}
	if (rc == E_CORRUPT) {
		return err_set(reterr, rc, "store: ix_uid/%.*s is damaged",
			       SLICE_ARG(uid));
	}
	return env_error(rc, reterr, "store %s", store->env.directory);
}
