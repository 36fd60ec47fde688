#include "bus/socket_path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/slice.h"

int socket_path_address(const char *path, struct sockaddr_un *ret_address,
			struct err *reterr)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = strlen(path);
	size_t max = sizeof(address.sun_path) - 1;

	if (len == 0 || len > max) {
		return err_set(reterr, E_INVALID,
			       "control socket '%s' has a path of %zu bytes, a "
			       "socket's has 1 to %zu: choose another with "
			       "control:",
			       path, len, max);
	}
	memcpy(address.sun_path, path, len);
	*ret_address = address;
	return 0;
}

int socket_error(int error, struct err *reterr, const char *what,
		 const char *path)
{
	int code = error == EACCES || error == EPERM || error == EROFS
		       ? E_DENIED
		       : E_IO;

	return err_set(reterr, code, "control socket %s: %s: %s", path, what,
		       strerror(error));
}

static int make_folder(const char *path, struct err *reterr)
{
	const char *slash = strrchr(path, '/');

	if (!slash || slash == path) {
		return 0;
	}
	char *folder =
	    slice_dup((struct slice){ path, (size_t)(slash - path) });
	int rc = 0;

	if (mkdir(folder, 0700) && errno != EEXIST) {
		rc =
		    socket_error(errno, reterr, "cannot make its folder", path);
	}
	free(folder);
	return rc;
}

/* Nobody blocks here: a full backlog answers EAGAIN. */
static int try_connect(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0) {
		return errno;
	}
	int rc =
	    connect(fd, (const struct sockaddr *)address, sizeof(*address));
	int error = rc ? errno : 0;

	close(fd);
	return error;
}

static int remove_stale(const char *path, const struct sockaddr_un *address,
			struct err *reterr)
{
	struct stat status;

	if (lstat(path, &status)) {
		return errno == ENOENT
			   ? 0
			   : socket_error(errno, reterr, "cannot look", path);
	}
	if (!S_ISSOCK(status.st_mode)) {
		return err_set(reterr, E_INVALID,
			       "control socket %s: there is a file that is no "
			       "socket",
			       path);
	}
	int error = try_connect(address);

	if (error == 0 || error == EAGAIN) {
		return err_set(reterr, E_BUSY,
			       "control socket %s: another daemon answers "
			       "there; choose another with control:",
			       path);
	}
	if (error == EACCES || error == EPERM) {
		return socket_error(error, reterr, "cannot replace it", path);
	}
	if (unlink(path) && errno != ENOENT) {
		return socket_error(errno, reterr, "cannot replace it", path);
	}
	return 0;
}

int socket_path_prepare(const char *path, struct err *reterr)
{
	struct sockaddr_un address;
	int rc = socket_path_address(path, &address, reterr);

	if (rc == 0) {
		rc = make_folder(path, reterr);
	}
	return rc ? rc : remove_stale(path, &address, reterr);
}
