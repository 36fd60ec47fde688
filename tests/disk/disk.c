/*
 * A disk that tests can spoil: preloaded into a daemon (LD_PRELOAD) it stands
 * between the program and the store's data.mdb. DISK_FAULTS names a folder:
 *
 *	base       written here: the file as it was when the program opened it
 *	journal    written here: every write since, and every sync that was done
 *	syncs      written here: one byte for each sync, when it is asked for
 *	slow       read: milliseconds that every sync takes longer
 *	fail       when it is there every sync fails with EIO
 *	hold       when it is there a sync does not begin before it is gone
 *
 * powercut.py makes of base and journal the file as a power cut could have left
 * it. A record of the journal is a head of three numbers, kind, offset and
 * length (u64, the machine's order), and for writes the bytes:
 *
 *	'w'  written, and only safe when an 's' follows
 *	'd'  written through a descriptor opened O_DSYNC: safe at once
 *	's'  all before it was synced
 *	't'  the file was cut or grown to this length
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define FDS        4096
#define STORE_FILE "/data.mdb"
#define HOLD_NS    2000000

enum watched { NOT_WATCHED, WATCHED, WATCHED_DSYNC };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static enum watched watched[FDS];
static int journal = -1;
static int syncs = -1;

static int (*real_openat)(int, const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_pwritev)(int, const struct iovec *, int, off_t);
static int (*real_fdatasync)(int);
static int (*real_fsync)(int);
static int (*real_ftruncate)(int, off_t);

/* Others' constructors may come first. */
static void find_real(void)
{
	if (real_ftruncate) {
		return;
	}
	*(void **)&real_openat = dlsym(RTLD_NEXT, "openat64");
	*(void **)&real_close = dlsym(RTLD_NEXT, "close");
	*(void **)&real_write = dlsym(RTLD_NEXT, "write");
	*(void **)&real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
	*(void **)&real_writev = dlsym(RTLD_NEXT, "writev");
	*(void **)&real_pwritev = dlsym(RTLD_NEXT, "pwritev64");
	*(void **)&real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
	*(void **)&real_fsync = dlsym(RTLD_NEXT, "fsync");
	*(void **)&real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
}

/* ---- the folder ---- */

static const char *path_of(const char *name, char path[PATH_MAX])
{
	const char *folder = getenv("DISK_FAULTS");

	if (!folder) {
		return NULL;
	}
	(void)snprintf(path, PATH_MAX, "%s/%s", folder, name);
	return path;
}

static int open_there(const char *name, int flags)
{
	char path[PATH_MAX];

	return path_of(name, path)
		   ? real_openat(AT_FDCWD, path, flags | O_CLOEXEC, 0600)
		   : -1;
}

static bool is_there(const char *name)
{
	char path[PATH_MAX];

	return path_of(name, path) && access(path, F_OK) == 0;
}

static double number_in(const char *name)
{
	char text[32] = "";
	int fd = open_there(name, O_RDONLY);

	if (fd < 0) {
		return 0;
	}
	(void)!read(fd, text, sizeof(text) - 1);
	real_close(fd);
	return strtod(text, NULL);
}

static void copy_to_base(int fd)
{
	static char bytes[65536];
	int base = open_there("base", O_WRONLY | O_CREAT | O_TRUNC);
	off_t at = 0;
	ssize_t got;

	while ((got = pread(fd, bytes, sizeof(bytes), at)) > 0) {
		(void)!real_pwrite(base, bytes, (size_t)got, at);
		at += got;
	}
	real_close(base);
}

/* ---- the journal ---- */

static void note(char kind, off_t offset, const struct iovec *parts, int count)
{
	struct iovec record[IOV_MAX];
	uint64_t head[3] = { (uint64_t)kind, (uint64_t)offset, 0 };

	if (count > IOV_MAX - 1) {
		abort();
	}
	for (int i = 0; i < count; i++) {
		head[2] += parts[i].iov_len;
		record[i + 1] = parts[i];
	}
	record[0] = (struct iovec){ head, sizeof(head) };
	/* In one go, so that a process that is killed leaves all or nothing. */
	(void)!real_writev(journal, record, count + 1);
}

static void note_write(int fd, off_t offset, const struct iovec *parts,
		       int count)
{
	if (fd >= 0 && fd < FDS && watched[fd] != NOT_WATCHED) {
		note(watched[fd] == WATCHED_DSYNC ? 'd' : 'w', offset, parts,
		     count);
	}
}

static void watch(int fd, const char *path, int flags)
{
	size_t len = strlen(path);
	size_t tail = strlen(STORE_FILE);

	if (fd < 0 || fd >= FDS) {
		return;
	}
	watched[fd] = NOT_WATCHED;
	if (!getenv("DISK_FAULTS") || (flags & O_ACCMODE) == O_RDONLY ||
	    len < tail || strcmp(path + len - tail, STORE_FILE) != 0) {
		return;
	}
	(void)pthread_mutex_lock(&lock);
	if (journal < 0) {
		copy_to_base(fd);
		journal = open_there("journal",
				     O_WRONLY | O_CREAT | O_TRUNC | O_APPEND);
		syncs = open_there("syncs",
				   O_WRONLY | O_CREAT | O_TRUNC | O_APPEND);
	}
	watched[fd] = flags & O_DSYNC ? WATCHED_DSYNC : WATCHED;
	(void)pthread_mutex_unlock(&lock);
}

static bool is_watched(int fd)
{
	return fd >= 0 && fd < FDS && watched[fd] != NOT_WATCHED;
}

/* ---- what the program calls ---- */

#define EXPORT __attribute__((visibility("default")))

static int open_any(int folder, const char *path, int flags, mode_t mode)
{
	find_real();
	int fd = real_openat(folder, path, flags, mode);

	watch(fd, path, flags);
	return fd;
}

static mode_t mode_of(int flags, va_list args)
{
	return flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
}

#define OPEN(name)                                            \
	EXPORT int name(const char *path, int flags, ...);    \
	EXPORT int name(const char *path, int flags, ...)     \
	{                                                     \
		va_list args;                                 \
                                                              \
		va_start(args, flags);                        \
		mode_t mode = mode_of(flags, args);           \
                                                              \
		va_end(args);                                 \
		return open_any(AT_FDCWD, path, flags, mode); \
	}
#undef open
#undef open64
OPEN(open)
OPEN(open64)

static ssize_t write_at(int fd, const void *bytes, size_t len, off_t offset)
{
	find_real();
	struct iovec part = { (void *)(uintptr_t)bytes, len };

	note_write(fd, offset, &part, 1);
	return real_pwrite(fd, bytes, len, offset);
}

#define WRITE_AT(name)                                             \
	EXPORT ssize_t name(int fd, const void *bytes, size_t len, \
			    off_t offset);                         \
	EXPORT ssize_t name(int fd, const void *bytes, size_t len, \
			    off_t offset)                          \
	{                                                          \
		return write_at(fd, bytes, len, offset);           \
	}

#undef pwrite
#undef pwrite64
WRITE_AT(pwrite)
WRITE_AT(pwrite64)

static ssize_t writev_at(int fd, const struct iovec *parts, int count,
			 off_t offset)
{
	find_real();
	note_write(fd, offset, parts, count);
	return real_pwritev(fd, parts, count, offset);
}

#define WRITEV_AT(name)                                                   \
	EXPORT ssize_t name(int fd, const struct iovec *parts, int count, \
			    off_t offset);                                \
	EXPORT ssize_t name(int fd, const struct iovec *parts, int count, \
			    off_t offset)                                 \
	{                                                                 \
		return writev_at(fd, parts, count, offset);               \
	}
#undef pwritev
#undef pwritev64
WRITEV_AT(pwritev)
WRITEV_AT(pwritev64)

EXPORT ssize_t write(int fd, const void *bytes, size_t len)
{
	find_real();
	if (is_watched(fd)) {
		struct iovec part = { (void *)(uintptr_t)bytes, len };

		note_write(fd, lseek(fd, 0, SEEK_CUR), &part, 1);
	}
	return real_write(fd, bytes, len);
}

EXPORT ssize_t writev(int fd, const struct iovec *parts, int count)
{
	find_real();
	if (is_watched(fd)) {
		note_write(fd, lseek(fd, 0, SEEK_CUR), parts, count);
	}
	return real_writev(fd, parts, count);
}

static int truncate_to(int fd, off_t len)
{
	find_real();
	if (is_watched(fd)) {
		note('t', len, NULL, 0);
	}
	return real_ftruncate(fd, len);
}
#undef ftruncate
#undef ftruncate64
EXPORT int ftruncate(int fd, off_t len)
{
	return truncate_to(fd, len);
}
EXPORT int ftruncate64(int fd, off_t len);
EXPORT int ftruncate64(int fd, off_t len)
{
	return truncate_to(fd, len);
}

static void wait_ns(long ns)
{
	struct timespec time = { ns / 1000000000, ns % 1000000000 };

	(void)nanosleep(&time, NULL);
}

static int sync_with(int (**real)(int), int fd)
{
	find_real();
	if (!is_watched(fd)) {
		return (*real)(fd);
	}
	(void)!real_write(syncs, "s", 1);
	while (is_there("hold")) {
		wait_ns(HOLD_NS);
	}
	wait_ns((long)(number_in("slow") * 1e6));
	if (is_there("fail")) {
		errno = EIO;
		return -1;
	}
	int rc = (*real)(fd);

	if (rc == 0) {
		note('s', 0, NULL, 0);
	}
	return rc;
}

EXPORT int fdatasync(int fd)
{
	return sync_with(&real_fdatasync, fd);
}

EXPORT int fsync(int fd)
{
	return sync_with(&real_fsync, fd);
}

EXPORT int close(int fd)
{
	find_real();
	if (fd >= 0 && fd < FDS) {
		watched[fd] = NOT_WATCHED;
	}
	return real_close(fd);
}
