/*
 * An open LMDB environment with the handles of its tables: what the writer and
 * the views have in common. Never open the same directory twice in a process.
 * One thread.
 */
#ifndef STORE_ENV_H
#define STORE_ENV_H

#include <lmdb.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "store/schema.h"

enum env_mode {
	ENV_WRITE,
	ENV_READ, /* a directory, or a single file (an exported run) */
	ENV_FILE, /* write a single file, which is empty and nobody else's */
};

/* In `tables`: the store is too old to have it, and is only read. */
#define NO_TABLE ((MDB_dbi)-1)

struct env {
	MDB_env *mdb; /* NULL: broken, env_reopen() before use */
	MDB_dbi tables[TABLES];
	char *directory;
	enum env_mode mode;
	bool single;    /* a file, and no directory */
	size_t map;     /* bytes; 0: as the file says */
	unsigned flags; /* of LMDB, besides those of the mode */
	/* How long the last commit took to write and sync its pages. */
	int64_t sync_ns;
};

/*
 * Open, create the tables when writing, and check the schema. On failure
 * `env` holds nothing. Codes as in store_open() and view_open().
 */
int env_open(struct env *env, const char *directory, enum env_mode mode,
	     size_t map, struct err *reterr);
void env_close(struct env *env);

/* Close and open again what env_write() or env_read() found broken. */
int env_reopen(struct env *env, struct err *reterr);

/* A snapshot; end it with mdb_txn_abort(), soon. 0 or an E_* code. */
int env_read(struct env *env, MDB_txn **ret_txn, struct err *reterr);

/*
 * Do `work` in a write transaction and commit it. When the map is full it is
 * doubled and `work` done again from the start. Returns 0, a code of LMDB or
 * the system, or what `work` returned.
 */
typedef int (*env_work)(struct env *env, MDB_txn *txn, void *arg);
int env_write(struct env *env, env_work work, void *arg);

/* The same once, whatever comes of it; a full map is MDB_MAP_FULL. [any thread,
 * while no other writes and the environment stays open] */
int env_write_once(struct env *env, env_work work, void *arg);

/* Of the data file; 0 when it is broken. */
uint64_t env_file_bytes(const struct env *env);

/* Commits of now on do not sync their last page (MDB_NOMETASYNC). */
void env_relax(struct env *env);

/* Numbers in `meta`. 0 or a code of LMDB; E_CORRUPT for another format. */
int env_get_meta(struct env *env, MDB_txn *txn, const char *name,
		 uint64_t *ret_number);
int env_put_meta(struct env *env, MDB_txn *txn, const char *name,
		 uint64_t number);

/*
 * Turn a code of LMDB or the system into one of ours and fill `reterr` with
 * the formatted text and the cause. 0 and E_* codes come back as they are,
 * with the sentence that is there.
 */
int env_error(int code, struct err *reterr, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
