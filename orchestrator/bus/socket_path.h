/*
 * Paths of local sockets: what fits one, and what stands there already.
 */
#ifndef BUS_SOCKET_PATH_H
#define BUS_SOCKET_PATH_H

#include <sys/socket.h>
#include <sys/un.h>

#include "base/err.h"

/* E_INVALID when the path is empty or longer than a socket's may be. */
int socket_path_address(const char *path, struct sockaddr_un *ret_address,
			struct err *reterr);

/*
 * Make the folder of `path` (0700) when it is missing, and remove a socket
 * there on which nobody listens. E_BUSY when somebody does, E_INVALID when it
 * is no socket, E_DENIED, E_IO.
 */
int socket_path_prepare(const char *path, struct err *reterr);

/* The code for an errno, with "what: reason". */
int socket_error(int error, struct err *reterr, const char *what,
		 const char *path);

#endif
