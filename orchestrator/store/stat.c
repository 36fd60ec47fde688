#include <string.h>
#include <unistd.h>

#include "store/handle.h"
#include "store/read.h"
#include "store/rows.h"
#include "store/upkeep.h"

_Static_assert((int)TABLES <= STAT_TABLES, "all have room");

/* LMDB's own table of pages that are free: transaction -> their list, which
 * begins with its length. */
#define FREE_TABLE 0

static int count_free(MDB_txn *txn, uint64_t *ret_pages)
{
	MDB_cursor *cursor;
	MDB_val key;
	MDB_val value;
	uint64_t pages = 0;
	int rc = mdb_cursor_open(txn, FREE_TABLE, &cursor);

	if (rc) {
		return rc;
	}
	while ((rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
		size_t len = 0;

		if (value.mv_size >= sizeof(len)) {
			memcpy(&len, value.mv_data, sizeof(len));
		}
		pages += len;
	}
	mdb_cursor_close(cursor);
	*ret_pages = pages;
	return rc == MDB_NOTFOUND ? 0 : rc;
}

static int count_table(struct env *env, MDB_txn *txn, enum table table,
		       struct table_stat *ret_stat)
{
	MDB_stat stat;

	int rc = mdb_stat(txn, env->tables[table], &stat);

	if (rc == 0) {
		*ret_stat = (struct table_stat){
			.name = table_name(table),
			.entries = stat.ms_entries,
			.pages = stat.ms_branch_pages + stat.ms_leaf_pages +
				 stat.ms_overflow_pages,
		};
	}
	return rc;
}

/* Lines of a list: what each is tells nobody, only how many there are. */
static int count_reader(const char *line, void *arg)
{
	uint32_t *readers = arg;

	*readers += line[0] == ' ' && strpbrk(line, "0123456789") != NULL;
	return 0;
}

static uint64_t meta_number(struct env *env, MDB_txn *txn, const char *name)
{
	uint64_t number = 0;

	(void)env_get_meta(env, txn, name, &number);
	return number;
}

static int read_stat(struct env *env, MDB_txn *txn, struct store_stat *stat)
{
	int rc = 0;

	stat->schema = meta_number(env, txn, "schema");
	stat->created_us = (int64_t)meta_number(env, txn, "created_us");
	stat->written_us = (int64_t)meta_number(env, txn, "written_us");
	stat->transitions = meta_number(env, txn, "sequence");
	stat->transaction = mdb_txn_id(txn);
	for (int table = 0; table < TABLES && rc == 0; table++) {
		if (env->tables[table] != NO_TABLE) {
			rc = count_table(env, txn, (enum table)table,
					 &stat->tables[stat->table_count++]);
		}
	}
	return rc ? rc : count_free(txn, &stat->pages_free);
}

static void read_environment(struct env *env, struct store_stat *stat)
{
	MDB_envinfo info = { 0 };
	MDB_stat pages = { 0 };

	(void)mdb_env_info(env->mdb, &info);
	(void)mdb_env_stat(env->mdb, &pages);
	stat->file_bytes = env_file_bytes(env);
	stat->map_bytes = info.me_mapsize;
	stat->page_bytes = pages.ms_psize;
	stat->pages_used = info.me_last_pgno + 1;
	stat->readers_max = info.me_maxreaders;
	(void)mdb_reader_list(env->mdb, count_reader, &stat->readers);
}

int view_stat(struct view *view, struct store_stat *ret_stat,
	      struct err *reterr)
{
	struct store_stat stat = { 0 };
	MDB_txn *txn;
	int rc = env_read(view->env, &txn, reterr);

	if (rc) {
		return rc;
	}
	rc = read_stat(view->env, txn, &stat);
	read_environment(view->env, &stat);
	mdb_txn_abort(txn);
	if (rc == 0) {
		*ret_stat = stat;
	}
	return env_error(rc, reterr, "store %s", view->env->directory);
}
