/*
 * The nng side of link.h: three sockets, and the queue of what came over them.
 * nng's objects are opened once and stay open until the process ends. Inside
 * this room only; loop's thread unless a function says otherwise.
 */
#ifndef BUS_LINK_SOCKET_H
#define BUS_LINK_SOCKET_H

#include <stdint.h>

#include "bus/link_context.h"
#include "bus/wire.h"

enum link_place { LINK_REQUESTS, LINK_WORK, LINK_EVENTS, LINK_PLACES };

/* Outcomes of a done, as the words of the wire count them. */
enum { LINK_SUCCEEDED, LINK_FAILED, LINK_RETRYABLE, LINK_PARKED };

enum link_frame_kind {
	LINK_REQUEST,
	LINK_MALFORMED, /* `err` says how */
	LINK_PIPE_GONE, /* of requests; route.pipe */
};

struct link_frame {
	struct link_frame *next;
	enum link_frame_kind kind;
	struct link_route route;
	size_t size; /* bytes of the body */
	struct wire_request request;
	struct err err;
	uint16_t port;   /* LINK_MALFORMED: of the peer, 0: not known */
	bool answerable; /* LINK_MALFORMED: a map, so a reply is understood */
};

struct link_sockets;

struct link_wake {
	void (*call)(void *arg); /* any thread */
	void *arg;
};

/* E_INVALID (address), E_BUSY, E_IO. */
int link_sockets_open(const char *listen, const struct link_wake *wake,
		      struct link_sockets **ret_sockets, struct err *reterr);

const char *link_sockets_address(const struct link_sockets *sockets,
				 enum link_place place);

/* All that came since the last time, oldest first; link_frame_free() each. */
struct link_frame *link_sockets_take(struct link_sockets *sockets);
/* What a process reports, made fit for the daemon. Any thread. */
void link_done_check(struct wire_item *item);

void link_frame_free(struct link_frame *frame);

/* How many wait to be taken; at LIMIT_LINK_UNREAD the rest stays with the
 * peers. */
size_t link_sockets_unread(struct link_sockets *sockets);

/* Both drop what cannot be sent: the peer asks again, or is told again. */
void link_sockets_reply(struct link_sockets *sockets,
			const struct link_route *route, struct slice body);
void link_sockets_publish(struct link_sockets *sockets, enum link_place place,
			  struct slice frame);

/* Each request is answered once or not at all; a route that is used up already
 * is ignored. */
void link_sockets_drop(struct link_sockets *sockets,
		       const struct link_route *route);

/* Is the connection a request came over still there? */
bool link_sockets_is_open(struct link_sockets *sockets, uint32_t pipe);

/* Is anybody connected there? */
bool link_sockets_has_peers(struct link_sockets *sockets,
			    enum link_place place);

/* Nothing more is taken; the memory stays, nng's threads may still use it. */
void link_sockets_end(struct link_sockets *sockets);

#endif
