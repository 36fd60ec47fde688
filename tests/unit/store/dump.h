/*
 * Stores that earlier versions have made, out of the text that mdb_dump -a
 * wrote of them (tests/data/store).
 */
#ifndef TEST_STORE_DUMP_H
#define TEST_STORE_DUMP_H

#include <lmdb.h>

#include "support.h"

static inline void dump_fail(int rc, const char *what)
{
	if (rc) {
		fail_msg("%s: %s", what, mdb_strerror(rc));
	}
}

/* " 00ff..." and a newline; the bytes take the place of their digits. */
static inline MDB_val dump_value(char *line)
{
	size_t len = strcspn(line + 1, "\n") / 2;

	for (size_t i = 0; i < len; i++) {
		char digits[3] = { line[1 + 2 * i], line[2 + 2 * i] };

		line[i] = (char)strtoul(digits, NULL, 16);
	}
	return (MDB_val){ .mv_size = len, .mv_data = line };
}

static inline void dump_read(FILE *file, MDB_txn *txn)
{
	static char key_line[1 << 16];
	static char line[1 << 16];
	MDB_dbi table = 0;

	while (fgets(key_line, sizeof(key_line), file)) {
		char *name =
		    strncmp(key_line, "database=", 9) ? NULL : key_line + 9;

		if (name) {
			name[strcspn(name, "\n")] = 0;
			dump_fail(mdb_dbi_open(txn, name, MDB_CREATE, &table),
				  name);
		} else if (*key_line == ' ') {
			assert_non_null(fgets(line, sizeof(line), file));
			MDB_val key = dump_value(key_line);
			MDB_val value = dump_value(line);

			dump_fail(mdb_put(txn, table, &key, &value, 0), "put");
		}
	}
}

/* Into `directory`, which is there. */
static inline void dump_load(const char *name, const char *directory)
{
	struct buf path = { 0 };
	MDB_env *env;
	MDB_txn *txn;

	buf_printf(&path, "%s/store/%s", TEST_DATA, name);
	buf_put_byte(&path, 0);
	FILE *file = fopen(path.data, "r");

	assert_non_null(file);
	dump_fail(mdb_env_create(&env), "create");
	dump_fail(mdb_env_set_maxdbs(env, 32), "tables");
	dump_fail(mdb_env_open(env, directory, 0, 0600), "open");
	dump_fail(mdb_txn_begin(env, NULL, 0, &txn), "begin");
	dump_read(file, txn);
	dump_fail(mdb_txn_commit(txn), "commit");
	mdb_env_close(env);
	fclose(file);
	buf_fini(&path);
}

#endif
