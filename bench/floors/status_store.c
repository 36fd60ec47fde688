#include "status_store.h"

#include <endian.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fail.h"

/* Address space alone: the file grows as it is written. */
#define MAP_BYTES ((size_t)16 << 30)

struct status_store {
	MDB_env *env;
	MDB_dbi table;
	MDB_txn *txn;
	unsigned char *record;
};

static void check(int rc, const char *what)
{
	if (rc) {
		floor_fail(what, mdb_strerror(rc));
	}
}

static MDB_env *open_env(const char *folder, unsigned flags)
{
	MDB_env *env;

	check(mdb_env_create(&env), folder);
	check(mdb_env_set_mapsize(env, MAP_BYTES), folder);
	check(mdb_env_open(env, folder, flags, 0600), folder);
	return env;
}

struct status_store *status_store_open(const char *folder,
				       enum durability durability, size_t most)
{
	static const unsigned flags[] = {
		[DURABILITY_STRICT] = 0,
		[DURABILITY_RELAXED] = MDB_NOMETASYNC,
		[DURABILITY_NONE] = MDB_NOSYNC,
	};
	struct status_store *store = calloc(1, sizeof(*store));

	if (!store || !(store->record = calloc(1, STATUS_BYTES + most))) {
		floor_fail_errno(folder);
	}
	store->env = open_env(folder, flags[durability]);
	status_store_begin(store);
	check(mdb_dbi_open(store->txn, NULL, 0, &store->table), folder);
	mdb_txn_abort(store->txn);
	return store;
}

void status_store_close(struct status_store *store)
{
	mdb_env_close(store->env);
	free(store->record);
	free(store);
}

void status_store_begin(struct status_store *store)
{
	check(mdb_txn_begin(store->env, NULL, 0, &store->txn), "begin");
}

void status_store_put(struct status_store *store, struct status_key key,
		      enum status status, size_t more)
{
	struct status_key at = {
		.activity = htobe64(key.activity),
		.plugin = htobe64(key.plugin),
	};
	MDB_val name = { .mv_size = sizeof(at), .mv_data = &at };
	MDB_val value = {
		.mv_size = STATUS_BYTES + more,
		.mv_data = store->record,
	};

	store->record[0] = (unsigned char)status;
	check(mdb_put(store->txn, store->table, &name, &value, 0), "put");
}

void status_store_commit(struct status_store *store)
{
	check(mdb_txn_commit(store->txn), "commit");
}

static uint64_t size_of(const char *folder)
{
	struct stat status;
	char *path;

	if (asprintf(&path, "%s/data.mdb", folder) < 0 || stat(path, &status)) {
		floor_fail_errno(folder);
	}
	free(path);
	return (uint64_t)status.st_size;
}

static void count_records(MDB_txn *txn, struct status_counts *counts)
{
	MDB_cursor *cursor;
	MDB_dbi table;
	MDB_val key;
	MDB_val value;

	check(mdb_dbi_open(txn, NULL, 0, &table), "count");
	check(mdb_cursor_open(txn, table, &cursor), "count");
	while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
		counts->records++;
		counts->done += *(unsigned char *)value.mv_data == STATUS_DONE;
	}
	mdb_cursor_close(cursor);
}

void status_store_count(const char *folder, struct status_counts *ret_counts)
{
	MDB_env *env = open_env(folder, MDB_RDONLY);
	MDB_txn *txn;

	*ret_counts = (struct status_counts){ .bytes = size_of(folder) };
	check(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn), folder);
	count_records(txn, ret_counts);
	ret_counts->commits = mdb_txn_id(txn);
	mdb_txn_abort(txn);
	mdb_env_close(env);
}
