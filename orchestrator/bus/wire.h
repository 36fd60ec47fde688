/*
 * The messages between the orchestrator and plugin processes as structs, and
 * their MessagePack. docs/protocol.md is the reference of the format; both
 * sides use the same functions here, so that they cannot disagree.
 *
 * Decoding believes nothing: size, depth and nodes are checked before anything
 * is unpacked (document/pack.h), counts and texts after. What a decoded struct
 * holds borrows from its own `document` and arrays, which wire_*_fini frees
 * (the topic of a publication from the frame's bytes).
 * Any thread.
 */
#ifndef BUS_WIRE_H
#define BUS_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"
#include "base/limits.h"
#include "document/value.h"

#define WIRE_PROTOCOL     1
#define WIRE_SECRET_SIZE  33 /* 32 hex digits and NUL: nonces, sessions */
#define WIRE_INSTANCE_MAX 200
#define WIRE_TOPIC_MAX    300
#define WIRE_HELP_MAX     8192 /* bytes of helps and fallbacks */

/* Names one delivery. */
struct wire_key {
	struct id run;
	uint32_t task;
	uint32_t attempt;
	uint32_t wakes; /* a parked task comes back in the same attempt */
};

struct wire_subscription {
	struct slice activity;
	int phase;           /* 0 pre, 1 parallel, 2 post */
	struct value filter; /* null: everything; owned by the decoded struct */
	bool optional;
	int order; /* 0: not given */
};

struct wire_param {
	struct slice name;
	struct slice help;
	struct slice fallback; /* ptr NULL: must be given */
	struct slice type;     /* "bool", "int", "double", ... */
};

struct wire_plugin {
	struct slice name;
	struct slice version;
	struct slice help;
	struct slice hash;
	uint32_t max_tasks;
	uint32_t flags; /* TUTTI_NOT_IDEMPOTENT, ... */
	struct wire_subscription *subscriptions;
	size_t subscription_count;
	struct wire_param *params;
	size_t param_count;
	struct value queue; /* null or a map, unchecked; owned by the decoded
			       struct */
};

struct wire_hello {
	struct slice token;
	struct slice nonce;
	struct slice name; /* TUTTI_INSTANCE; may be empty */
	struct slice sdk;
	int64_t pid;
	bool ephemeral;
	struct wire_plugin *plugins;
	size_t plugin_count;
};

struct wire_welcome {
	struct slice instance;
	struct slice session;
	int64_t lease_ms;
	int64_t poll_ms;
	struct slice *topics;
	size_t topic_count;
	struct value config; /* null or a map; owned by the decoded struct */
};

/* One task of a work message. */
struct wire_member {
	struct slice instance;
	struct slice plugin;
	struct slice name;
	uint32_t task;
	uint32_t attempt;
	uint32_t wakes;
	struct slice with; /* msgpack; empty: none */
	int64_t deadline_us;
};

/* Tasks of one phase of one run. */
struct wire_work {
	struct id run;
	struct slice uid;
	struct slice tenant;
	struct slice workflow;
	struct slice activity;
	int phase;
	struct slice attributes; /* msgpack, all four; empty: none */
	struct slice input;
	struct slice stash;
	struct slice outputs;
	struct wire_member *members;
	size_t member_count;
};

enum wire_mail_kind { WIRE_WORK, WIRE_CANCEL, WIRE_STOP, WIRE_TOPICS };

/* One item of an instance's mail. */
struct wire_mail {
	uint64_t seq;
	enum wire_mail_kind kind;
	struct wire_work work; /* WIRE_WORK; one member */
	struct wire_key key;   /* WIRE_CANCEL */
	bool timed_out;        /* WIRE_CANCEL */
	struct slice *topics;  /* WIRE_TOPICS */
	size_t topic_count;
};

enum wire_item_kind {
	WIRE_DONE,
	WIRE_PROGRESS,
	WIRE_LOG,
	WIRE_ACCEPT,
	WIRE_RETURN,
};

/* One item of an `up`. */
struct wire_item {
	enum wire_item_kind kind;
	struct wire_key key; /* WIRE_LOG: attempt 0 when it is about no task */
	/* WIRE_DONE */
	int outcome; /* TUTTI_SUCCEEDED, ...: 0..3 */
	struct slice message;
	struct slice output; /* msgpack; empty: none */
	struct slice patch;
	int64_t until_us;
	bool late;
	bool fault;
	/* WIRE_PROGRESS */
	double fraction;
	struct slice note;
	/* WIRE_LOG */
	struct slice plugin;
	struct slice task; /* "Activity/phase/name" or empty */
	int level;         /* enum log_level */
	struct slice text;
};

enum wire_request_kind {
	WIRE_HELLO,
	WIRE_READY,
	WIRE_POLL,
	WIRE_UP,
	WIRE_BYE,
};

struct wire_request {
	enum wire_request_kind kind;
	struct slice session; /* all but WIRE_HELLO */
	struct wire_hello hello;
	bool synced;        /* WIRE_READY */
	struct slice error; /* WIRE_READY; empty: none */
	uint64_t seen;      /* WIRE_POLL */
	uint64_t n;         /* WIRE_UP */
	bool patient;       /* WIRE_UP: a publication may acknowledge it */
	struct wire_item *items;
	size_t item_count;
	char *document; /* what the texts borrow from */
};

enum wire_reply_kind {
	WIRE_WELCOME,
	WIRE_REFUSED,
	WIRE_OK,
	WIRE_MAIL,
	WIRE_ACK,
	WIRE_UNKNOWN,
};

struct wire_reply {
	enum wire_reply_kind kind;
	struct wire_welcome welcome;
	int code;           /* WIRE_REFUSED: E_* */
	struct slice error; /* WIRE_REFUSED */
	uint64_t n;         /* WIRE_ACK */
	struct wire_mail *mail;
	size_t mail_count;
	char *document;
};

/* An `up` of the session that began with the nonce is safe on disk. */
struct wire_ack {
	struct slice nonce;
	uint64_t n;
};

enum wire_publication_kind { WIRE_SYNC, WIRE_FANOUT };

struct wire_publication {
	enum wire_publication_kind kind;
	struct slice topic; /* without the 0 byte */
	struct wire_work *work;
	size_t work_count;
	struct wire_ack *acks;
	size_t ack_count;
	char *document;
};

/* Appended to `out`; never fail: the caller keeps to the limits. */
void wire_put_request(struct buf *out, const struct wire_request *request);
void wire_put_reply(struct buf *out, const struct wire_reply *reply);
/* One item of a mail, by itself: a mail is the head of wire_put_mail_head()
 * and then its items. */
void wire_put_mail(struct buf *out, const struct wire_mail *mail);
void wire_put_mail_head(struct buf *out, size_t mail_count);
/* Topic, 0 byte, body. */
void wire_put_publication(struct buf *out,
			  const struct wire_publication *publication);

/*
 * E_INVALID, E_TOO_BIG, E_NO_MEMORY with a sentence that says what and where;
 * E_VERSION when the other side knows no version of ours. On failure there is
 * nothing to release.
 */
int wire_get_request(struct slice bytes, struct wire_request *ret_request,
		     struct err *reterr);
int wire_get_reply(struct slice bytes, struct wire_reply *ret_reply,
		   struct err *reterr);
/* The topic and what stands behind its 0 byte, of any publication. */
int wire_split_topic(struct slice bytes, struct slice *ret_topic,
		     struct slice *ret_body, struct err *reterr);
int wire_get_publication(struct slice bytes,
			 struct wire_publication *ret_publication,
			 struct err *reterr);
/* What of it is for one receiver: of each work its members, of the acks its
 * own. What others are given is not checked, only passed by. All borrows from
 * `bytes`. */
int wire_get_own(struct slice bytes, struct slice instance, struct slice nonce,
		 struct wire_publication *ret_publication, struct err *reterr);

/* Is it one well-formed map within the limits of a frame? */
bool wire_is_map(struct slice bytes);

/* NULL is fine, for all three. */
void wire_request_fini(struct wire_request *request);
void wire_reply_fini(struct wire_reply *reply);
void wire_publication_fini(struct wire_publication *publication);

#endif
