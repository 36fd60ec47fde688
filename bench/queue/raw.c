#include "raw.h"

#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"

#define MAP_BYTES (4096 * (size_t)1024 * 1024)

/* As the store's keys are. */
#define KEY_BYTES (ID_SIZE + 4)

struct raw {
	MDB_env *env;
	MDB_dbi dbi;
};

static void must(int rc, const char *what)
{
	if (rc) {
		(void)fprintf(stderr, "bench_queue: %s: %s\n", what,
			      mdb_strerror(rc));
		exit(1);
	}
}

static MDB_txn *begin(struct raw *raw)
{
	MDB_txn *txn;

	must(mdb_txn_begin(raw->env, NULL, 0, &txn), "begin");
	return txn;
}

struct raw *raw_open(const char *directory, bool relaxed)
{
	struct raw *raw = alloc_zeroed(1, sizeof(*raw));
	MDB_txn *txn;

	must(mdb_env_create(&raw->env), "create");
	must(mdb_env_set_maxdbs(raw->env, 1), "tables");
	must(mdb_env_set_mapsize(raw->env, MAP_BYTES), "map");
	must(mdb_env_open(raw->env, directory,
			  MDB_NOTLS | (relaxed ? MDB_NOMETASYNC : 0u), 0600),
	     "open");
	txn = begin(raw);
	must(mdb_dbi_open(txn, "messages", MDB_CREATE, &raw->dbi), "table");
	must(mdb_txn_commit(txn), "commit");
	return raw;
}

void raw_close(struct raw *raw)
{
	mdb_env_close(raw->env);
	free(raw);
}

static void key_of(const struct message_key *key, unsigned char *bytes)
{
	for (int i = 0; i < ID_SIZE; i++) {
		bytes[i] = key->run.bytes[i];
	}
	for (int i = 0; i < 4; i++) {
		bytes[ID_SIZE + i] = (unsigned char)(key->task >> (24 - 8 * i));
	}
}

void raw_put(struct raw *raw, const struct message_key *keys, size_t len,
	     struct slice value)
{
	char *copy = slice_dup(value);
	MDB_txn *txn = begin(raw);

	for (size_t i = 0; i < len; i++) {
		unsigned char bytes[KEY_BYTES];
		MDB_val key = { KEY_BYTES, bytes };
		MDB_val data = { value.len, copy };

		key_of(&keys[i], bytes);
		must(mdb_put(txn, raw->dbi, &key, &data, 0), "put");
	}
	must(mdb_txn_commit(txn), "commit");
	free(copy);
}

void raw_delete(struct raw *raw, const struct message_key *keys, size_t len)
{
	MDB_txn *txn = begin(raw);

	for (size_t i = 0; i < len; i++) {
		unsigned char bytes[KEY_BYTES];
		MDB_val key = { KEY_BYTES, bytes };

		key_of(&keys[i], bytes);
		must(mdb_del(txn, raw->dbi, &key, NULL), "delete");
	}
	must(mdb_txn_commit(txn), "commit");
}
