/*
 * What a queue is to the orchestrator, whoever keeps it. A driver is a table of
 * functions; `embedded` keeps messages in the store, others give them to a
 * server. tests/bridge is the suite that every driver must pass.
 *
 * Delivery is at least once: a message that was leased and not acknowledged
 * comes again. Acknowledging, and all other changes, are put into the store's
 * batch together with the transition that they belong to; a driver with a
 * server of its own puts into the batch what it needs to remember, and tells
 * the server when committed() is called.
 *
 * Times are wall clock microseconds. All functions are called on the thread of
 * the loop, and none blocks; a driver that has threads calls ready() from them.
 */
#ifndef BRIDGE_DRIVER_H
#define BRIDGE_DRIVER_H

#include "base/blob.h"
#include "base/err.h"
#include "model/queue.h"
#include "model/record.h"
#include "store/store.h"

/* A driver's own struct. */
struct queue_backend;

/* Names a message: a task has at most one. */
struct message_key {
	struct id run;
	uint32_t task;
};

/* What is in a queue. */
struct queue_depth {
	size_t waiting; /* those that are to wait some time among them */
	size_t leased;
	size_t dead;
	bool paused; /* by an operator */
};

/* What enters a queue. Texts are borrowed, documents referenced when kept. */
struct queue_message {
	struct message_key key;
	struct slice queue;
	struct slice plugin;
	struct slice group; /* empty: it stands alone */
	int priority;
	int64_t visible_us; /* not handed out before; 0: at once */
	/* MessagePack, exactly as the plugin is to get it; NULL: none. The
	 * attributes and the input are the run's and never change. */
	struct blob *parts[MESSAGE_PARTS];
};

struct queue_backend_options {
	struct store *store;
	/* The queue may have something to lease that it did not have when
	 * lease() last said no. The loop then asks. [any thread] */
	void (*ready)(void *arg, struct slice queue);
	void *arg;
};

struct queue_driver {
	const char *name;

	/* Takes up what the store remembers: queues with their pauses, and
	 * messages, where those that were leased wait again; dead ones are not
	 * looked at. A rate goes on from the last lease of what is still
	 * there. Calls ready() for what can be leased. */
	int (*open)(const struct queue_backend_options *options, int64_t now_us,
		    struct queue_backend **ret_backend, struct err *reterr);
	void (*close)(struct queue_backend *backend);

	/* A queue of that name (the policy's is not looked at) comes to be, or
	 * has another policy or plugin. */
	void (*set)(struct queue_backend *backend, struct slice queue,
		    struct slice plugin, const struct queue_policy *policy,
		    int64_t now_us);
	/* The queue has no plugin any more: it goes as soon as it is empty, or
	 * stays when it is set again. */
	void (*retire)(struct queue_backend *backend, struct slice queue);
	/* A paused queue takes messages and hands none out. `by` is empty when
	 * it goes on. E_NOT_FOUND, E_UNCHANGED. */
	int (*pause)(struct queue_backend *backend, struct slice queue,
		     struct slice by, int64_t now_us, struct err *reterr);

	/* Enters the queue, at its end; the policy's delay is added to
	 * visible_us. Nothing when a message of that key is waiting or leased;
	 * replaces a dead one. A queue of a name that was not set comes to be,
	 * with the default policy and as if retired. */
	void (*put)(struct queue_backend *backend,
		    const struct queue_message *message, int64_t now_us);
	/* 1 and the key of the message that comes first, which is leased now;
	 * 0: there is none to be had now, or a limit is reached. */
	int (*lease)(struct queue_backend *backend, struct slice queue,
		     int64_t now_us, struct message_key *ret_key);
	/* The rest are about a message that is there; else nothing happens. */
	/* Its visibility time begins anew. */
	void (*extend)(struct queue_backend *backend,
		       const struct message_key *key, int64_t now_us);
	/* A leased one goes back to its place in the queue, to be had from
	 * visible_us on (0: at once; QUEUE_ASIDE: once it is exposed); of a
	 * waiting one that time is set anew. `error` may be empty: then what
	 * was kept stays. */
	void (*nack)(struct queue_backend *backend,
		     const struct message_key *key, int64_t visible_us,
		     struct slice error, int64_t now_us);
	/* What the last lease() gave out was refused before anybody saw it: it
	 * is as if it had not been leased; with QUEUE_ASIDE instead of 0 it is
	 * to be had once it is exposed. */
	void (*refuse)(struct queue_backend *backend,
		       const struct message_key *key, int64_t visible_us,
		       int64_t now_us);
	/* One that was put aside can be had at once; of others nothing
	 * changes. */
	void (*expose)(struct queue_backend *backend,
		       const struct message_key *key, int64_t now_us);
	void (*bury)(struct queue_backend *backend,
		     const struct message_key *key, struct slice error,
		     int64_t now_us);
	/* Done with, whether leased, waiting or dead: it is gone. */
	void (*ack)(struct queue_backend *backend,
		    const struct message_key *key, int64_t now_us);

	/* One that is dead is thrown away. */
	void (*drop_dead)(struct queue_backend *backend,
			  const struct message_key *key);
	/* A run that has ended is about to be deleted, and its messages with
	 * it: to be called before store_delete_run(). */
	void (*forget_run)(struct queue_backend *backend, const struct id *run);

	/* True and the key of a leased message whose visibility time is over;
	 * it stays leased until the caller says nack(), bury() or ack(), and is
	 * named once. */
	bool (*expired)(struct queue_backend *backend, int64_t now_us,
			struct message_key *ret_key);
	/* When expired() or lease() may have something without a ready(); 0:
	 * not at all. Passing time calls ready() from within turn(). */
	int64_t (*next_due)(const struct queue_backend *backend);
	void (*turn)(struct queue_backend *backend, int64_t now_us);
	/* The wall clock was set: what counts from a moment (leases, the rate,
	 * the delay of what was never leased) moves along. Times of nack() are
	 * the caller's. */
	void (*clock_step)(struct queue_backend *backend, int64_t step_us);

	/* The documents of a message that is leased and whose lease is
	 * committed: new references. E_NOT_FOUND, E_CORRUPT, E_IO. */
	int (*parts)(struct queue_backend *backend,
		     const struct message_key *key,
		     struct blob *ret_parts[MESSAGE_PARTS], struct err *reterr);
	/* Keys of the messages that wait in a queue, at most `max`, in no
	 * particular order; returns how many. */
	size_t (*waiting)(const struct queue_backend *backend,
			  struct slice queue, struct message_key *ret_keys,
			  size_t max);

	/* No queue of that name is there, or it holds nothing, dead ones
	 * included. */
	bool (*empty)(const struct queue_backend *backend, struct slice queue);
	/* The queues that are there. */
	void (*each_queue)(const struct queue_backend *backend,
			   void (*each)(void *arg, struct slice queue,
					struct slice plugin),
			   void *arg);

	/* False when no queue of that name is there. */
	bool (*depth)(const struct queue_backend *backend, struct slice queue,
		      struct queue_depth *ret_depth);

	/* What was put into the batch so far is being committed; it is
	 * committed. A commit that fails is tried again without a word. NULL:
	 * of no interest. */
	void (*committing)(struct queue_backend *backend);
	void (*committed)(struct queue_backend *backend);
};

/* Messages in tables of the store: the same commit, the same disk. */
extern const struct queue_driver embedded_driver;

#endif
