#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "store/codec.h"
#include "store/copy.h"
#include "store/handle.h"
#include "store/lock.h"
#include "store/rows.h"

#define SWEEP_ROWS 10000

/* Who looks at the store for a moment is waited for. */
#define LOOKERS_MS 3000
#define LOOK_MS    20

/* ---- what nobody needs ---- */

static int sweep_all(struct store *store, struct err *reterr)
{
	int rc = 0;

	while (rc == 0 && store_sweeping(store)) {
		rc = store_sweep(store, SWEEP_ROWS, reterr);
		if (rc == 0) {
			rc = store_commit(store, reterr);
		}
	}
	return rc;
}

static int compare_hashes(const void *a, const void *b)
{
	return memcmp(a, b, DEFINITION_HASH_SIZE);
}

/* Of each run, sorted; an unreadable run is an error: what it needs is not
 * known. */
static int used_versions(struct store *store, MDB_txn *txn, struct buf *out)
{
	MDB_cursor *cursor;
	MDB_val key;
	MDB_val value;
	int rc = mdb_cursor_open(txn, store->env.tables[TABLE_RUNS], &cursor);

	if (rc) {
		return rc;
	}
	while ((rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
		struct run_record run;
		struct id id;

		if (key_last_id(slice_of_val(&key), &id) ||
		    run_decode(slice_of_val(&value), &id, &run)) {
			rc = E_CORRUPT;
			break;
		}
		buf_put(out, run.version, DEFINITION_HASH_SIZE);
	}
	mdb_cursor_close(cursor);
	if (rc == MDB_NOTFOUND && out->len) {
		qsort(out->data, out->len / DEFINITION_HASH_SIZE,
		      DEFINITION_HASH_SIZE, compare_hashes);
	}
	return rc == MDB_NOTFOUND ? 0 : rc;
}

static bool is_used(const struct buf *used, struct slice hash)
{
	return used->len && hash.len == DEFINITION_HASH_SIZE &&
	       bsearch(hash.ptr, used->data, used->len / DEFINITION_HASH_SIZE,
		       DEFINITION_HASH_SIZE, compare_hashes);
}

static int drop_unused(struct store *store, MDB_txn *txn,
		       const struct buf *used, uint64_t *ret_dropped)
{
	struct rows rows = { 0 };
	int rc =
	    rows_scan(&rows, &store->env, txn, TABLE_DEFINITIONS, SLICE(""));

	for (size_t i = 0; rc == 0 && i < rows.len; i++) {
		struct key key = key_text(rows_key(&rows, i));

		if (!is_used(used, key_slice(&key))) {
			batch_delete(&store->batch, TABLE_DEFINITIONS, &key);
			++*ret_dropped;
		}
	}
	rows_fini(&rows);
	return rc;
}

static int drop_definitions(struct store *store, uint64_t *ret_dropped,
			    struct err *reterr)
{
	struct buf used = { 0 };
	MDB_txn *txn;
	int rc = env_read(&store->env, &txn, reterr);

	if (rc) {
		return rc;
	}
	rc = used_versions(store, txn, &used);
	if (rc == 0) {
		rc = drop_unused(store, txn, &used, ret_dropped);
	}
	mdb_txn_abort(txn);
	buf_fini(&used);
	if (rc == E_CORRUPT) {
		return err_set(reterr, rc,
			       "store %s: a run is damaged; tutti store check "
			       "says which",
			       store->env.directory);
	}
	rc = env_error(rc, reterr, "store %s", store->env.directory);
	return rc ? rc : store_commit(store, reterr);
}

/* ---- the new file ---- */

static char *path_in(const char *directory, const char *name)
{
	struct buf path = { 0 };

	buf_printf(&path, "%s/%s", directory, name);
	return buf_take(&path);
}

static uint64_t size_of(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 ? (uint64_t)status.st_size : 0;
}

/* As LMDB does: who has the environment open holds a lock on the first byte. */
static int lock_lookers(int fd)
{
	struct flock first = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_len = 1,
	};
	int64_t end_ns = clock_mono_ns() + LOOKERS_MS * INT64_C(1000000);
	struct timespec pause = { .tv_nsec = LOOK_MS * 1000000 };

	while (fcntl(fd, F_SETLK, &first)) {
		if ((errno != EAGAIN && errno != EACCES) ||
		    clock_mono_ns() > end_ns) {
			return errno;
		}
		(void)nanosleep(&pause, NULL);
	}
	return 0;
}

/*
 * LMDB's lock file knows the number of the last commit and would go on from
 * there, though the new file begins anew: it goes, too, while nobody has it.
 */
static int exchange(const char *draft, const char *data, const char *lock,
		    struct err *reterr)
{
	int fd = open(lock, O_RDWR | O_CLOEXEC);
	int rc = fd < 0 ? errno : lock_lookers(fd);

	if (rc == EAGAIN || rc == EACCES) {
		rc = err_set(reterr, E_BUSY,
			     "somebody is looking at the store, another tutti "
			     "perhaps: try again when it has ended");
	} else if (rc) {
		rc = env_error(rc, reterr, "cannot lock %s", lock);
	}
	if (rc == 0) {
		rc = file_finish(draft, data, FILE_REPLACE, reterr);
	} else {
		(void)unlink(draft);
	}
	if (rc == 0) {
		(void)unlink(lock);
	}
	if (fd >= 0) {
		close(fd);
	}
	return rc;
}

static int replace(const char *directory, const char *draft,
		   struct compaction *compaction, struct err *reterr)
{
	char *data = path_in(directory, "data.mdb");
	char *lock = path_in(directory, "lock.mdb");

	compaction->before_bytes = size_of(data);
	int rc = exchange(draft, data, lock, reterr);

	compaction->after_bytes = size_of(data);
	free(data);
	free(lock);
	return rc;
}

/* What is left of one that was interrupted is written over. */
static int write_copy(struct store *store, const char *draft,
		      struct err *reterr)
{
	int fd = open(draft, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int rc = fd < 0 ? errno : copy_to_file(&store->env, fd, BACKUP_COMPACT);

	if (fd >= 0) {
		close(fd);
	}
	if (rc) {
		(void)unlink(draft);
	}
	return env_error(rc, reterr, "cannot write %s", draft);
}

static int write_draft(struct store *store, const char *draft,
		       struct compaction *compaction, struct err *reterr)
{
	int rc = sweep_all(store, reterr);

	if (rc == 0) {
		rc = drop_definitions(store, &compaction->definitions, reterr);
	}
	if (rc == 0) {
		rc = write_copy(store, draft, reterr);
	}
	return rc;
}

static int compact(struct store *store, struct compaction *ret_compaction,
		   struct err *reterr)
{
	struct compaction compaction = { 0 };
	char *directory = alloc_string(store_directory(store));
	char *draft = path_in(directory, "compact.mdb");
	int rc = write_draft(store, draft, &compaction, reterr);

	/* The owner's lock is kept until the new file is in its place. */
	env_close(&store->env);
	if (rc == 0) {
		rc = replace(directory, draft, &compaction, reterr);
	}
	if (rc == 0) {
		*ret_compaction = compaction;
	}
	free(draft);
	free(directory);
	return rc;
}

int store_compact(const char *directory, struct compaction *ret_compaction,
		  struct err *reterr)
{
	struct store *store;
	char *data = path_in(directory, "data.mdb");
	bool there = access(data, F_OK) == 0;

	free(data);
	if (!there) {
		return err_set(reterr, E_NOT_FOUND, "no store at %s",
			       directory);
	}
	int rc = store_open(directory, &store, reterr);

	if (rc == 0) {
		rc = compact(store, ret_compaction, reterr);
		store_close(store);
	}
	return rc;
}
