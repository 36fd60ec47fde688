/*
 * The other end of notify.h: a socket for $NOTIFY_SOCKET of a process that is
 * started, and waiting for what it says there. One thread.
 */
#ifndef CLI_NOTIFIED_H
#define CLI_NOTIFIED_H

#include <stdint.h>
#include <sys/un.h>

#include "base/err.h"

struct notified {
	int fd;
	char address[sizeof(((struct sockaddr_un *)0)->sun_path) + 1];
};

/* Its address is one of the kernel's own, not in any folder. E_IO. */
int notified_init(struct notified *notified, struct err *reterr);
void notified_fini(struct notified *notified);

/*
 * Until a message with the line `state` has come. E_UNREACHABLE when the
 * process of `pidfd` has ended without; E_TIMEOUT, E_IO.
 */
int notified_wait(struct notified *notified, const char *state, int pidfd,
		  int64_t timeout_ms, struct err *reterr);

#endif
