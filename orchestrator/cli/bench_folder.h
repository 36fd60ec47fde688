/*
 * The private folder of `tutti bench`, on the file system of a store. One
 * thread.
 */
#ifndef CLI_BENCH_FOLDER_H
#define CLI_BENCH_FOLDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Make a folder beside `store`, which need not be there; inside of it when it
 * is a file system of its own, or when nothing can be made beside it. Its
 * absolute path is the caller's to free(). E_DENIED, E_FULL, E_IO.
 */
int bench_folder_make(const char *store, char **ret_folder, struct err *reterr);

/* With all that is in it. E_IO. */
int bench_folder_remove(const char *folder, struct err *reterr);

/* How much may still be written there, and is it kept in memory only? */
int bench_folder_space(const char *folder, uint64_t *ret_bytes,
		       bool *ret_memory, struct err *reterr);

#endif
