#include "store/env.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "store/lock.h"
#include "store/migrate.h"
#include "store/pages.h"
#include "store/record.h"
#include "store/store.h"

#define MAX_TABLES  32
#define MAX_READERS 512

/* "Store not reachable", as the command line has it. */
#define DAMAGED_EXIT 5

/* Of a file of this size all pages can be looked at in some milliseconds. */
#define THOROUGH_SIZE (16 * 1024 * 1024)

/* ---- meta ---- */

int env_get_meta(struct env *env, MDB_txn *txn, const char *name,
		 uint64_t *ret_number)
{
	struct key key = key_text(slice_of(name));
	MDB_val at = { .mv_size = key.len, .mv_data = key.bytes };
	MDB_val value;
	int rc = mdb_get(txn, env->tables[TABLE_META], &at, &value);

	if (rc) {
		return rc;
	}
	struct record_reader in =
	    record_read((struct slice){ value.mv_data, value.mv_size });
	uint64_t number = record_get_u64(&in);

	rc = record_end(&in);
	if (rc == 0) {
		*ret_number = number;
	}
	return rc;
}

int env_put_meta(struct env *env, MDB_txn *txn, const char *name,
		 uint64_t number)
{
	struct key key = key_text(slice_of(name));
	struct buf record = { 0 };

	record_begin(&record);
	buf_put_u64(&record, number);
	MDB_val at = { .mv_size = key.len, .mv_data = key.bytes };
	MDB_val value = { .mv_size = record.len, .mv_data = record.data };
	int rc = mdb_put(txn, env->tables[TABLE_META], &at, &value, 0);

	buf_fini(&record);
	return rc;
}

/* ---- tables and schema ---- */

static int check_schema(struct env *env, MDB_txn *txn, uint64_t *ret_schema,
			struct err *reterr)
{
	uint64_t schema = 0;
	int rc = env_get_meta(env, txn, "schema", &schema);

	*ret_schema = schema;
	if (rc == MDB_NOTFOUND || rc == E_CORRUPT) {
		return err_set(reterr, E_CORRUPT,
			       "store %s: its schema number is missing or "
			       "damaged",
			       env->directory);
	}
	if (rc == 0 && schema > STORE_SCHEMA) {
		return err_set(reterr, E_VERSION,
			       "store %s has schema %llu, this tutti knows %d: "
			       "use the newer tutti that wrote it",
			       env->directory, (unsigned long long)schema,
			       STORE_SCHEMA);
	}
	return rc;
}

/* Those that a store of `schema` has. */
static int open_tables(struct env *env, MDB_txn *txn, unsigned flags,
		       uint64_t schema)
{
	for (int table = 0; table < TABLES; table++) {
		int rc = 0;

		env->tables[table] = NO_TABLE;
		if (table_since((enum table)table) <= schema) {
			rc = mdb_dbi_open(txn, table_name((enum table)table),
					  flags, &env->tables[table]);
		}
		if (rc) {
			return rc;
		}
	}
	return 0;
}

static int create_schema(struct env *env, MDB_txn *txn)
{
	int rc = open_tables(env, txn, MDB_CREATE, STORE_SCHEMA);

	if (rc == 0) {
		rc = env_put_meta(env, txn, "created_us",
				  (uint64_t)clock_wall_us());
	}
	if (rc == 0) {
		rc = env_put_meta(env, txn, "schema", STORE_SCHEMA);
	}
	return rc;
}

static int prepare(struct env *env, MDB_txn *txn, void *reterr)
{
	uint64_t schema = 0;
	int rc = mdb_dbi_open(txn, table_name(TABLE_META), 0,
			      &env->tables[TABLE_META]);

	if (rc == MDB_NOTFOUND) {
		return create_schema(env, txn);
	}
	if (rc == 0) {
		rc = check_schema(env, txn, &schema, reterr);
	}
	if (rc == 0) {
		rc = open_tables(env, txn, MDB_CREATE, STORE_SCHEMA);
	}
	return rc ? rc : migrate(env, txn, schema);
}

static int prepare_write(struct env *env, struct err *reterr)
{
	return env_error(env_write(env, prepare, reterr), reterr, "store %s",
			 env->directory);
}

static int no_store(const char *directory, struct err *reterr)
{
	return err_set(reterr, E_NOT_FOUND,
		       "no store at %s: start one with tutti serve or tutti "
		       "run",
		       directory);
}

/* A store without `meta` is one whose first commit has yet to come. */
static int look_at_tables(struct env *env, MDB_txn *txn, struct err *reterr)
{
	uint64_t schema = 0;
	int rc = mdb_dbi_open(txn, table_name(TABLE_META), 0,
			      &env->tables[TABLE_META]);

	if (rc == MDB_NOTFOUND) {
		return no_store(env->directory, reterr);
	}
	if (rc == 0) {
		rc = check_schema(env, txn, &schema, reterr);
	}
	if (rc == 0) {
		rc = open_tables(env, txn, 0, schema);
	}
	if (rc == MDB_NOTFOUND) {
		return err_set(reterr, E_CORRUPT, "store %s: a table is gone",
			       env->directory);
	}
	return env_error(rc, reterr, "store %s", env->directory);
}

static int prepare_read(struct env *env, struct err *reterr)
{
	MDB_txn *txn;
	int rc = env_read(env, &txn, reterr);

	if (rc) {
		return rc;
	}
	rc = look_at_tables(env, txn, reterr);
	if (rc) {
		mdb_txn_abort(txn);
		return rc;
	}
	/* Only a commit keeps the handles. */
	return env_error(mdb_txn_commit(txn), reterr, "store %s",
			 env->directory);
}

/* ---- opening ---- */

/* LMDB has met what cannot be in a sound file. What was committed stays as it
 * is, and nobody is told what is not so. */
static void damaged(MDB_env *mdb, const char *what)
{
	const char *path = "";

	(void)mdb_env_get_path(mdb, &path);
	(void)fprintf(stderr,
		      "tutti: store %s: its data file is damaged (%s); restore "
		      "a backup of the store\n",
		      path, what);
	_Exit(DAMAGED_EXIT);
}

static bool is_file(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* A single file does not change once it is there under its name, and may lie
 * where no lock file can be made. */
static unsigned flags_of(const struct env *env)
{
	unsigned flags =
	    env->flags | MDB_NOTLS | (env->mode == ENV_READ ? MDB_RDONLY : 0);

	return env->single ? flags | MDB_NOSUBDIR | MDB_NOLOCK : flags;
}

static int open_lmdb(struct env *env)
{
	env->single = is_file(env->directory);
	unsigned flags = flags_of(env);
	int rc = mdb_env_create(&env->mdb);

	if (rc) {
		env->mdb = NULL;
		return rc;
	}
	(void)mdb_env_set_assert(env->mdb, damaged);
	(void)mdb_env_set_maxdbs(env->mdb, MAX_TABLES);
	(void)mdb_env_set_maxreaders(env->mdb, MAX_READERS);
	if (env->map) {
		(void)mdb_env_set_mapsize(env->mdb, env->map);
	}
	return mdb_env_open(env->mdb, env->directory, flags, 0600);
}

static void close_lmdb(struct env *env)
{
	if (env->mdb) {
		mdb_env_close(env->mdb);
		env->mdb = NULL;
	}
}

static int open_all(struct env *env, struct err *reterr)
{
	/* Pages that somebody else changes meanwhile tell nothing. */
	bool alone = env->mode != ENV_READ || owner_find(env->directory) == 0;
	int rc = pages_check(env->directory, alone ? THOROUGH_SIZE : 0, reterr);

	if (rc) {
		return rc;
	}
	rc = open_lmdb(env);
	/* EBADF: LMDB would begin an empty file. Its maker never came so far.
	 */
	if (env->mode == ENV_READ &&
	    (rc == ENOENT || rc == ENOTDIR || rc == EBADF)) {
		rc = no_store(env->directory, reterr);
	} else if (rc == EACCES || rc == EPERM) {
		rc = err_set(reterr, E_DENIED,
			     "store %s belongs to another user: not allowed "
			     "to open it",
			     env->directory);
	} else if (rc) {
		rc = env_error(rc, reterr, "store %s: cannot open it",
			       env->directory);
	} else if (env->mode == ENV_READ) {
		rc = prepare_read(env, reterr);
	} else {
		rc = prepare_write(env, reterr);
	}
	if (rc) {
		close_lmdb(env);
	}
	return rc;
}

int env_open(struct env *env, const char *directory, enum env_mode mode,
	     size_t map, struct err *reterr)
{
	*env = (struct env){
		.directory = alloc_string(directory),
		.mode = mode,
		.map = map,
	};
	int rc = open_all(env, reterr);

	if (rc) {
		env_close(env);
	}
	return rc;
}

void env_close(struct env *env)
{
	if (env->mdb && env->flags & MDB_NOMETASYNC) {
		(void)mdb_env_sync(env->mdb, 1);
	}
	close_lmdb(env);
	free(env->directory);
	env->directory = NULL;
}

void env_relax(struct env *env)
{
	env->flags |= MDB_NOMETASYNC;
	if (env->mdb) {
		(void)mdb_env_set_flags(env->mdb, MDB_NOMETASYNC, 1);
	}
}

int env_reopen(struct env *env, struct err *reterr)
{
	close_lmdb(env);
	return open_all(env, reterr);
}

/* ---- transactions ---- */

int env_read(struct env *env, MDB_txn **ret_txn, struct err *reterr)
{
	if (!env->mdb) {
		int rc = env_reopen(env, reterr);

		if (rc) {
			return rc;
		}
	}
	int rc = mdb_txn_begin(env->mdb, NULL, MDB_RDONLY, ret_txn);

	/* It may grow again between the two calls. */
	for (int tries = 0; rc == MDB_MAP_RESIZED && tries < 100; tries++) {
		rc = mdb_env_set_mapsize(env->mdb, 0);
		if (rc == 0) {
			rc = mdb_txn_begin(env->mdb, NULL, MDB_RDONLY, ret_txn);
		}
	}
	if (rc == MDB_READERS_FULL) {
		(void)mdb_reader_check(env->mdb, NULL);
		rc = mdb_txn_begin(env->mdb, NULL, MDB_RDONLY, ret_txn);
	}
	return env_error(rc, reterr, "store %s: cannot read", env->directory);
}

/*
 * When the larger map cannot be had LMDB is left without any, which it does
 * not survive: open it again with the old size later.
 */
static int grow(struct env *env)
{
	MDB_envinfo info;

	(void)mdb_env_info(env->mdb, &info);
	if (info.me_mapsize > SIZE_MAX / 2) {
		return ENOMEM;
	}
	int rc = mdb_env_set_mapsize(env->mdb, info.me_mapsize * 2);

	if (rc) {
		env->map = info.me_mapsize;
		close_lmdb(env);
	} else {
		env->map = info.me_mapsize * 2;
	}
	return rc;
}

int env_write_once(struct env *env, env_work work, void *arg)
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(env->mdb, NULL, 0, &txn);

	if (rc) {
		return rc;
	}
	rc = work(env, txn, arg);
	if (rc) {
		mdb_txn_abort(txn);
		return rc;
	}
	int64_t begin_ns = clock_mono_ns();

	rc = mdb_txn_commit(txn);
	env->sync_ns = clock_mono_ns() - begin_ns;
	return rc;
}

uint64_t env_file_bytes(const struct env *env)
{
	mdb_filehandle_t fd;
	struct stat status;

	return env->mdb && mdb_env_get_fd(env->mdb, &fd) == 0 &&
		       fstat(fd, &status) == 0
		   ? (uint64_t)status.st_size
		   : 0;
}

int env_write(struct env *env, env_work work, void *arg)
{
	assert(env->mdb);
	for (;;) {
		int rc = env_write_once(env, work, arg);

		if (rc == MDB_MAP_FULL) {
			rc = grow(env);
			if (rc == 0) {
				continue;
			}
		}
		return rc;
	}
}
