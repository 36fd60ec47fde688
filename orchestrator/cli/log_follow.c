#include "cli/log_follow.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

#define CHUNK 65536

/* One that is endless is given out in pieces. */
#define LINE_MAX_BYTES (1024u * 1024)

static int watch_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	char *folder = len ? slice_dup((struct slice){ path, len })
			   : alloc_string(slash ? "/" : ".");
	int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (watch >= 0 &&
	    inotify_add_watch(watch, folder,
			      IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0) {
		(void)close(watch);
		watch = -1;
	}
	free(folder);
	return watch;
}

void log_follow_init(struct log_follow *follow, const char *path)
{
	*follow = (struct log_follow){
		.path = alloc_string(path),
		.fd = -1,
		.watch = watch_folder(path),
	};
}

static void close_fd(int *fd)
{
	if (*fd >= 0) {
		(void)close(*fd);
		*fd = -1;
	}
}

void log_follow_fini(struct log_follow *follow)
{
	close_fd(&follow->fd);
	close_fd(&follow->watch);
	buf_fini(&follow->text);
	free(follow->path);
	*follow = (struct log_follow){ .fd = -1, .watch = -1 };
}

static void give_lines(struct log_follow *follow, log_take take, void *arg)
{
	struct slice rest;
	const char *end;

	for (;;) {
		rest = buf_slice(&follow->text);
		rest.ptr += follow->given;
		rest.len -= follow->given;
		end = rest.len ? memchr(rest.ptr, '\n', rest.len) : NULL;
		if (!end) {
			break;
		}
		size_t len = (size_t)(end - rest.ptr);

		take(arg, (struct slice){ rest.ptr, len });
		follow->given += len + 1;
	}
	if (rest.len) {
		memmove(follow->text.data, rest.ptr, rest.len);
	}
	follow->text.len = rest.len;
	follow->given = 0;
}

void log_follow_rest(struct log_follow *follow, log_take take, void *arg)
{
	if (follow->text.len) {
		take(arg, buf_slice(&follow->text));
		buf_clear(&follow->text);
	}
}

/* To the end of what is there now. */
static int read_all(struct log_follow *follow, log_take take, void *arg,
		    struct err *reterr)
{
	for (;;) {
		ssize_t got =
		    read(follow->fd, buf_reserve(&follow->text, CHUNK), CHUNK);

		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got < 0) {
			return err_set(reterr, E_IO, "cannot read %s: %s",
				       follow->path, strerror(errno));
		}
		if (got == 0) {
			return 0;
		}
		follow->text.len += (size_t)got;
		give_lines(follow, take, arg);
		if (follow->text.len > LINE_MAX_BYTES) {
			log_follow_rest(follow, take, arg);
		}
	}
}

/* Is there another file by now under the name of the one that is read? */
static bool has_successor(const struct log_follow *follow)
{
	struct stat named;
	struct stat read;

	return stat(follow->path, &named) == 0 &&
	       fstat(follow->fd, &read) == 0 &&
	       (named.st_ino != read.st_ino || named.st_dev != read.st_dev);
}

static int open_log(const char *path, int *ret_fd, struct err *reterr)
{
	*ret_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*ret_fd < 0 && errno != ENOENT) {
		return err_set(reterr, E_IO, "cannot open %s: %s", path,
			       strerror(errno));
	}
	return 0;
}

void log_follow_before(struct log_follow *follow, log_take take, void *arg)
{
	struct buf path = { 0 };

	buf_printf(&path, "%s.1", follow->path);
	buf_put_byte(&path, '\0');
	if (open_log(path.data, &follow->fd, NULL) == 0 && follow->fd >= 0) {
		(void)read_all(follow, take, arg, NULL);
		log_follow_rest(follow, take, arg);
		close_fd(&follow->fd);
	}
	buf_fini(&path);
}

int log_follow_turn(struct log_follow *follow, log_take take, void *arg,
		    struct err *reterr)
{
	for (;;) {
		if (follow->fd < 0) {
			int rc = open_log(follow->path, &follow->fd, reterr);

			if (rc || follow->fd < 0) {
				return rc;
			}
		}
		/* Asked first: what the old file got until then is read. */
		bool rotated = has_successor(follow);
		int rc = read_all(follow, take, arg, reterr);

		if (rc || !rotated) {
			return rc;
		}
		log_follow_rest(follow, take, arg);
		close_fd(&follow->fd);
	}
}

void log_follow_wait(struct log_follow *follow, int timeout_ms)
{
	struct pollfd poller = { .fd = follow->watch, .events = POLLIN };
	char events[4096];

	if (poll(&poller, 1, timeout_ms) > 0) {
		while (read(follow->watch, events, sizeof(events)) > 0) {
		}
	}
}
