/*
 * Whose is the other end of a loopback connection? TCP does not tell; the
 * kernel's tables do. Inside this room only. Any thread.
 */
#ifndef BUS_LINK_PEER_H
#define BUS_LINK_PEER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* All in network byte order. */
struct link_end_point {
	uint32_t address;
	uint16_t port;
};

/* The user of the socket at `peer` that is connected to `own`; false when
 * there is none (any more), or the tables cannot be read. */
bool link_peer_uid(const struct link_end_point *peer,
		   const struct link_end_point *own, uid_t *ret_uid);

/* This process's user or root. */
bool link_peer_allowed(const struct link_end_point *peer,
		       const struct link_end_point *own);

#endif
