/*
 * The loop that owns engine, store and plugins, and turns the engine's actions
 * into calls of the others. `tutti serve` runs it with a control socket, `tutti
 * run` inside itself without one.
 *
 * A turn: take everything that has come (completions, requests, timers), let
 * the engine step over it, commit all changes at once, and only then deliver
 * tasks, answer callers and wake waiters. When a commit fails nothing has left:
 * the same batch is tried again until it succeeds. Who asked for something in
 * it is told so, and meanwhile new requests are refused with the reason.
 *
 * Order of shutdown: stop taking requests, host_stop, wait for the plugins up
 * to the grace period, last commit, close the store, end the process. Tasks
 * still in plugins' hands are delivered again at the next start.
 *
 * All functions belong to one thread, except daemon_stop.
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include "base/err.h"
#include "config/config.h"
#include "host/host.h"
#include "store/view.h"

struct daemon;

/* Plugins that are linked into the program. */
struct daemon_module {
	const char *name;
	host_entry entry;
};

struct daemon_options {
	const struct config *config; /* borrowed until daemon_destroy */
	const char *store;           /* directory; NULL: the config's */
	const char *control;         /* socket path; NULL: no control socket */
	const struct daemon_module *modules;
	size_t module_count;
	/*
	 * Optional: called on the loop's thread after a commit that changed
	 * `run`; may look at the view.
	 */
	void (*observe)(void *arg, struct view *view, const struct id *run);
	void *observe_arg;
	/*
	 * Optional: what to do while another process owns the store, on this
	 * thread, when the config has been found good and before anything
	 * outside is touched. 0 with the lock of owner_wait(), or the code with
	 * which daemon_create() is to fail.
	 */
	int (*standby)(void *arg, const char *directory, int *ret_lock,
		       struct err *reterr);
	void *standby_arg;
};

/*
 * Load the plugins, open the store, check that every plugin the config names
 * exists, resume what was running. Mistakes in the config are appended to
 * `diagnostics` (E_INVALID). E_BUSY when another process owns the store and
 * `standby` is not given.
 */
int daemon_create(const struct daemon_options *options,
		  struct daemon **ret_daemon, struct buf *diagnostics,
		  struct err *reterr);

/* Only the checks, for `tutti config check`: no store, no init of plugins. */
int daemon_check(const struct daemon_options *options, struct buf *diagnostics);

/* How the sentence of an unknown workflow begins. */
#define DAEMON_NO_WORKFLOW "there is no workflow"

/*
 * The definition of that name, or, with an empty one, the only one. Borrowed.
 * E_NOT_FOUND with "did you mean"; E_INVALID, which names them, when a name is
 * needed.
 */
int daemon_find_workflow(const struct config *config, struct slice name,
			 struct definition **ret_definition,
			 struct err *reterr);

/* A request to start a run. Borrowed. */
struct daemon_start {
	struct slice tenant;            /* empty: "default" */
	struct slice workflow;          /* empty: the config's only one */
	struct slice uid;               /* with has_uid */
	bool has_uid;                   /* else the run's id becomes its uid */
	const struct value *attributes; /* map; NULL: none */
	const struct value *input;      /* NULL: null */
	/* A run of that uid that has ended goes on: what failed or was
	 * cancelled is done again, and what the config's definition has gained
	 * is done too. */
	bool resume;
	/* Other attributes and input than those of the run are no conflict.
	 * With `resume` they take the place of its own. */
	bool override;
	bool dry_run;
};

struct daemon_started {
	struct id run;
	bool created; /* false: the uid named this run already */
	bool resumed; /* it had ended, and goes on */
};

/*
 * Accept a run. The answer is only true after the next commit:
 * daemon_run_once or daemon_loop. E_INVALID, E_NOT_FOUND (workflow, with "did
 * you mean"), E_CONFLICT, E_TOO_BIG, E_FULL; E_BUSY with `resume`: the run in
 * ret_started has ended in a turn that is not committed yet.
 */
int daemon_start_run(struct daemon *daemon, const struct daemon_start *start,
		     struct daemon_started *ret_started, struct err *reterr);

/* Ask for a run's cancellation. E_NOT_FOUND, E_UNCHANGED when it has ended. */
int daemon_cancel_run(struct daemon *daemon, const struct id *run,
		      struct slice actor, struct err *reterr);

/*
 * Run until daemon_stop, or, with `until_final`, until that run has ended.
 * E_IO when the store cannot be written and nobody is there to mend it
 * (until_final only).
 */
int daemon_loop(struct daemon *daemon, const struct id *until_final,
		struct err *reterr);

/* Take a changed config and changed code up; what came of it is logged. Any
 * thread, also a signal handler. */
void daemon_reload(struct daemon *daemon);

/* End daemon_loop. Any thread, also a signal handler. */
void daemon_stop(struct daemon *daemon);

/* The view on the daemon's own store. */
struct view *daemon_view(struct daemon *daemon);

/* Stops everything; see the order above. NULL is fine. */
void daemon_destroy(struct daemon *daemon);

#endif
