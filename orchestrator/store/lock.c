#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "store/env.h"

/*
 * Locks of the open file, not of the process: closing another descriptor of
 * the file does not drop them, and unlike with flock() one can ask whether
 * they are held without taking them for a moment.
 */
static struct flock whole_file(void)
{
	return (struct flock){
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
	};
}

static int open_file(const char *directory, int flags)
{
	struct buf path = { 0 };

	buf_printf(&path, "%s/owner.lock", directory);
	char *text = buf_take(&path);
	int fd = open(text, flags | O_CLOEXEC, 0600);
	int error = errno;

	free(text);
	errno = error;
	return fd;
}

/* Always the same bytes, written in place: works on a full disk too. */
static void write_pid(int fd)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%10ld\n", (long)getpid());

	if (pwrite(fd, text, (size_t)len, 0) != len) {
		(void)!ftruncate(fd, 0);
	}
}

static int read_pid(int fd)
{
	char text[16] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) <= 0) {
		return -1;
	}
	long pid = strtol(text, NULL, 10);

	return pid > 0 ? (int)pid : -1;
}

static int refuse(const char *directory, int fd, struct err *reterr)
{
	int pid = read_pid(fd);

	if (pid < 0) {
		return err_set(reterr, E_BUSY,
			       "store %s is in use by another process",
			       directory);
	}
	return err_set(reterr, E_BUSY, "store %s is in use by process %d",
		       directory, pid);
}

int owner_lock(const char *directory, int *ret_fd, struct err *reterr)
{
	int fd = open_file(directory, O_RDWR | O_CREAT);

	if (fd < 0) {
		return env_error(errno, reterr, "store %s: cannot lock it",
				 directory);
	}
	struct flock lock = whole_file();

	if (fcntl(fd, F_OFD_SETLK, &lock) == 0) {
		write_pid(fd);
		*ret_fd = fd;
		return 0;
	}
	int error = errno;
	int rc = error == EAGAIN || error == EACCES
		     ? refuse(directory, fd, reterr)
		     : env_error(error, reterr, "store %s: cannot lock it",
				 directory);

	close(fd);
	return rc;
}

void owner_unlock(int fd)
{
	if (fd >= 0) {
		close(fd);
	}
}

int owner_find(const char *directory)
{
	int fd = open_file(directory, O_RDONLY);

	if (fd < 0) {
		return 0;
	}
	/* A read lock to ask for: the file is open for reading only. */
	struct flock lock = whole_file();

	lock.l_type = F_RDLCK;
	bool held =
	    fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
	int pid = held ? read_pid(fd) : 0;

	close(fd);
	return pid;
}
