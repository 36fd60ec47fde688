#include "store/space.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "store/env.h"

/* More than LMDB's table of 512 readers needs; it takes a larger one. */
#define LOCK_FILE_SIZE (48 * 1024)

/* Two meta pages and the first commit. */
#define NEW_DATA_SIZE (256 * 1024)

/* Less than this to spare counts as full. */
#define SPARE_SIZE (1024 * 1024)

static int allocate(int fd, int mode, off_t size)
{
	if (fallocate(fd, mode, 0, size) == 0) {
		return 0;
	}
	/* A file system that cannot reserve is taken at its word later. */
	return errno == EOPNOTSUPP || errno == ENOSYS ? 0 : errno;
}

static int prepare_file(const char *directory, const char *name, int mode,
			off_t size)
{
	struct buf path = { 0 };

	buf_printf(&path, "%s/%s", directory, name);
	char *text = buf_take(&path);
	int fd = open(text, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int rc = fd < 0 ? errno : 0;
	struct stat status;

	free(text);
	if (rc == 0 && fstat(fd, &status) == 0 && status.st_size == 0) {
		rc = allocate(fd, mode, size);
	}
	if (fd >= 0) {
		close(fd);
	}
	return rc;
}

int space_prepare(const char *directory, struct err *reterr)
{
	int rc = prepare_file(directory, "lock.mdb", 0, LOCK_FILE_SIZE);

	if (rc == 0) {
		rc = prepare_file(directory, "data.mdb", FALLOC_FL_KEEP_SIZE,
				  NEW_DATA_SIZE);
	}
	return env_error(rc, reterr, "store %s", directory);
}

int space_explain(MDB_env *env, size_t bytes)
{
	mdb_filehandle_t fd;
	struct stat status;

	if (bytes < SPARE_SIZE) {
		bytes = SPARE_SIZE;
	}
	if (mdb_env_get_fd(env, &fd) || fstat(fd, &status) ||
	    fallocate(fd, FALLOC_FL_KEEP_SIZE, status.st_size, (off_t)bytes) ==
		0) {
		return EIO;
	}
	return errno == ENOSPC || errno == EDQUOT ? errno : EIO;
}
