/*
 * What single files of this room's have in common: they come to be under
 * another name, and get their own once they are complete and on disk. Any
 * thread.
 */
#ifndef STORE_FILE_H
#define STORE_FILE_H

#include "base/err.h"

/* Whether a file that is there may be replaced. */
enum file_replace { FILE_KEEP, FILE_REPLACE };

/*
 * An empty file beside `path`, 0600: its name, for the caller to free, and, if
 * wanted, its descriptor.
 */
int file_begin(const char *path, char **ret_draft, int *ret_fd,
	       struct err *reterr);

/*
 * Give it its name, for good. E_CONFLICT when there is one and it is to be
 * kept. The draft is gone, whatever comes of it.
 */
int file_finish(const char *draft, const char *path, enum file_replace replace,
		struct err *reterr);

/* Sync the folder in which `path` is, so that it is there for good. */
int file_sync_folder(const char *path, struct err *reterr);

#endif
