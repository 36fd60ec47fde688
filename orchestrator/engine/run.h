/*
 * A run in memory. Others than the engine read these structs (to write
 * records, to make deliveries) and change nothing.
 *
 * Tasks of a phase are made together when the phase opens and have consecutive
 * numbers, so that a phase keeps only where it starts, how many there are, and
 * how many of them are in which state: a completion costs the same whatever
 * the size of the phase.
 */
#ifndef ENGINE_RUN_H
#define ENGINE_RUN_H

#include "base/hash.h"
#include <uthash.h>

#include "base/blob.h"
#include "document/value.h"
#include "engine/timers.h"
#include "model/record.h"

struct instance;
struct pin;
struct plan;
struct plugin;

struct task {
	/* Its texts are owned by this task, but for the plugin's name, which
	 * often is its own, too (task_name()), and the instance's, which is a
	 * shared_text. */
	struct task_record record;
	struct blob *output;
	struct plugin *plugin;
	struct instance *instance; /* whose hands it is in; NULL: nobody's */
	struct timer timer;        /* when the engine looks at it again */
	int64_t progress_us;       /* when progress was last written */
	int64_t delivered_ns;      /* for the caller: when it last was */
	enum run_on run_on;
	bool ready;            /* it is in its plugin's queue */
	bool timed_out;        /* told to stop because of its deadline */
	bool unbound;          /* its binding has left the definition */
	bool progress_pending; /* reported since, to be written soon */
	bool changed;          /* listed in the output already */
	struct run *run;
	/* In its plugin's queue while ready, in its instance's list while in
	 * its hands. */
	struct task *next;
	struct task *previous;
};

struct task_list {
	struct task *first;
	struct task *last;
};

struct phase {
	uint32_t first; /* number of its first task */
	uint32_t counts[TASK_STATES];
	uint32_t mandatory_open; /* mandatory tasks that are not final */
	uint32_t mandatory_failed;
	uint32_t optional_failed;
	uint32_t next; /* pre and post: the first task that may not be final */
	bool taken_up; /* what of it could go on stands in the queues */
	struct task *tasks; /* `expected` of them */
};

struct activity {
	struct activity_record record;
	struct phase phases[PHASE_KINDS];
	bool changed;
};

struct run {
	struct run_record record; /* its texts are owned by this run, and all
				     but the message are in uid_key */
	struct plan *plan;        /* the definition, compiled */
	/* The generation of subscriptions that it keeps; NULL: it takes the
	 * newest when a phase opens. */
	struct pin *pin;
	struct activity *activities;
	struct task **tasks; /* by number */
	uint32_t task_cap;
	struct task **superseded; /* arrays of tasks in no phase any more */
	size_t superseded_len;
	size_t superseded_cap;
	uint32_t current; /* index of the activity that is in progress */
	struct blob *attributes;
	struct blob *input;
	struct blob *stash;
	struct blob *outputs;  /* all so far as one document; NULL: make it */
	struct value scope;    /* for expressions; null: make it */
	struct value skips;    /* array of texts, or null */
	struct timer timer;    /* when a wait before a phase is over */
	struct timer deadline; /* of the run or its current activity */
	bool gated;            /* in the engine's list of runs that wait so */
	struct run *next_gated;
	struct run *previous_gated;
	bool changed;
	bool stash_changed;
	bool optional_failed; /* an activity ended degraded */
	int stored_state;     /* in the store; -1: not there yet */
	char *uid_key;        /* tenant 0 workflow 0 uid 0 */
	size_t uid_key_len;
	UT_hash_handle by_id;
	UT_hash_handle by_uid;
};

struct definition *run_definition(const struct run *run);
struct activity_definition *run_activity_definition(const struct run *run,
						    uint32_t activity);

/* The run owns this array of tasks, which are in no phase (any more). */
void run_keep_superseded(struct run *run, struct task *tasks);

/* What the config says of the task; NULL: its plugin subscribes itself. */
const struct binding *task_binding(const struct task *task);

#endif
