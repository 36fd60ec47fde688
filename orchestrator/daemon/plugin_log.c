#include "daemon/plugin_log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"

struct plugin_log {
	pthread_mutex_t lock;
	int fd; /* -1: could not be opened, is tried again */
	size_t size;
	char *path;
	char *path_before;
};

static void reopen(struct plugin_log *log)
{
	struct stat about;

	log->fd =
	    open(log->path,
		 O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	log->size = 0;
	if (log->fd >= 0 && fstat(log->fd, &about) == 0) {
		log->size = (size_t)about.st_size;
	}
}

int plugin_log_open(const char *store, struct plugin_log **ret_log,
		    struct err *reterr)
{
	struct buf folder = { 0 };

	buf_printf(&folder, "%s/logs", store);
	char *path = buf_take(&folder);

	if (mkdir(path, 0700) < 0 && errno != EEXIST) {
		int rc = err_set(reterr, E_IO, "cannot make folder %s: %s",
				 path, strerror(errno));

		free(path);
		return rc;
	}
	struct plugin_log *log = alloc_zeroed(1, sizeof(*log));
	struct buf name = { 0 };

	buf_printf(&name, "%s/plugins.log", path);
	log->path = buf_take(&name);
	buf_printf(&name, "%s/plugins.log.1", path);
	log->path_before = buf_take(&name);
	free(path);
	(void)pthread_mutex_init(&log->lock, NULL);
	reopen(log);
	*ret_log = log;
	return 0;
}

static void put_pair(struct buf *out, const char *key, struct slice text)
{
	if (text.len) {
		buf_printf(out, " %s=", key);
		log_put_quoted(out, text);
	}
}

/* Everything but the time and level, which the daemon's log adds itself. */
static void format(const struct plugin_log_line *line, struct buf *out)
{
	put_pair(out, "plugin", line->plugin);
	put_pair(out, "instance", line->instance);
	if (line->pid) {
		buf_printf(out, " pid=%d", (int)line->pid);
	}
	buf_printf(out, " stream=%s", line->stream);
	if (line->run) {
		char run[ID_TEXT_SIZE];

		id_format(line->run, run);
		buf_printf(out, " run=%s", run);
	}
	put_pair(out, "task", line->task);
	buf_put_text(out, " msg=");
	log_put_quoted(out, line->text);
}

static void rotate(struct plugin_log *log)
{
	(void)close(log->fd);
	(void)rename(log->path, log->path_before);
	reopen(log);
}

static void append(struct plugin_log *log, struct slice line)
{
	(void)pthread_mutex_lock(&log->lock);
	if (log->fd >= 0 && log->size >= PLUGIN_LOG_SIZE) {
		rotate(log);
	}
	if (log->fd < 0) {
		reopen(log);
	}
	if (log->fd >= 0) {
		ssize_t written = write(log->fd, line.ptr, line.len);

		log->size += written > 0 ? (size_t)written : 0;
	}
	(void)pthread_mutex_unlock(&log->lock);
}

void plugin_log_write(struct plugin_log *log,
		      const struct plugin_log_line *line)
{
	struct buf pairs = { 0 };
	struct buf whole = { 0 };
	char now[CLOCK_TEXT_SIZE];

	format(line, &pairs);
	/* What processes print is for `tutti logs`: as much as they like must
	 * not drown, or stop, the orchestrator's own log. */
	bool printed = line->stream[0] == 's' && line->stream[1] == 't';

	log_line(printed ? LOG_DEBUG : line->level, "%.*s",
		 (int)(pairs.len - 1), pairs.data + 1);
	if (log) {
		clock_format(clock_wall_us(), now);
		buf_printf(&whole, "time=%s level=%s", now,
			   log_level_name(line->level));
		buf_put_slice(&whole, buf_slice(&pairs));
		buf_put_byte(&whole, '\n');
		append(log, buf_slice(&whole));
	}
	buf_fini(&whole);
	buf_fini(&pairs);
}

void plugin_log_close(struct plugin_log *log)
{
	if (!log) {
		return;
	}
	if (log->fd >= 0) {
		(void)close(log->fd);
	}
	(void)pthread_mutex_destroy(&log->lock);
	free(log->path);
	free(log->path_before);
	free(log);
}
