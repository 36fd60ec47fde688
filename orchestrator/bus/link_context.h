/*
 * The requests of link_socket.h: nng's contexts, each of which receives one
 * request at a time and keeps the way back until it has been answered. One
 * receives, so that requests come in their order; some wait for their answer;
 * the rest is kept for later. They take fewer of nng's hand-overs between
 * threads, which are most of what a message costs, than its raw socket does.
 * Inside this room only.
 */
#ifndef BUS_LINK_CONTEXT_H
#define BUS_LINK_CONTEXT_H

#include <nng/nng.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* Where a reply goes. */
struct link_route {
	uint32_t pipe;                /* 0: nowhere */
	uint32_t serial;              /* of the request in its context */
	struct link_context *context; /* stays as long as the process */
};

struct link_contexts {
	nng_socket socket;
	/* A request has come; the message is his. Returns whether more are
	 * wanted for now. [nng's threads] */
	bool (*received)(void *arg, nng_msg *message,
			 const struct link_route *route);
	void *arg;
	pthread_mutex_t mutex;
	struct link_context *free;
	struct link_context *sending; /* answered, maybe not sent yet */
	bool receives;                /* one of them */
};

void link_contexts_init(struct link_contexts *contexts);

/* Begin to receive, or go on after received() was false. [any thread] */
void link_contexts_receive(struct link_contexts *contexts);

/* Answer, or do not. A route that is used up already is ignored. [any thread]
 */
void link_contexts_reply(struct link_contexts *contexts,
			 const struct link_route *route, struct slice body);
void link_contexts_drop(struct link_contexts *contexts,
			const struct link_route *route);

#endif
