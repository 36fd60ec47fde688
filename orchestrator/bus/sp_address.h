/*
 * Addresses of the plugin protocol: "tcp://127.0.0.1:7071", "tcp://[::1]:7071".
 * Loopback only, as nothing is encrypted. Any thread.
 */
#ifndef BUS_SP_ADDRESS_H
#define BUS_SP_ADDRESS_H

#include <sys/socket.h>

#include "base/err.h"
#include "base/slice.h"

/* E_INVALID, E_UNSUPPORTED (not loopback) with a sentence. */
int sp_address_parse(struct slice text, struct sockaddr_storage *ret_address,
		     socklen_t *ret_len, struct err *reterr);

/*
 * Does whoever listens at the address belong to this process's user or to
 * root? A port that its owner has left may be somebody else's by now.
 * E_DENIED; 0 also when the kernel does not tell.
 */
int sp_address_check_owner(const struct sockaddr_storage *address,
			   struct err *reterr);

#endif
