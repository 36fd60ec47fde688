#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "store/env.h"

static int translate_lmdb(int code)
{
	switch (code) {
	case MDB_NOTFOUND:
		return E_NOT_FOUND;
	case MDB_PAGE_NOTFOUND:
	case MDB_CORRUPTED:
	case MDB_INVALID:
	case MDB_INCOMPATIBLE:
		return E_CORRUPT;
	case MDB_VERSION_MISMATCH:
		return E_VERSION;
	case MDB_READERS_FULL:
		return E_BUSY;
	case MDB_TXN_FULL:
	case MDB_BAD_VALSIZE:
		return E_TOO_BIG;
	default:
		return E_IO;
	}
}

static int translate(int code)
{
	switch (code) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return E_FULL;
	case ENOMEM:
		return E_NO_MEMORY;
	case EACCES:
	case EPERM:
	case EROFS:
		return E_DENIED;
	case ENOENT:
	case ENOTDIR:
		return E_NOT_FOUND;
	default:
		return code < 0 ? translate_lmdb(code) : E_IO;
	}
}

/* Success, or one of ours: LMDB's codes are far below them. */
static int is_ours(int code)
{
	return code <= 0 && code > -1000;
}

int env_error(int code, struct err *reterr, const char *format, ...)
{
	char where[256];
	va_list args;

	if (is_ours(code)) {
		return code;
	}
	va_start(args, format);
	(void)vsnprintf(where, sizeof(where), format, args);
	va_end(args);
	int ours = translate(code);

	if (ours == E_FULL) {
		return err_set(reterr, ours,
			       "%s: the disk or quota is full (%s)", where,
			       mdb_strerror(code));
	}
	if (code == EROFS) {
		return err_set(reterr, ours,
			       "%s: its file system is read-only; mount it "
			       "writable",
			       where);
	}
	if (ours == E_CORRUPT) {
		return err_set(reterr, ours,
			       "%s: damaged, or none of ours (%s); restore a "
			       "backup of the store",
			       where, mdb_strerror(code));
	}
	return err_set(reterr, ours, "%s: %s", where, mdb_strerror(code));
}
