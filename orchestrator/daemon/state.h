/*
 * The daemon's own struct, for its files only.
 */
#ifndef DAEMON_STATE_H
#define DAEMON_STATE_H

#include <stdatomic.h>

#include "base/hash.h"
#include <uthash.h>

#include "bus/link.h"
#include "daemon/daemon.h"
#include "daemon/inbox.h"
#include "daemon/plugin_log.h"
#include "engine/engine.h"
#include "host/supervisor.h"

struct registration;
struct replaced;
struct live_instance;
struct bridge;
struct metrics;
struct awaited_run;

/* An answer that may leave once the changes it speaks of are committed. */
struct deferred {
	uint64_t session;
	uint64_t request;
	struct value result;
	struct err *refusal; /* owned; instead of the result */
};

struct deferred_list {
	struct deferred *deferred;
	size_t len;
	size_t cap;
};

/* A run whose own record is in a commit. */
struct touched {
	struct run *run;
	struct id id;
	enum group_state state;
	bool ended;
};

/* What one commit makes true, and what may leave when it is done. */
struct flight {
	bool under_way; /* the store is writing it */
	struct output output;
	struct deferred_list deferred;
	struct touched *touched;
	size_t touched_count;
	size_t touched_cap;
};

/* A run that is taken in, and who asked for it. */
struct arrival {
	uint64_t session;
	uint64_t request;
	struct import *import;
	bool complete; /* all of it is in batches */
	bool leaving;  /* the commit under way makes it so */
};

/* A request about a run whose end is not committed yet: handled then. */
struct postponed {
	struct id run;
	struct message *message;
};

struct daemon {
	struct daemon_options options;
	struct config *config; /* after a reload: its own; else NULL */
	struct host *host;
	struct link *link;             /* NULL: no plugin process is expected */
	struct supervisor *supervisor; /* NULL: no process is wanted */
	struct plugin_log *plugin_log;
	struct registration *registrations; /* registration::by_name */
	struct live_instance *instances;    /* instance::by_name */
	struct replaced *replaced;          /* versions that are drained */
	size_t replaced_count;
	size_t replaced_cap;
	struct value hashes;      /* entry -> hash of its code */
	struct value since;       /* entry -> when it was first started */
	struct value not_started; /* entry -> why, as was said */
	struct value given_up;    /* entry -> whether it was said */
	struct value excused;     /* instances whose deaths do not count */
	uint32_t reloads;         /* that changed something */
	uint32_t instances_named; /* numbers those started by hand */
	struct host_crash crash;  /* of the process before this one */
	bool crashed;
	int64_t expect_until_us; /* as told to the engine; 0: nobody */
	struct engine *engine;
	struct store *store;
	struct view *view;
	struct bridge *bridge;
	struct metrics *metrics;
	struct control_server *control;
	struct inbox inbox;
	int timer_fd;          /* wall clock, for engine_next_due() */
	int64_t timer_us;      /* what it is set to; 0: not set */
	int64_t clock_lead_us; /* of the wall clock over one nobody can set */
	int64_t retain_due_us; /* when a run is to be deleted; 0: never */
	int64_t sweep_due_us;  /* when to go on with what deleted ones left */
	int64_t busy_until_ns; /* runs went on a moment ago */
	size_t retained;       /* runs deleted since it was said how many */
	int64_t tails_due_us;  /* when to make runs easy to find by ends */
	/* By rest(), the last time. */
	struct {
		long heap_faults; /* page faults of the process until then */
		long file_faults;
		long pages; /* mapped ones of files that were left */
		bool wanted;
		int64_t next_ns; /* not before */
	} rested;
	atomic_bool stopping;
	atomic_bool reload_wanted; /* by a signal */
	bool draining; /* the plugins may finish, nothing else begins */
	enum durability durability;
	/* What is gathered for the next commit; see commit.h. */
	struct output output;
	struct deferred_list deferred;
	struct flight flight;
	struct flight
	    landed; /* while its effects are carried out; see commit.c */
	struct id last_id;
	int64_t started_us;
	bool watches;      /* answers may come while the loop looks on */
	int watch_credit;  /* see daemon.c */
	bool few_effects;  /* are being carried out */
	uint32_t awaited;  /* tasks the last flight delivered, not answered */
	bool awaits_there; /* some of them from processes */
	int64_t linger_ns; /* how long the next one waits for them */
	/* The last commit failed: the flight is kept and tried again. */
	bool blocked;
	int64_t retry_ns;
	struct err blocked_by;
	struct message *held; /* came meanwhile, in order */
	struct message **held_end;
	struct arrival *arrivals;
	size_t arrival_count;
	size_t arrival_cap;
	struct postponed *postponed;
	size_t postponed_count;
	size_t postponed_cap;
	struct awaited_run *awaited_runs; /* awaited_run::by_id */
	size_t waiter_count;
	size_t waiter_sweep; /* from so many on, look who went away */
};

#endif
