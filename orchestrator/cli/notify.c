#include "cli/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"

/* A path, or an abstract name written with '@'. */
static int make_address(const char *name, struct sockaddr_un *address,
			socklen_t *ret_size)
{
	size_t len = strlen(name);

	if ((*name != '/' && *name != '@') || len < 2 ||
	    len >= sizeof(address->sun_path)) {
		return E_INVALID;
	}
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	memcpy(address->sun_path, name, len);
	if (*name == '@') {
		address->sun_path[0] = '\0';
	}
	*ret_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	return 0;
}

int notify_send(const char *state)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address;
	socklen_t size;

	if (!name || !*name) {
		return 0;
	}
	if (make_address(name, &address, &size)) {
		return E_INVALID;
	}
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0) {
		return E_IO;
	}
	ssize_t sent =
	    sendto(fd, state, strlen(state), MSG_NOSIGNAL,
		   (const struct sockaddr *)(const void *)&address, size);

	(void)close(fd);
	return sent == (ssize_t)strlen(state) ? 0 : E_IO;
}
