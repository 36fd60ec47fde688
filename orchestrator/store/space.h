/*
 * Room on the disk for the files of a store. A hole in a mapped file that
 * cannot be filled kills the process that touches it, and a first page cut
 * short is a damaged file: both are ruled out before LMDB opens them.
 */
#ifndef STORE_SPACE_H
#define STORE_SPACE_H

#include <lmdb.h>
#include <stddef.h>

#include "base/err.h"

/*
 * Before the environment is opened in this process. 0, E_FULL, E_DENIED, E_IO.
 */
int space_prepare(const char *directory, struct err *reterr);

/*
 * After a write failed with EIO, which is how LMDB reports a write cut short:
 * the real reason, ENOSPC or EDQUOT if `bytes` more cannot be had, else EIO.
 */
int space_explain(MDB_env *env, size_t bytes);

#endif
