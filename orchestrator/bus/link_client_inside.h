/*
 * The client itself, for its own files: link_client.c (life, connections),
 * link_client_session.c (hello to bye), link_client_work.c (what is given to
 * it), link_client_call.c (requests and their repetition).
 *
 * Connections:	AWAY ──due──> CONNECTING ──both open──> UP ──failure──> AWAY
 *
 * Session, which survives a reconnect:
 *
 *	NONE ──hello──> GREETING ──welcome──> SYNCING ──sync, ready──> LIVE
 *	 ^                 │  └── config refused: REFUSING ──ok──> ended
 *	 └── unknown, connection lost while greeting      bye: LEAVING ──> ended
 */
#ifndef BUS_LINK_CLIENT_INSIDE_H
#define BUS_LINK_CLIENT_INSIDE_H

#include "bus/link_client.h"
#include "bus/link_client_file.h"
#include "bus/link_client_items.h"
#include "bus/link_client_seen.h"
#include "bus/sp_stream.h"

#define LINK_RESEND_MS      1000 /* a request without reply */
#define LINK_SYNC_MS        50   /* between two wishes for `sync` */
#define LINK_BACKOFF_MS     50   /* first delay, doubled up to: */
#define LINK_BACKOFF_MAX_MS 2000
#define LINK_CONNECT_MS     5000 /* for both handshakes */
#define LINK_LEAVE_MS       5000 /* for the last acknowledgements and bye */
#define LINK_ACCEPT_MIN_MS  200

/* A request on its way, sent again until its reply comes. */
struct link_call {
	uint32_t id;      /* of the SP request; 0: none */
	struct buf frame; /* with the id */
	int64_t sent_ms;
	int64_t due_ms; /* when it is to be sent, again */
};

enum link_state { LINK_AWAY, LINK_CONNECTING, LINK_UP, LINK_ENDED };

enum link_session {
	LINK_NONE,
	LINK_GREETING,
	LINK_SYNCING,
	LINK_LIVE,
	LINK_REFUSING,
	LINK_LEAVING,
};

struct link_client {
	struct link_client_handlers handlers;
	char *bus_file;
	struct link_client_file bus;
	struct buf about_bytes; /* what `about` borrows from */
	struct wire_request about;

	enum link_state state;
	int64_t state_due_ms; /* AWAY: connect; CONNECTING: give up */
	int64_t backoff_ms;
	struct sp_stream work;
	struct sp_stream requests;

	enum link_session session;
	int64_t session_due_ms; /* NONE: hello; SYNCING: ready */
	char nonce[WIRE_SECRET_SIZE];
	char own_topic[WIRE_SECRET_SIZE + 16];
	struct slice id;       /* owned, of the session */
	struct slice instance; /* owned */
	struct slice *topics;  /* owned */
	size_t topic_count;
	int64_t lease_ms;
	int64_t poll_ms;
	bool welcomed; /* the handler has been called */
	bool synced;   /* `sync` has come */
	bool asked;    /* the call on its way is ready(synced) */

	uint32_t last_id;
	struct link_call talk; /* hello, ready, bye */
	struct link_call poll;
	struct link_call up;
	uint64_t seen_mail;
	uint64_t n;           /* of the last `up` */
	int64_t poll_from_ms; /* not before */

	struct link_items items;
	struct link_item *ready;     /* for the next `up` */
	struct link_item *in_flight; /* in the one on its way */
	struct link_seen seen;

	bool leaving;
	int64_t leave_due_ms; /* 0 until the first turn after leave */
};

/* ---- link_client_call.c ---- */

/* Encode and note a request; link_call_send_due() sends it. `request`'s
 * session is filled in. A former request in `call` is given up. */
void link_call_start(struct link_client *client, struct link_call *call,
		     struct wire_request *request, int64_t now_ms);
void link_call_end(struct link_call *call);

/* Send what is due. */
void link_call_send_due(struct link_client *client, int64_t now_ms);

/* After a reconnect: send again at once what has no reply. */
void link_call_renew(struct link_client *client, int64_t now_ms);

/* ---- link_client_work.c ---- */

void link_topics_take(struct link_client *client, const struct slice *topics,
		      size_t count);
void link_topics_drop(struct link_client *client);
void link_work_publication(struct link_client *client, struct slice frame,
			   int64_t now_ms);
void link_work_mail(struct link_client *client, const struct wire_mail *mail,
		    int64_t now_ms);

/* ---- link_client_session.c ---- */

/* E_INVALID: the connection is no good. */
int link_session_reply(struct link_client *client, struct slice frame,
		       int64_t now_ms, struct err *reterr);

/* The `up` on its way is safe with the orchestrator. */
void link_session_acked(struct link_client *client);

/* Start what can be started. */
void link_session_turn(struct link_client *client, int64_t now_ms);

/* The earliest time at which link_session_turn() has something to do. */
int64_t link_session_due_ms(const struct link_client *client);

/* Break the connections off and come back later. */
void link_client_retreat(struct link_client *client, int64_t now_ms);
void link_client_end(struct link_client *client);

#endif
