/*
 * The engine: what happens to runs, and nothing else. It does no I/O, has no
 * threads, reads no clock and rolls no dice: engine_step() is told what
 * happened and when, changes its state, and says what must now be done.
 *
 * The caller, after one or several steps: puts everything in `changes` and
 * `transitions` into a commit, carries out the `effects` when that is done, and
 * then calls engine_forget() for runs that have ended and output_clear(). Until
 * then all pointers in the output stay valid. Steps may go on with another
 * output as soon as the changes have been put: they are read from the objects
 * themselves.
 *
 * Only runs that have not ended are here. One thread.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "base/err.h"
#include "engine/output.h"
#include "engine/run.h"
#include "filter/filter.h"
#include "model/queue.h"

struct engine;

struct engine_options {
	int64_t grace_ms; /* for tasks that were told to stop */
};

struct engine *engine_create(const struct engine_options *options);
void engine_destroy(struct engine *engine); /* NULL is fine */

/* A subscription of a plugin, as its descriptor declares it. */
struct engine_subscription {
	struct slice activity;
	enum phase_kind phase;
	struct value filter; /* borrowed; null: everything */
	bool optional;
	int order; /* 0: the default */
};

/* After so many instances have died with a task in their hands it fails. */
#define TASK_DEATHS_MAX 5

/* A task that was in hands when the orchestrator crashed, and why it did: that
 * counts as a death, and the task's next transition says so. */
struct restore_blame {
	uint32_t task;
	uint32_t attempt; /* another one than the stored: not this task */
	bool quarantined; /* its plugin is now: the task fails */
	struct slice message;
};

/* What the config says about a plugin in one activity. */
struct engine_override {
	struct slice activity;
	enum choice mandatory;
	int order; /* 0: not given */
};

enum event_kind {
	EVENT_PLUGIN, /* a plugin is registered, again or for the first time */
	EVENT_REMOVE, /* a registration ends */
	EVENT_QUARANTINE, /* a plugin may no longer be given tasks, or may again
			   */
	EVENT_INSTANCE,   /* a live copy of a plugin takes tasks */
	EVENT_DRAIN,      /* an instance is given no more tasks */
	EVENT_GONE,       /* an instance is no more: its tasks come back */
	EVENT_RETURNED, /* an instance gives back a task it has not begun: it is
			 leaving, and gets no more */
	EVENT_EXPECT,   /* programs are about to register */
	EVENT_START,    /* a new run */
	EVENT_RESTORE,  /* a run out of the store, after a restart */
	EVENT_COMPLETED, /* a plugin has finished a task, or parked it */
	EVENT_PROGRESS,  /* a plugin says how far it is */
	EVENT_LEASED,    /* a queue has handed out a task's message */
	EVENT_EXPIRED,   /* ... and the time for it is over */
	EVENT_PURGED,    /* an operator has thrown a message away */
	EVENT_CANCEL,    /* somebody wants a run to end */
	EVENT_SKIP,      /* an operator wants a task not to run */
	EVENT_PAUSE,     /* an operator wants nothing new to begin */
	EVENT_RESUME,    /* ... and now it may again */
	EVENT_CLOCK,     /* somebody has set the wall clock */
	EVENT_TIME,      /* engine_next_due() has come */
};

/* What of an ended run is to be done again. */
enum reopen_kind {
	/* What failed, and what was cancelled or left out because of that.
	 * What succeeded keeps its output. */
	REOPEN_FAILED,
	/* An activity and all that come after it, from their beginnings. */
	REOPEN_FROM,
	REOPEN_ALL,
	/* As REOPEN_FAILED, with what was cancelled; plugins that always run
	 * do so in every phase; activities that the definition has gained are
	 * run. */
	REOPEN_RERUN,
};

struct engine_reopen {
	enum reopen_kind kind;
	struct slice from; /* REOPEN_FROM: name of the activity */
	/* REOPEN_FAILED: only what fits this mark, as EVENT_SKIP takes it;
	 * empty: all. */
	struct slice task;
	/* REOPEN_FAILED: of what failed only that whose messages are among the
	 * dead letters of this queue; empty: all. */
	struct slice queue;
	/* REOPEN_RERUN: what the workflow is now; referenced. It must still
	 * have every activity that the run has been through. */
	struct definition *definition;
	/* The attributes or the input of the event are not the stored ones. */
	bool documents_changed;
	bool dry_run;
	/* Set by the step: how many tasks become pending, and how many
	 * activities are to be gone through (again). */
	uint32_t ret_tasks;
	uint32_t ret_activities;
};

enum pause_scope { PAUSE_RUN, PAUSE_WORKFLOW, PAUSE_ALL };

enum completion {
	COMPLETION_SUCCEEDED,
	COMPLETION_FAILED,
	COMPLETION_RETRYABLE, /* failed; another attempt could help */
	COMPLETION_PARKED,
};

struct event {
	enum event_kind kind;
	struct slice actor; /* who did it, for the history */
	struct id run;      /* of those about one run */
	union {
		/*
		 * Registers the plugin, or replaces what it said before. Runs
		 * whose first phase opens from now on see the new
		 * subscriptions; others stay with those that they saw there.
		 * Runs that wait for it go on, and see it.
		 */
		struct {
			struct slice name;
			const struct engine_subscription *subscriptions;
			size_t subscription_count;
			const struct engine_override *overrides;
			size_t override_count;
			bool always_run; /* also when a run is run again */
			/* Tasks that become ready from now on go through this
			 * queue; NULL: to the instances. Copied. */
			const struct queue_policy *queue;
		} plugin;
		/*
		 * The plugin's open tasks fail with REASON_REMOVED, but those
		 * in the hands of an instance, which may finish. Its
		 * quarantine ends, too. Phases that open while nothing is
		 * registered under that name have it only where they bind it.
		 */
		struct {
			struct slice name;
		} remove;
		/* While on, tasks of the plugin fail instead of being
		 * delivered, with this message. May go on before the plugin
		 * registers; stays on when it registers again, until
		 * EVENT_REMOVE. */
		struct {
			struct slice name;
			bool on;
			struct slice message;
		} quarantine;
		/*
		 * EVENT_INSTANCE (again with another max_tasks: a change; one
		 * that drains goes on draining), EVENT_DRAIN and EVENT_GONE;
		 * names are unique per plugin. The plugin need not be
		 * registered.
		 */
		struct {
			struct slice plugin;
			struct slice name;
			uint32_t max_tasks; /* EVENT_INSTANCE */
			bool died;          /* EVENT_GONE: not in good order */
			struct slice message; /* EVENT_GONE: how */
		} instance;
		struct {
			uint32_t task;
			uint32_t attempt;
		} returned;
		/*
		 * No phase opens before until_us, or before the next
		 * EVENT_EXPECT, which replaces it (0: nobody is expected).
		 */
		struct {
			int64_t until_us;
		} expect;
		struct {
			struct slice tenant;
			struct slice uid;
			struct definition *definition; /* referenced */
			struct blob *attributes;       /* msgpack; referenced */
			struct blob *input;
		} start;
		struct {
			const struct run_record *run;
			struct definition *definition;
			const struct activity_record *activities;
			const struct task_record *tasks;
			struct blob *const *outputs; /* by task; referenced */
			struct blob *attributes;
			struct blob *input;
			struct blob *stash;
			const struct value *skips; /* array of texts; or NULL */
			const struct restore_blame *blames; /* of this run */
			size_t blame_count;
			/* The run has ended and is to go on; NULL: it has not
			 * ended. */
			struct engine_reopen *reopen;
		} restore;
		struct {
			uint32_t task;
			uint32_t attempt;
			enum completion outcome;
			struct slice message;
			struct blob *output; /* referenced; NULL: none */
			struct blob *patch;
			int64_t until_us;
			bool late; /* its deadline had passed */
		} completed;
		struct {
			uint32_t task;
			uint32_t attempt;
			double fraction;
			struct slice note;
		} progress;
		/*
		 * EVENT_LEASED, EVENT_EXPIRED, EVENT_PURGED: a task with a
		 * queue. EVENT_LEASED delivers it to the least loaded
		 * instance, or fails and changes nothing: E_NOT_FOUND (the
		 * task no longer wants its message, which should be dropped),
		 * E_BUSY (no slot is free), E_CONFLICT (an instance has it),
		 * E_UNCHANGED (its run is paused: it will be exposed).
		 * EVENT_EXPIRED counts as a failed attempt; the instance is
		 * told to stop. Of both, what is stale is ignored.
		 */
		struct {
			uint32_t task;
		} message;
		struct {
			/* NAME, ACTIVITY/NAME or ACTIVITY/PHASE/NAME */
			struct slice task;
			bool dry_run;
			/* Set by the step: what was skipped at once, as
			 * numbers in the run; the caller frees the array. */
			uint32_t *ret_tasks;
			size_t ret_count;
			bool ret_marked; /* will be skipped when it comes */
		} skip;
		/*
		 * EVENT_PAUSE and EVENT_RESUME. What is in plugins' hands may
		 * finish, and time goes on: deadlines pass, what parked or
		 * waits for another attempt comes due and then waits. A run
		 * goes on when neither it nor its workflow nor all is paused.
		 * Pauses of a workflow and of all are to be given again after
		 * a restart, before the runs; a run's own is in its record.
		 */
		struct {
			enum pause_scope scope;
			struct slice workflow; /* PAUSE_WORKFLOW; any tenant */
		} pause;
		/*
		 * The wall clock is now `step_us` ahead of where it would be
		 * had nobody set it. What was to happen after some time has
		 * passed (attempts, deadlines, grace) moves along; a time that
		 * a plugin parked until stays what it is.
		 */
		struct {
			int64_t step_us;
		} clock;
	} as;
};

/*
 * One thing has happened. Never fails for EVENT_PROGRESS, EVENT_COMPLETED,
 * EVENT_RETURNED and EVENT_TIME: what is stale is ignored. EVENT_START:
 * E_INVALID when the definition's filters or templates do not compile.
 * EVENT_CANCEL, EVENT_SKIP, EVENT_PAUSE, EVENT_RESUME: E_NOT_FOUND,
 * E_UNCHANGED. EVENT_RESTORE with `reopen`: E_NOT_FOUND (no such activity or
 * task), E_UNCHANGED (nothing is to be done again), E_CONFLICT (the new
 * definition does not fit; the run is here, so it has not ended). EVENT_PLUGIN:
 * E_INVALID (a filter that does not compile; what was registered before stays).
 * Of EVENT_REMOVE, EVENT_DRAIN, EVENT_GONE, and EVENT_QUARANTINE when off:
 * E_NOT_FOUND.
 */
int engine_step(struct engine *engine, struct event *event, int64_t now_us,
		struct output *out, struct err *reterr);

/* Deliver nothing more: the process is about to end. */
void engine_hold(struct engine *engine);

/* When EVENT_TIME is wanted next; 0: not at all. */
int64_t engine_next_due(const struct engine *engine);

/* Borrowed; NULL when the run is not here. */
struct run *engine_run(const struct engine *engine, const struct id *run);
struct run *engine_run_by_uid(const struct engine *engine, struct slice tenant,
			      struct slice workflow, struct slice uid);
/* Any of them; the others follow by run::by_id. NULL: there is none. */
struct run *engine_first_run(const struct engine *engine);
size_t engine_run_count(const struct engine *engine);
bool engine_has_plugin(const struct engine *engine, struct slice plugin);

/* Tasks in the hands of an instance now, abandoned ones that it has not let go
 * of among them; 0 when there is no such instance. */
uint32_t engine_in_flight(const struct engine *engine, struct slice plugin,
			  struct slice instance);

/* Has the instance a message in hands with which it, or another one, has failed
 * before? */
bool engine_holds_failed(const struct engine *engine, struct slice plugin,
			 struct slice instance);

/* Slots that instances of the plugin have free for messages: 0 also when it is
 * quarantined or not registered. */
uint32_t engine_free_slots(const struct engine *engine, struct slice plugin);

/* A plugin with a queue that may have come to have free slots since this was
 * last asked, each once; NULL: none is left. Borrowed. */
const char *engine_next_hungry(struct engine *engine);

/* Drop a run that has ended and whose changes are committed. */
void engine_forget(struct engine *engine, struct run *run);

/* A run that has ended was deleted from the store: nothing is written into its
 * history any more. */
void engine_deleted(struct engine *engine, const struct id *run);

/* Who could take part in a phase, and whether it would. */
struct engine_candidate {
	char *task; /* the name its task would have */
	char *plugin;
	bool bound; /* by the definition; else the plugin subscribes itself */
	bool registered;
	bool mandatory;
	int order;
	enum run_on run_on;
	bool takes_part;               /* its filter matches */
	struct filter_explanation why; /* when it does not: the reason */
};

/* What is asked about: borrowed. */
struct engine_question {
	struct definition *definition;
	uint32_t activity;
	enum phase_kind phase;
	const struct value *attributes;
	struct slice packed;  /* the same as MessagePack */
	const struct id *run; /* whose phase it is; NULL: nobody's */
};

/*
 * The candidates of one phase of a definition for these attributes: first those
 * that would take part, in the order in which the phase calls them, then the
 * others by name. Decided by the same code as a run's phases: for a run that is
 * here and keeps a generation of subscriptions, by that one; else, also for one
 * that waits for plugins, by the subscriptions of now. Changes nothing.
 * E_INVALID: the definition does not compile.
 */
int engine_explain(struct engine *engine,
		   const struct engine_question *question,
		   struct engine_candidate **ret_candidates, size_t *ret_len,
		   struct err *reterr);
void engine_candidates_free(struct engine_candidate *candidates, size_t len);

#endif
