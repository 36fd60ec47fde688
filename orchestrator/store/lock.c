#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "store/env.h"

/* Nobody takes as long to end as this once it has let go of its files. */
#define OWNER_END_MS 5000

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

static char *path_of(const char *directory)
{
	struct buf path = { 0 };

	buf_printf(&path, "%s/owner.lock", directory);
	return buf_take(&path);
}

static int open_file(const char *directory, int flags)
{
	char *path = path_of(directory);
	int fd = open(path, flags | O_CLOEXEC, 0600);
	int error = errno;

	free(path);
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

/* ---- what this process holds ---- */

struct held {
	int file;
	int folder; /* -1: a file system that knows no flock() */
	struct held *next;
};

static struct held *all_held;
static pthread_mutex_t held_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

static void before_fork(void)
{
	pthread_mutex_lock(&held_mutex);
}

static void after_fork(void)
{
	pthread_mutex_unlock(&held_mutex);
}

/* The locks are those of the open files, which a child shares. */
static void in_child(void)
{
	for (const struct held *held = all_held; held; held = held->next) {
		close(held->file);
		close(held->folder);
	}
	pthread_mutex_unlock(&held_mutex);
}

static void watch_forks(void)
{
	(void)pthread_atfork(before_fork, after_fork, in_child);
}

static void keep(int file, int folder)
{
	struct held *held = alloc_zeroed(1, sizeof(*held));

	*held = (struct held){ .file = file, .folder = folder };
	pthread_once(&fork_once, watch_forks);
	pthread_mutex_lock(&held_mutex);
	held->next = all_held;
	all_held = held;
	pthread_mutex_unlock(&held_mutex);
	write_pid(file);
}

void owner_unlock(int fd)
{
	struct held **link = &all_held;

	pthread_mutex_lock(&held_mutex);
	while (*link && (*link)->file != fd) {
		link = &(*link)->next;
	}
	struct held *held = *link;

	if (held) {
		*link = held->next;
		close(held->file);
		close(held->folder);
	}
	pthread_mutex_unlock(&held_mutex);
	free(held);
}

/* ---- taking ---- */

enum patience { AT_ONCE, WAIT };

/* 0, EWOULDBLOCK, or another errno. */
static int lock_file(int fd, enum patience patience)
{
	struct flock lock = whole_file();
	int command = patience == WAIT ? F_OFD_SETLKW : F_OFD_SETLK;

	while (fcntl(fd, command, &lock) != 0) {
		if (errno != EINTR) {
			return errno == EACCES ? EWOULDBLOCK : errno;
		}
	}
	return 0;
}

/* -1 in *ret_fd when the file system has no such locks. */
static int lock_folder(const char *directory, enum patience patience,
		       int *ret_fd)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 ? errno : 0;

	while (rc == 0 &&
	       flock(fd, LOCK_EX | (patience == WAIT ? 0 : LOCK_NB)) != 0) {
		rc = errno == EINTR ? 0 : errno;
	}
	if (rc && fd >= 0) {
		close(fd);
		fd = -1;
	}
	*ret_fd = fd;
	return rc == EWOULDBLOCK ? rc : 0;
}

/* Not when the file has been deleted or replaced since it was opened. */
static bool is_current(const char *directory, int fd)
{
	char *path = path_of(directory);
	struct stat ours;
	struct stat theirs;
	bool same = fstat(fd, &ours) == 0 && stat(path, &theirs) == 0 &&
		    ours.st_ino == theirs.st_ino &&
		    ours.st_dev == theirs.st_dev;

	free(path);
	return same;
}

/* One whose lock has gone may still be closing its sockets. */
static void wait_for_end(int pid)
{
	struct pollfd end = { .events = POLLIN };

	if (pid <= 0 || pid == getpid()) {
		return;
	}
	end.fd = pidfd_open(pid, 0);
	if (end.fd >= 0) {
		(void)poll(&end, 1, OWNER_END_MS);
		close(end.fd);
	}
}

/* 0, EWOULDBLOCK, ESTALE when the file is no longer the one in the directory,
 * or another errno. */
static int lock_both(const char *directory, int fd, enum patience patience)
{
	int folder = -1;
	int rc = lock_file(fd, patience);

	if (rc == 0 && !is_current(directory, fd)) {
		rc = ESTALE;
	}
	if (rc == 0) {
		rc = lock_folder(directory, patience, &folder);
	}
	if (rc == 0) {
		if (patience == WAIT) {
			wait_for_end(read_pid(fd));
		}
		keep(fd, folder);
	}
	return rc;
}

static int take(const char *directory, enum patience patience, int *ret_fd,
		struct err *reterr)
{
	for (;;) {
		int fd = open_file(directory, O_RDWR | O_CREAT);
		int rc = fd < 0 ? errno : lock_both(directory, fd, patience);

		if (rc == 0) {
			*ret_fd = fd;
			return 0;
		}
		if (rc == EWOULDBLOCK) {
			rc = refuse(directory, fd, reterr);
		} else if (rc != ESTALE) {
			rc = env_error(rc, reterr, "store %s: cannot lock it",
				       directory);
		}
		if (fd >= 0) {
			close(fd);
		}
		if (rc != ESTALE) {
			return rc;
		}
	}
}

int owner_lock(const char *directory, int *ret_fd, struct err *reterr)
{
	return take(directory, AT_ONCE, ret_fd, reterr);
}

int owner_wait(const char *directory, int *ret_fd, struct err *reterr)
{
	return take(directory, WAIT, ret_fd, reterr);
}

/* ---- asking ---- */

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
