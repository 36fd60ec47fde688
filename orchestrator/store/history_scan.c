#include "store/history_scan.h"

int history_scan(struct rows *rows, struct env *env, MDB_txn *txn,
		 const struct id *run)
{
	struct key key = key_run(run);
	struct key first = key_history(run, 0);
	/* Whatever else is behind it is no history: it will be noticed. */
	const struct row_range range = {
		.prefix = key_slice(&key),
		.begin = key_slice(&first),
	};
	int rc = rows_scan(rows, env, txn, TABLE_OLD_HISTORY, key_slice(&key));

	return rc ? rc : rows_scan_range(rows, env, txn, TABLE_TREE, &range);
}
