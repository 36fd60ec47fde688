#include "work.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARKER ".tree-audit-work"

static bool is_marked(int fd)
{
	return faccessat(fd, MARKER, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static DIR *list_open(int fd)
{
	int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = own < 0 ? NULL : fdopendir(own);

	if (!list && own >= 0) {
		(void)close(own);
	}
	return list;
}

static bool is_empty(int fd)
{
	DIR *list = list_open(fd);
	bool empty = list != NULL;
	struct dirent *entry;

	while (empty && (entry = readdir(list))) {
		empty = is_dot(entry->d_name);
	}
	if (list) {
		(void)closedir(list);
	}
	return empty;
}

static int mark(int fd)
{
	int marker = openat(fd, MARKER,
			    O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (marker < 0) {
		return errno;
	}
	(void)close(marker);
	return 0;
}

int work_open(const char *path, int *ret_fd)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0) {
		return errno;
	}
	*ret_fd = fd;
	return 0;
}

int work_make(const char *path, int *ret_fd)
{
	int fd = -1;

	if (mkdir(path, 0700) < 0 && errno != EEXIST) {
		return errno;
	}
	int rc = work_open(path, &fd);

	if (rc != 0) {
		return rc == ENOTDIR || rc == ELOOP ? EEXIST : rc;
	}
	/* Empty: an attempt that ended between the folder and its marker. */
	rc = is_marked(fd) ? 0 : is_empty(fd) ? mark(fd) : EEXIST;
	if (rc != 0) {
		(void)close(fd);
		return rc;
	}
	*ret_fd = fd;
	return 0;
}

/* The marker goes last, so that a removal that was cut short can go on. */
static int remove_files(int fd, size_t *ret_removed)
{
	DIR *list = list_open(fd);
	struct dirent *entry;
	size_t removed = 0;
	int rc = list ? 0 : errno;

	while (rc == 0 && (entry = readdir(list))) {
		if (is_dot(entry->d_name) ||
		    strcmp(entry->d_name, MARKER) == 0) {
			continue;
		}
		if (unlinkat(fd, entry->d_name, 0) < 0) {
			rc = errno;
		} else {
			removed++;
		}
	}
	if (list) {
		(void)closedir(list);
	}
	if (rc == 0 && unlinkat(fd, MARKER, 0) < 0 && errno != ENOENT) {
		rc = errno;
	}
	*ret_removed = removed;
	return rc;
}

int work_remove(const char *path, size_t *ret_removed)
{
	int fd = -1;
	int rc = work_open(path, &fd);

	*ret_removed = 0;
	if (rc != 0) {
		return rc == ENOENT ? 0 : rc;
	}
	rc = is_marked(fd) || is_empty(fd) ? remove_files(fd, ret_removed)
					   : EPERM;
	(void)close(fd);
	if (rc == 0 && rmdir(path) < 0) {
		rc = errno;
	}
	return rc;
}
