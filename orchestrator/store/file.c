#include "store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "store/env.h"

int file_begin(const char *path, char **ret_draft, int *ret_fd,
	       struct err *reterr)
{
	struct buf name = { 0 };

	buf_printf(&name, "%s.XXXXXX", path);
	char *draft = buf_take(&name);
	int fd = mkostemp(draft, O_CLOEXEC);

	if (fd < 0) {
		int error = errno;

		free(draft);
		return env_error(error, reterr, "cannot write %s", path);
	}
	if (ret_fd) {
		*ret_fd = fd;
	} else {
		close(fd);
	}
	*ret_draft = draft;
	return 0;
}

static int sync_path(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);
	int rc = fd < 0 || fsync(fd) ? errno : 0;

	if (fd >= 0) {
		close(fd);
	}
	return rc;
}

static int sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) + 1 : 0;
	char *folder =
	    len ? slice_dup((struct slice){ path, len }) : alloc_string(".");
	int rc = sync_path(folder, O_RDONLY | O_DIRECTORY);

	free(folder);
	return rc;
}

int file_sync_folder(const char *path, struct err *reterr)
{
	return env_error(sync_folder(path), reterr,
			 "cannot sync the folder of "
			 "%s",
			 path);
}

/* Not every file system can refuse to replace. */
static int rename_new(const char *from, const char *to)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) {
		return 0;
	}
	if (errno != EINVAL && errno != ENOSYS) {
		return errno;
	}
	if (access(to, F_OK) == 0) {
		return EEXIST;
	}
	return rename(from, to) ? errno : 0;
}

int file_finish(const char *draft, const char *path, enum file_replace replace,
		struct err *reterr)
{
	int rc = sync_path(draft, O_RDONLY);

	if (rc == 0 && replace == FILE_KEEP) {
		rc = rename_new(draft, path);
	} else if (rc == 0) {
		rc = rename(draft, path) ? errno : 0;
	}
	if (rc == 0) {
		rc = sync_folder(path);
	} else {
		(void)unlink(draft);
	}
	if (rc == EEXIST) {
		return err_set(reterr, E_CONFLICT, "%s is there already", path);
	}
	return env_error(rc, reterr, "cannot write %s", path);
}
