#include "bus/link_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "document/json.h"

static int io_failed(struct err *reterr, const char *path)
{
	return err_set(reterr, errno == EACCES ? E_DENIED : E_IO, "%s: %s",
		       path, strerror(errno));
}

static void put_text(struct buf *out, const struct link_addresses *addresses)
{
	struct value map = value_map();

	value_set(&map, "protocol", value_int(WIRE_PROTOCOL));
	value_set(&map, "pid", value_int(getpid()));
	value_set(&map, "requests", value_text(addresses->requests));
	value_set(&map, "work", value_text(addresses->work));
	value_set(&map, "events", value_text(addresses->events));
	value_set(&map, "token", value_text(addresses->token));
	json_write(out, &map, JSON_PRETTY);
	buf_put_byte(out, '\n');
	value_clear(&map);
}

static bool write_all(int fd, struct slice text)
{
	while (text.len) {
		ssize_t written = write(fd, text.ptr, text.len);

		if (written < 0 && errno != EINTR) {
			return false;
		}
		if (written > 0) {
			text.ptr += written;
			text.len -= (size_t)written;
		}
	}
	return fsync(fd) == 0;
}

static int write_new(const char *path, struct slice text, struct err *reterr)
{
	/* A leftover of a process that was killed; never anybody's file. */
	(void)unlink(path);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0) {
		return io_failed(reterr, path);
	}
	int rc = write_all(fd, text) ? 0 : io_failed(reterr, path);

	(void)close(fd);
	return rc;
}

int link_file_write(const char *path, const struct link_addresses *addresses,
		    struct err *reterr)
{
	struct buf text = { 0 };
	struct buf name = { 0 };

	buf_printf(&name, "%s.new", path);
	put_text(&text, addresses);
	char *fresh = buf_take(&name);
	int rc = write_new(fresh, buf_slice(&text), reterr);

	if (rc == 0 && rename(fresh, path)) {
		rc = io_failed(reterr, path);
	}
	if (rc < 0) {
		(void)unlink(fresh);
	}
	free(fresh);
	buf_fini(&text);
	return rc;
}
