/*
 * The pages of a store's data file, read past LMDB. It follows them in a map,
 * where a page that is not there kills the process and one that is garbled may;
 * here they are read, and nothing of them is believed.
 */
#ifndef STORE_PAGES_H
#define STORE_PAGES_H

#include <stdint.h>

#include "base/err.h"

/*
 * Before LMDB opens it: do the two pages with which the file begins agree, and
 * are all pages there that are in use? `path` is the store's directory, or the
 * data file itself. Quick: all pages are followed only in a file of at most
 * `thorough_size` bytes, and in one that is shorter than it may have to be. 0
 * or E_CORRUPT. A file that is missing or cannot be read, and an empty one,
 * count as good here: LMDB has its own word on them. Others may write
 * meanwhile.
 */
int pages_check(const char *path, uint64_t thorough_size, struct err *reterr);

#endif
