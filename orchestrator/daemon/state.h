/*
 * The daemon's own struct, for its files only.
 */
#ifndef DAEMON_STATE_H
#define DAEMON_STATE_H

#include <stdatomic.h>

#include "daemon/daemon.h"
#include "daemon/inbox.h"
#include "engine/engine.h"

/* An answer that may leave once the changes it speaks of are committed. */
struct deferred {
	uint64_t session;
	uint64_t request;
	struct value result;
};

/* Somebody who waits for the end of a run. */
struct waiter {
	uint64_t session;
	uint64_t request;
	struct id run;
};

struct daemon {
	struct daemon_options options;
	struct host *host;
	struct engine *engine;
	struct store *store;
	struct view *view;
	struct control_server *control;
	struct inbox inbox;
	int timer_fd;     /* wall clock, for engine_next_due() */
	int64_t timer_us; /* what it is set to; 0: not set */
	atomic_bool stopping;
	bool draining; /* the plugins may finish, nothing else begins */
	struct output output;
	struct id last_id;
	int64_t started_us;
	/* The last commit failed: the batch is kept and tried again. */
	bool blocked;
	bool persisted; /* the output is in the store's batch already */
	struct err blocked_by;
	struct message *held; /* came meanwhile, in order */
	struct message **held_end;
	struct deferred *deferred;
	size_t deferred_count;
	size_t deferred_cap;
	struct waiter *waiters;
	size_t waiter_count;
	size_t waiter_cap;
};

#endif
