/*
 * Keeping a store in good order, but for audit.h: its numbers, copies of it,
 * and single runs that leave it or come in as files of their own. Such a file
 * is a store with one run: view_open() takes it as it takes a directory, also
 * where nothing can be written.
 */
#ifndef STORE_UPKEEP_H
#define STORE_UPKEEP_H

#include "store/file.h"
#include "store/store.h"
#include "store/view.h"

#define STAT_TABLES 32 /* at most */

struct table_stat {
	const char *name;
	uint64_t entries;
	uint64_t pages;
};

struct store_stat {
	uint64_t schema;
	int64_t created_us;
	int64_t written_us;
	uint64_t transitions; /* so far, deleted ones too */
	uint64_t transaction; /* number of the last commit */
	uint64_t file_bytes;
	uint64_t map_bytes;
	uint32_t page_bytes;
	uint64_t pages_used; /* of the file, up to the last one in use */
	uint64_t pages_free; /* of those */
	uint32_t readers;    /* looking at this moment, this one included */
	uint32_t readers_max;
	struct table_stat tables[STAT_TABLES];
	size_t table_count;
};

int view_stat(struct view *view, struct store_stat *ret_stat,
	      struct err *reterr);

/*
 * Copy the store, as it is at this moment, to a new or empty directory, and
 * sync it. Writers go on meanwhile. E_CONFLICT when there is something in it.
 */
enum backup_form { BACKUP_AS_IS, BACKUP_COMPACT };

int view_backup(struct view *view, const char *directory, enum backup_form form,
		struct err *reterr);

/*
 * Write one run to a file, with its definition and history, its messages with
 * their documents, and the queues that they are in. E_NOT_FOUND, E_CONFLICT
 * when the file is there, E_FULL, E_IO.
 */
int view_export(struct view *view, const struct id *run, const char *path,
		enum file_replace replace, struct err *reterr);

/*
 * The store of nobody: sweep up, drop what no run needs, and replace the data
 * file by a copy without gaps. Whatever happens, it is the old or the new one.
 * E_BUSY when somebody owns it, or looks at it.
 */
struct compaction {
	uint64_t before_bytes;
	uint64_t after_bytes;
	uint64_t definitions; /* that no run uses any more */
};

int store_compact(const char *directory, struct compaction *ret_compaction,
		  struct err *reterr);

/*
 * Taking a run in, a piece at a time: nothing of it is seen before the last
 * one is committed, and what a crash leaves of it is swept away. The file is
 * one that view_export() of this program has made: strangers' files are to be
 * exported once more, by a process that may come to harm.
 *
 * Messages stay in the file. An ended run has none but dead letters, and what
 * is in its queues is for the daemon's driver to know: who wants such a task
 * done after all retries the run.
 */
struct import;

/* How the folders begin in which such files lie, in a store. */
#define IMPORT_FOLDER "import."

/* E_INVALID: not one ended run that agrees with itself; E_CONFLICT: the store
 * has the run, or its uid. */
int import_open(struct store *store, const char *path,
		struct import **ret_import, struct err *reterr);
void import_close(struct import *import); /* NULL is fine */

const struct run_record *import_run(const struct import *import);

/* Adds up to `rows` to the batch. 0 when the run is complete with it, 1 when
 * there is more; E_CONFLICT when its uid has been taken meanwhile. */
int import_step(struct import *import, size_t rows, struct err *reterr);

/* Has to be swept away; what import_step() has added goes again. */
void import_undo(struct import *import);

#endif
