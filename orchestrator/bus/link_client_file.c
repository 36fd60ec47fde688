#include "bus/link_client_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "bus/link_client.h"
#include "document/json.h"

#define SIZE_MAX_FILE 65536
#define TOKEN_LEN     64

static char *join(const char *folder, const char *name)
{
	struct buf path = { 0 };

	buf_printf(&path, "%s/%s", folder, name);
	return buf_take(&path);
}

char *link_client_find_bus(void)
{
	const char *file = getenv("TUTTI_BUS");
	const char *store = getenv("TUTTI_STORE");

	if (file && *file) {
		return alloc_string(file);
	}
	return join(store && *store ? store : ".tutti", "bus.json");
}

static int check_mode(int fd, struct err *reterr)
{
	struct stat file;

	if (fstat(fd, &file) < 0) {
		return err_set(reterr, E_IO, "%s", strerror(errno));
	}
	if (!S_ISREG(file.st_mode)) {
		return err_set(reterr, E_INVALID, "it is no regular file");
	}
	if (file.st_uid != geteuid() && file.st_uid != 0) {
		return err_set(reterr, E_DENIED,
			       "it belongs to uid %u: plugins serve their own "
			       "user's orchestrator",
			       (unsigned)file.st_uid);
	}
	if (file.st_mode & (S_IRWXG | S_IRWXO)) {
		return err_set(reterr, E_DENIED,
			       "others may use it, and with it its token: "
			       "chmod 600");
	}
	return 0;
}

static int read_bytes(int fd, struct buf *out, struct err *reterr)
{
	while (out->len <= SIZE_MAX_FILE) {
		char *end = buf_reserve(out, 4096);
		ssize_t got = read(fd, end, 4096);

		if (got == 0) {
			return 0;
		}
		if (got > 0) {
			out->len += (size_t)got;
		} else if (errno != EINTR) {
			return err_set(reterr, E_IO, "cannot read it: %s",
				       strerror(errno));
		}
	}
	return err_set(reterr, E_TOO_BIG, "it is no bus file: too long");
}

static bool is_token(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (!strchr("0123456789abcdef", text.ptr[i])) {
			return false;
		}
	}
	return text.len == TOKEN_LEN;
}

static int take(const struct value *map, struct link_client_file *ret_file,
		struct err *reterr)
{
	struct slice requests = value_get_text(map, "requests");
	struct slice work = value_get_text(map, "work");
	struct slice token = value_get_text(map, "token");
	int64_t protocol = value_get_int(map, "protocol", 0);

	if (protocol > WIRE_PROTOCOL) {
		return err_set(reterr, E_VERSION,
			       "the orchestrator speaks protocol %lld, this "
			       "program %d: rebuild it against the newer SDK",
			       (long long)protocol, WIRE_PROTOCOL);
	}
	if (protocol < 1 || !requests.len || !work.len || !is_token(token)) {
		return err_set(reterr, E_INVALID,
			       "it is no bus file of an orchestrator");
	}
	slice_own(&ret_file->requests, requests);
	slice_own(&ret_file->work, work);
	slice_own(&ret_file->token, token);
	return 0;
}

static int parse(int fd, struct link_client_file *ret_file, struct err *reterr)
{
	struct buf text = { 0 };
	struct value map = value_null();
	int rc = check_mode(fd, reterr);

	if (rc == 0) {
		rc = read_bytes(fd, &text, reterr);
	}
	if (rc == 0) {
		rc = json_read(buf_slice(&text), NULL, &map, reterr);
	}
	buf_fini(&text);
	if (rc == 0) {
		rc = take(&map, ret_file, reterr);
		value_clear(&map);
	}
	return rc;
}

static int missing(const char *path, int error, struct err *reterr)
{
	if (error == ENOENT || error == ENOTDIR) {
		return err_set(reterr, E_NOT_FOUND,
			       "there is no orchestrator's bus file %s: start "
			       "tutti serve with a 'listen', or name the file "
			       "with $TUTTI_BUS or --bus",
			       path);
	}
	return err_set(reterr, error == EACCES ? E_DENIED : E_INVALID,
		       "bus file %s: %s", path, strerror(error));
}

int link_client_file_read(const char *path, struct link_client_file *ret_file,
			  struct err *reterr)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct link_client_file file = { 0 };

	if (fd < 0) {
		return missing(path, errno, reterr);
	}
	int rc = parse(fd, &file, reterr);

	(void)close(fd);
	if (rc < 0) {
		link_client_file_fini(&file);
		return err_wrap(reterr, "bus file %.200s", path);
	}
	*ret_file = file;
	return 0;
}

void link_client_file_fini(struct link_client_file *file)
{
	slice_disown(&file->requests);
	slice_disown(&file->work);
	slice_disown(&file->token);
}
