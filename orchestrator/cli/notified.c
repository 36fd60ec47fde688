#include "cli/notified.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/text.h"

#define MESSAGE_BYTES 4096

/* Bound without a name it gets an abstract one: a 0 and some digits. */
static int take_address(struct notified *notified)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t size = sizeof(sa_family_t);

	if (bind(notified->fd, (const struct sockaddr *)(void *)&address,
		 size)) {
		return -1;
	}
	size = sizeof(address);
	if (getsockname(notified->fd, (struct sockaddr *)(void *)&address,
			&size)) {
		return -1;
	}
	size_t len = size - offsetof(struct sockaddr_un, sun_path);

	memcpy(notified->address, address.sun_path, len);
	notified->address[0] = '@';
	notified->address[len] = '\0';
	return 0;
}

int notified_init(struct notified *notified, struct err *reterr)
{
	*notified = (struct notified){
		.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0),
	};
	if (notified->fd < 0 || take_address(notified)) {
		int rc = err_set(reterr, E_IO, "socket: %s", strerror(errno));

		notified_fini(notified);
		return rc;
	}
	return 0;
}

void notified_fini(struct notified *notified)
{
	if (notified->fd >= 0) {
		(void)close(notified->fd);
		notified->fd = -1;
	}
}

/* Does the next message have the line? False when there is none. */
static bool take_message(const struct notified *notified, const char *state)
{
	char bytes[MESSAGE_BYTES];
	ssize_t len = recv(notified->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	struct slice text = { bytes, len > 0 ? (size_t)len : 0 };
	struct slice line;
	bool found = false;

	while (text_next_line(&text, &line)) {
		found |= slice_is(line, state);
	}
	return found;
}

int notified_wait(struct notified *notified, const char *state, int pidfd,
		  int64_t timeout_ms, struct err *reterr)
{
	int64_t until_ns = clock_mono_ns() + timeout_ms * 1000000;
	struct pollfd fds[] = {
		{ .fd = notified->fd, .events = POLLIN },
		{ .fd = pidfd, .events = POLLIN },
	};

	for (;;) {
		int64_t left_ns = until_ns - clock_mono_ns();
		int ready = poll(
		    fds, 2, left_ns > 0 ? (int)(left_ns / 1000000) + 1 : 0);

		if (ready < 0 && errno != EINTR) {
			return err_set(reterr, E_IO, "poll: %s",
				       strerror(errno));
		}
		if (ready > 0 && fds[0].revents &&
		    take_message(notified, state)) {
			return 0;
		}
		if (ready > 0 && !fds[0].revents && fds[1].revents) {
			return err_set(reterr, E_UNREACHABLE, "it has ended");
		}
		if (left_ns <= 0) {
			return err_set(reterr, E_TIMEOUT,
				       "nothing was heard within %d s",
				       (int)(timeout_ms / 1000));
		}
	}
}
