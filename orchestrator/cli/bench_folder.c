#include "cli/bench_folder.h"

#include <errno.h>
#include <ftw.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"

#define NAME "tutti-bench-XXXXXX"

/* How many folders are open at a time when one is removed. */
#define OPEN_FOLDERS 16

/* The folder that something is in; "." for a plain name. */
static char *parent_of(const char *path)
{
	struct slice text = slice_of(path);

	while (text.len > 1 && text.ptr[text.len - 1] == '/') {
		text.len--;
	}
	while (text.len && text.ptr[text.len - 1] != '/') {
		text.len--;
	}
	while (text.len > 1 && text.ptr[text.len - 1] == '/') {
		text.len--;
	}
	return text.len ? slice_dup(text) : alloc_string(".");
}

static bool is_folder(const char *path, struct stat *ret_status)
{
	return stat(path, ret_status) == 0 && S_ISDIR(ret_status->st_mode);
}

/* The nearest folder that is there: the first store makes what is missing. */
static char *nearest(char *path)
{
	struct stat status;

	while (!is_folder(path, &status) && strcmp(path, "/") != 0 &&
	       strcmp(path, ".") != 0) {
		char *parent = parent_of(path);

		free(path);
		path = parent;
	}
	return path;
}

static char *try(const char *parent)
{
	struct buf path = { 0 };

	buf_printf(&path, "%s/" NAME, parent);
	char *made = buf_take(&path);

	if (!mkdtemp(made)) {
		int error = errno;

		free(made);
		errno = error;
		return NULL;
	}
	char *real = realpath(made, NULL);

	free(made);
	return real;
}

static int code_of(int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
	case EROFS:
		return E_DENIED;
	case ENOSPC:
	case EDQUOT:
		return E_FULL;
	default:
		return E_IO;
	}
}

int bench_folder_make(const char *store, char **ret_folder, struct err *reterr)
{
	char *parent = nearest(parent_of(store));
	struct stat inside;
	struct stat beside;
	bool exists = is_folder(store, &inside);
	bool own = exists && is_folder(parent, &beside) &&
		   inside.st_dev != beside.st_dev;
	char *folder = own ? NULL : try(parent);

	if (!folder && exists) {
		folder = try(store);
	}
	int error = errno;
	int rc = folder ? 0
			: err_set(reterr, code_of(error),
				  "cannot make a folder in %s: %s; --store DIR "
				  "names a store elsewhere",
				  own ? store : parent, strerror(error));

	free(parent);
	if (rc == 0) {
		*ret_folder = folder;
	}
	return rc;
}

static int remove_one(const char *path, const struct stat *status, int type,
		      struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

int bench_folder_remove(const char *folder, struct err *reterr)
{
	if (nftw(folder, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS)) {
		return err_set(reterr, E_IO, "cannot remove %s: %s", folder,
			       strerror(errno));
	}
	return 0;
}

int bench_folder_space(const char *folder, uint64_t *ret_bytes,
		       bool *ret_memory, struct err *reterr)
{
	struct statfs status;

	if (statfs(folder, &status)) {
		return err_set(reterr, E_IO, "%s: %s", folder, strerror(errno));
	}
	*ret_bytes = (uint64_t)status.f_bavail * (uint64_t)status.f_bsize;
	*ret_memory = (unsigned long)status.f_type == TMPFS_MAGIC ||
		      (unsigned long)status.f_type == RAMFS_MAGIC;
	return 0;
}
