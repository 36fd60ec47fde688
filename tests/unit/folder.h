/*
 * A folder of its own for a test, and its end with all that is in it.
 */
#ifndef TESTS_FOLDER_H
#define TESTS_FOLDER_H

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"

/* `pattern` ends in XXXXXX; the path made of it is the caller's to free(). */
static inline char *folder_make(const char *pattern)
{
	char *folder = alloc_string(pattern);

	assert_non_null(mkdtemp(folder));
	return folder;
}

static inline int folder_remove_one(const char *path, const struct stat *status,
				    int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

static inline void folder_remove(const char *folder)
{
	(void)nftw(folder, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
