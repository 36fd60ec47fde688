/*
 * Is the listener alive? From outside, as a plugin sees it: nng has been known
 * to accept connections that nobody serves.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "bus/link.h"
#include "bus/sp_address.h"

#define SP_HEADER "\0SP\0\0\x30\0"
#define SP_ANSWER "\0SP\0\0\x31\0"

static int dead(struct err *reterr, const char *address, const char *why)
{
	return err_set(reterr, E_UNREACHABLE,
		       "%s does not answer (%s): restart the orchestrator",
		       address, why);
}

static int exchange(int fd, const struct sockaddr_storage *to, socklen_t len,
		    const char *address, struct err *reterr)
{
	char answer[sizeof(SP_ANSWER)];

	if (connect(fd, (const struct sockaddr *)to, len)) {
		return dead(reterr, address, strerror(errno));
	}
	if (send(fd, SP_HEADER, sizeof(SP_HEADER), MSG_NOSIGNAL) !=
	    sizeof(SP_HEADER)) {
		return dead(reterr, address, strerror(errno));
	}
	ssize_t got = recv(fd, answer, sizeof(answer), MSG_WAITALL);

	if (got != (ssize_t)sizeof(answer)) {
		return dead(reterr, address,
			    got < 0 ? strerror(errno) : "it hung up");
	}
	if (memcmp(answer, SP_ANSWER, sizeof(answer)) != 0) {
		return dead(reterr, address, "it speaks something else");
	}
	return 0;
}

int link_check(const struct link *link, int64_t timeout_ms, struct err *reterr)
{
	const char *address = link_addresses(link).requests;
	struct timeval patience = {
		.tv_sec = timeout_ms / 1000,
		.tv_usec = timeout_ms % 1000 * 1000,
	};
	struct sockaddr_storage to;
	socklen_t len;

	if (strncmp(address, "inproc://", 9) == 0) {
		return 0;
	}
	int rc = sp_address_parse(slice_of(address), &to, &len, reterr);

	if (rc < 0) {
		return rc;
	}
	int fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0) {
		return err_set(reterr, E_IO, "socket: %s", strerror(errno));
	}
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience,
			 sizeof(patience));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
			 sizeof(patience));
	rc = exchange(fd, &to, len, address, reterr);
	(void)close(fd);
	return rc;
}
