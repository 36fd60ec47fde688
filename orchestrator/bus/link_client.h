/*
 * A plugin process's side of the plugin protocol, over plain TCP sockets that
 * speak the SP wire format: no nng, no threads of its own.
 *
 * The client never blocks: its owner polls the descriptors it asks for and
 * calls link_client_turn(). It connects again when a connection breaks, says
 * hello again when the orchestrator does not know it any more, sends again what
 * was not acknowledged, and drops deliveries it has seen. One thread, except
 * link_client_put() and link_client_settled(): any thread.
 */
#ifndef BUS_LINK_CLIENT_H
#define BUS_LINK_CLIENT_H

#include <poll.h>

#include "base/blob.h"
#include "base/log.h"
#include "bus/wire.h"

struct link_client;

/* On the owner's thread, inside link_client_turn(). */
struct link_client_handlers {
	void *arg;
	/* Welcome: apply the config, start the plugins. E_*: the sentence goes
	 * to the orchestrator and the client ends. Called once only: a welcome
	 * after a reconnect just goes on. */
	int (*welcome)(void *arg, const struct value *config,
		       struct err *reterr);
	/* A new task; not seen before. */
	void (*work)(void *arg, const struct wire_work *work,
		     const struct wire_member *member);
	void (*cancel)(void *arg, const struct wire_key *key, bool timed_out);
	/* Finish what is there, then leave. */
	void (*stop)(void *arg);
	/* The session is over: what was in hand belongs to others now.
	 * cancel() is called for each of it afterwards. */
	void (*lost)(void *arg);
	/* Refused for good, with the orchestrator's sentence. */
	void (*refused)(void *arg, int code, struct slice error);
};

struct link_client_options {
	const char *bus_file;           /* see link_client_find_bus() */
	const struct wire_hello *about; /* token and nonce are filled in;
					   copied */
	struct link_client_handlers handlers;
};

/* The path of bus.json: TUTTI_BUS, else TUTTI_STORE/bus.json, else
 * ./.tutti/bus.json. free() it. */
char *link_client_find_bus(void);

/* E_NOT_FOUND, E_INVALID (the bus file), E_DENIED (others may read it). A
 * daemon that is not there yet is no error: the client keeps trying, and reads
 * the file again each time. */
int link_client_create(const struct link_client_options *options,
		       struct link_client **ret_client, struct err *reterr);

#define LINK_CLIENT_FDS 3
/* Descriptors to poll; returns how many, and in *ret_timeout_ms how long. */
nfds_t link_client_poll(struct link_client *client, int64_t now_ms,
			struct pollfd fds[LINK_CLIENT_FDS],
			int *ret_timeout_ms);
void link_client_turn(struct link_client *client, int64_t now_ms,
		      const struct pollfd *fds, nfds_t len);

/* Items for the next `up`; contents are copied. WIRE_DONE is kept until it is
 * acknowledged. [any thread] */
void link_client_put(struct link_client *client, const struct wire_item *item);

/*
 * So many more of the tasks that were given to us are likely to end at once:
 * until they have, nothing is sent of those that end first, so that all travel
 * in one request. The caller takes care that this does not take long.
 */
void link_client_expect(struct link_client *client, size_t count);
void link_client_expect_none(struct link_client *client);
bool link_client_expects(struct link_client *client);

/* Nothing waits to be acknowledged. */
bool link_client_settled(const struct link_client *client);

/* Say bye; settled and answered, or timed out, when link_client_ended(). */
void link_client_leave(struct link_client *client);
bool link_client_ended(const struct link_client *client);

void link_client_destroy(struct link_client *client); /* NULL is fine */

#endif
