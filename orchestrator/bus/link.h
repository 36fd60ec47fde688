/*
 * The daemon's side of the plugin protocol (docs/protocol.md): sockets,
 * sessions, credits, leases. The committed store is the truth; what the bus
 * loses is delivered again.
 *
 * nng completes its operations on its own threads; there frames are only
 * bounded, decoded and queued, and `wake` is called. Everything else, and all
 * handlers, run on the loop's thread inside link_turn(). Sockets are opened
 * once and never closed: the process ends with them open.
 *
 * An instance, from hello to gone:
 *
 *	greeted ──ready(synced)──> live ──> gone (bye, lease missed, connection
 *	   │                         │            lost, link_drop)
 *	   └── error, no ready ──────┴──> gone
 */
#ifndef BUS_LINK_H
#define BUS_LINK_H

#include "base/blob.h"
#include "base/log.h"
#include "bus/wire.h"

struct link;

/* A completion as a process reports it. Slices are borrowed for the call. */
struct link_done {
	struct wire_key key;
	int outcome; /* TUTTI_SUCCEEDED, ... */
	struct slice message;
	struct slice output; /* msgpack, checked; empty: none */
	struct slice patch;  /* msgpack map, checked; empty: none */
	int64_t until_us;
	bool late;
	bool fault;
};

/* All on the loop's thread, inside link_turn(). `instance` is its name. */
struct link_handlers {
	void *arg;
	/*
	 * An instance introduces itself; the token was right. Returns 0 and
	 * fills its name, the activities whose publications it gets (their
	 * topics are in the welcome) and its config (a map or null), or a code
	 * and a sentence: it is refused. ret_activities is an empty array to
	 * begin with; the link clears both values.
	 */
	int (*hello)(void *arg, const struct wire_hello *hello,
		     struct buf *ret_name, struct value *ret_activities,
		     struct value *ret_config, struct err *reterr);
	/* From now on it may be given tasks. With `error` it cannot work (its
	 * config, its init): it is gone after this call. */
	void (*ready)(void *arg, const char *instance, struct slice error);
	/* It is gone; all it had in hand was not finished. `orderly`: it said
	 * so itself. */
	void (*gone)(void *arg, const char *instance, bool orderly,
		     const char *message);
	/* Only for deliveries that this instance was given. The
	 * acknowledgement leaves with link_committed(). */
	void (*completed)(void *arg, const char *instance,
			  const struct link_done *done);
	void (*returned)(void *arg, const char *instance,
			 const struct wire_key *key);
	void (*progressed)(void *arg, const char *instance,
			   const struct wire_key *key, double fraction,
			   struct slice note);
	void (*logged)(void *arg, const char *instance,
		       const struct wire_item *line);
	/* Something a peer sent was dropped; already rate-limited. */
	void (*complained)(void *arg, const char *text);
	/* Something is queued for link_turn(). Calls nothing of the link; is
	 * not called after link_end(). [any thread] */
	void (*wake)(void *arg);
};

struct link_options {
	const char *listen; /* "tcp://127.0.0.1:7071", ":0", "inproc://name" */
	const char *bus_file; /* written, 0600; NULL: none */
	int64_t lease_ms;
	struct link_handlers handlers;
};

/* E_INVALID (address), E_BUSY (in use), E_IO, E_DENIED. */
int link_create(const struct link_options *options, struct link **ret_link,
		struct err *reterr);

struct link_addresses {
	const char *requests;
	const char *work;
	const char *events;
	const char *token;
};
struct link_addresses link_addresses(const struct link *link); /* borrowed */

/* Work off what has come and what is due. */
void link_turn(struct link *link, int64_t now_ms);

/* When link_turn() is wanted without a wake, on the monotonic clock (as
 * now_ms); 0: not at all. */
int64_t link_next_due_ms(const struct link *link);

/* A task for an instance. Texts are copied, blobs referenced. */
struct link_task {
	struct wire_key key;
	struct slice instance;
	struct slice plugin;
	struct slice name;
	struct slice uid;
	struct slice tenant;
	struct slice workflow;
	struct slice activity;
	int phase;
	struct blob *attributes; /* msgpack; NULL: none; as are all five */
	struct blob *input;
	struct blob *stash;
	struct blob *outputs;
	struct blob *with;
	int64_t deadline_us; /* wall clock; 0: none */
};

/* Leaves with link_flush(). Unknown instances are ignored: their gone() has
 * been called or is about to be. Tasks of one phase of one run come one after
 * the other and share their documents, which are sent once. */
void link_deliver(struct link *link, const struct link_task *task);

/*
 * Send what was delivered since the last flush: parallel tasks of one activity
 * in one publication, unless there is only one receiver; the rest as mail.
 */
void link_flush(struct link *link);

void link_cancel(struct link *link, const char *instance,
		 const struct wire_key *key, bool timed_out);

/* The instance is to finish what it has, then leave. */
void link_stop(struct link *link, const char *instance);

/* Activities whose publications the instance gets from now on. */
void link_set_topics(struct link *link, const char *instance,
		     const struct slice *activities, size_t len);

/* Forget it now, without calling gone(): its process has ended. */
void link_drop(struct link *link, const char *instance);

/* What was completed so far is on its way to the disk, and: it is committed,
 * acknowledge it. What is completed between the two waits for the next. In
 * between, link_settle() lets what is published from now on carry
 * acknowledgements of what is committed. */
void link_committing(struct link *link);
void link_settle(struct link *link);
void link_committed(struct link *link);

/* Is anybody connected to the events? */
bool link_has_listeners(const struct link *link);

/* Publish "event/WORKFLOW/RUN/" with this body. */
void link_publish_events(struct link *link, struct slice workflow,
			 const struct id *run, const struct value *body);

struct link_stats {
	size_t instances;
	uint64_t malformed;   /* frames dropped */
	uint64_t refused;     /* hellos refused */
	uint64_t redelivered; /* publications that had to go by mail again */
	uint64_t lost;        /* instances that missed their lease, or whose
				 connection was lost */
	uint64_t ignored;     /* completions of what the peer did not have */
};
struct link_stats link_stats(const struct link *link);

/* Does the listener of requests still answer? Connects to it and waits for the
 * SP header, timeout_ms at most. E_UNREACHABLE with a sentence. */
int link_check(const struct link *link, int64_t timeout_ms, struct err *reterr);

/*
 * The process is about to end: nothing more is taken, bus_file is removed.
 * nng's sockets stay open, as its close can hang. NULL is fine.
 */
void link_end(struct link *link);

#endif
