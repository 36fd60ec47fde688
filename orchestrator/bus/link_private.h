/*
 * What the parts of link.h share: sessions, deliveries, mail. Inside this room
 * only; everything on the loop's thread.
 *
 * A delivery is one attempt of a task in the hands of an instance:
 *
 *	             ┌─ one receiver, pre, post ─> MAILED ──┐
 *	QUEUED ──flush                              ^       ├──> ended (done,
 *	             └─ parallel ──> PUBLISHED ─────┘       │    returned,
 *session │    no accept     │    gone) └──accept──> HELD ─┘
 */
#ifndef BUS_LINK_PRIVATE_H
#define BUS_LINK_PRIVATE_H

#include "base/hash.h"
#include "bus/link.h"
#include "bus/link_socket.h"

#include <uthash.h>

#define LINK_MIN_GRACE_MS 200
#define LINK_USED_NONCES  1024
#define LINK_SAID         64

/* So long an acknowledgement waits for a publication to travel with. */
#define LINK_OWED_MS 5

/* What tasks of one phase of one run have in common. */
struct link_shared {
	unsigned references;
	struct id run;
	int phase;
	char *uid;
	char *tenant;
	char *workflow;
	char *activity;
	struct blob *attributes;
	struct blob *input;
	struct blob *stash;
	struct blob *outputs;
};

enum link_delivery_state {
	DELIVERY_QUEUED,    /* in link.queue */
	DELIVERY_PUBLISHED, /* in link.published */
	DELIVERY_MAILED,    /* in its session's mail, until that is seen */
	DELIVERY_HELD,      /* the instance has it for sure */
};

struct link_delivery {
	struct wire_key key; /* hashed in session.deliveries */
	enum link_delivery_state state;
	struct link_session *session;
	struct link_shared *shared; /* NULL once HELD */
	char *plugin;
	char *name;
	struct blob *with;
	int64_t deadline_us;
	size_t order;               /* in the queue */
	bool too_big;               /* fits no frame: link_turn() fails it */
	int64_t accept_due_ms;      /* DELIVERY_PUBLISHED */
	struct link_delivery *prev; /* in the queue or link.published */
	struct link_delivery *next;
	UT_hash_handle hh;
};

/* One item that waits until the peer has seen it. */
struct link_mail {
	uint64_t seq;
	enum wire_mail_kind kind;
	struct wire_key key; /* WIRE_WORK, WIRE_CANCEL */
	bool timed_out;
	char **topics;
	size_t topic_count;
	struct link_mail *prev;
	struct link_mail *next;
};

enum link_session_state { SESSION_GREETED, SESSION_LIVE, SESSION_GONE };

struct link_session {
	char id[WIRE_SECRET_SIZE];
	char nonce[WIRE_SECRET_SIZE];
	char *instance;
	enum link_session_state state;
	struct buf welcome; /* said again to the same nonce */
	/* The connection: by which the last request came. */
	uint32_t pipe;          /* 0: none */
	int64_t heard_ms;       /* last request, or first task after none */
	int64_t unconnected_ms; /* since when, when pipe is 0 */
	/* Activities it is subscribed to; those of a topics mail count once
	 * that was seen. */
	char **topics;
	size_t topic_count;
	uint64_t topics_seq;
	/* Mail. */
	struct link_mail *mail;
	uint64_t last_seq;
	struct link_route poll; /* pipe 0: no poll is held */
	int64_t poll_since_ms;
	/* Up. */
	uint64_t acked;
	uint64_t pending;    /* 0: none waits for a commit to begin */
	uint64_t committing; /* 0: none waits for one to end */
	struct link_route up;
	bool patient;          /* a publication may acknowledge that */
	bool owed;             /* that is on disk, and not acknowledged yet */
	int64_t owed_since_ms; /* if `owed` */
	struct link_delivery *deliveries; /* hashed by key */
	UT_hash_handle hh;                /* by id */
	UT_hash_handle by_instance;       /* by instance */
	UT_hash_handle by_nonce;
	struct link_session *next; /* in link.gone */
};

struct link {
	struct link_handlers handlers;
	struct link_sockets *sockets;
	char *bus_file;
	char token[2 * WIRE_SECRET_SIZE];
	int64_t lease_ms;
	int64_t now_ms; /* of the last turn */
	struct link_session *sessions;
	struct link_session *by_instance;
	struct link_session *by_nonce;
	struct link_session *gone; /* freed at the end of the turn */
	bool turning;
	struct link_delivery *queue; /* to be flushed */
	size_t queued;
	struct link_delivery *published; /* by accept_due_ms */
	struct link_shared *last_shared; /* of the queue's end */
	bool has_too_big;
	bool has_pending;    /* some session's `up` waits for a commit */
	bool has_committing; /* for one that has begun */
	bool has_owed;       /* is on disk and not acknowledged yet */
	/* Of sessions that are gone: a late hello of theirs is none. */
	char (*used)[WIRE_SECRET_SIZE];
	size_t used_count;
	/* Complaints: a few at a time. */
	int64_t complained_ms;
	unsigned complaints;
	unsigned silent;
	/* Malformed frames that were complained of: sent again, they are not
	 * news. A ring. */
	uint64_t malformed[LINK_SAID];
	size_t malformed_count;
	struct link_stats stats;
	struct link *next_ended;
};

/* The lifetime of an unanswered publication or of a lost connection. */
int64_t link_grace_ms(const struct link *link);
int64_t link_poll_ms(const struct link *link);

void link_complain(struct link *link, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* link_malformed.c: once for each connection and mistake. */
void link_malformed_complain(struct link *link, const struct link_frame *frame);

/* link_request.c */
void link_frame_take(struct link *link, struct link_frame *frame);
void link_publish_sync(struct link *link, const struct link_session *session);

/* link_ack.c */
/* All that is owed to subscribers of the activity; they have it when that is
 * published. free() it. */
struct wire_ack *link_acks_take(struct link *link, const char *activity,
				size_t *ret_count);
void link_acks_check_all(struct link *link);
int64_t link_acks_due_ms(const struct link *link);

/* link_session.c: NULL when there is none. */
struct link_session *link_session_find(struct link *link, struct slice id);
struct link_session *link_session_of(struct link *link, const char *instance);
struct link_session *link_session_of_pipe(struct link *link, uint32_t pipe);
struct link_session *link_session_of_nonce(struct link *link,
					   struct slice nonce);
/* A session that is gone had it. */
bool link_session_was_nonce(const struct link *link, struct slice nonce);
struct link_session *link_session_add(struct link *link, struct slice instance,
				      struct slice nonce);
/* Out of all tables; its memory lasts until the end of the turn. */
void link_session_remove(struct link *link, struct link_session *session);
/* Removed, and the daemon is told. */
void link_session_lose(struct link *link, struct link_session *session,
		       bool orderly, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void link_session_free_gone(struct link *link);
void link_session_heard(struct link *link, struct link_session *session,
			const struct link_route *route);
void link_session_pipe_gone(struct link *link, uint32_t pipe);
/* Leases, lost connections, polls. */
void link_sessions_check_all(struct link *link);
/* The loop was away for so long beyond what was due: nobody else is to blame
 * for the silence. */
void link_sessions_make_up(struct link *link, int64_t gap_ms);

int64_t link_sessions_due_ms(const struct link *link);

/* link_mail.c */
void link_mail_work(struct link *link, struct link_delivery *delivery);
void link_mail_forget(struct link_session *session,
		      const struct link_delivery *delivery);
void link_mail_seen(struct link *link, struct link_session *session,
		    uint64_t seen);
/* Answer the held poll: with the mail, or with none. */
void link_mail_send(struct link *link, struct link_session *session);
bool link_mail_waits(const struct link_session *session);
void link_mail_free_all(struct link_session *session);

/* link_topics.c */
void link_topics_set(char ***topics, size_t *count, const struct slice *names,
		     size_t len);
void link_topics_free(char ***topics, size_t *count);
/* As the peer is told: "instance/NONCE/", "work/ACTIVITY/", ... */
void link_topics_prefixes(const struct link_session *session,
			  char ***ret_prefixes, size_t *ret_count);
bool link_session_subscribes(const struct link_session *session,
			     const char *activity);

/* link_delivery.c */
struct link_delivery *link_delivery_find(const struct link_session *session,
					 const struct wire_key *key);
void link_delivery_free(struct link *link, struct link_delivery *delivery);
/* The instance has it: its documents are not needed any more. */
void link_delivery_hold(struct link *link, struct link_delivery *delivery);
/* As it stands on the wire, borrowed from the delivery; without members. */
struct wire_work link_delivery_work(const struct link_delivery *delivery);
struct wire_member link_delivery_member(const struct link_delivery *delivery);
/* Upper bounds of encoded sizes. */
size_t link_delivery_work_size(const struct link_delivery *delivery);
size_t link_delivery_member_size(const struct link_delivery *delivery);
void link_delivery_check_all(struct link *link);
/* What was kept for the next delivery. */
void link_delivery_forget(struct link *link);

#endif
