/*
 * The plugins of this process: modules, the plugins in them, the threads that
 * run their handlers, and the tasks in their hands.
 *
 * Life cycle: host_create, host_load for each module (nothing of a plugin runs
 * but the entry function), host_start (init of all, in order of loading; undone
 * in reverse when one fails), host_deliver and host_cancel while it runs,
 * host_stop, host_drained, host_destroy (fini in reverse).
 *
 * Threads: all functions belong to one thread, the loop's, except where they
 * say otherwise. Callbacks come on any thread, also inside host_deliver, and
 * only enqueue and wake.
 *
 * A task is pinned from host_deliver until its one completion has been posted
 * AND the handler has returned. A second completion, one for an attempt that
 * is over, or one for an id that never was, gets TUTTI_ESTALE and is counted
 * against the plugin.
 *
 * A task may be delivered again with a higher attempt while its plugin still
 * holds an older one. The older attempt is over from then on: its plugin gets
 * TUTTI_ESTALE, but its completion is posted all the same, under its own key,
 * because that is what says that the plugin has a hand free again. A plugin
 * that finishes through the struct tutti_task finishes exactly that attempt;
 * one that finishes by id alone (tutti_finish_id) finishes its oldest.
 */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include <stdbool.h>
#include <stdint.h>
#include <tutti/plugin.h>

#include "base/blob.h"
#include "base/err.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/log.h"
#include "document/value.h"

struct host;

/* Names one delivery. */
struct host_key {
	struct id run;
	uint32_t number; /* of the task in its run */
	uint32_t attempt;
	uint32_t wakes; /* only carried along; no part of the name here */
};

/* What host_deliver hands to a plugin. Texts are copied, blobs referenced. */
struct host_task {
	struct host_key key;
	uint32_t wakes;
	int32_t phase; /* TUTTI_PRE, ... */
	struct slice uid;
	struct slice tenant;
	struct slice workflow;
	struct slice activity;
	struct slice plugin;
	struct slice name;
	struct blob *attributes; /* msgpack; NULL is an empty map */
	struct blob *input;      /* NULL is null */
	struct blob *stash;      /* NULL is an empty map */
	struct blob *outputs;    /* NULL is an empty map */
	struct blob *with;       /* NULL is an empty map */
	int64_t deadline_us;     /* wall clock; 0: none */
	bool at_once; /* a plugin that promises to be quick (TUTTI_QUICK) may be
			 called on this thread, before host_deliver() returns */
};

/* A completion, posted exactly once for each delivery that comes to an end. */
struct host_completion {
	struct host_key key;
	int32_t outcome;      /* TUTTI_SUCCEEDED, ... */
	char *message;        /* owned; NULL or valid UTF-8 within limits */
	struct blob *output;  /* owned; msgpack or NULL */
	struct blob *patch;   /* owned; msgpack or NULL */
	int64_t until_us;     /* TUTTI_PARKED */
	bool late;            /* its deadline had passed */
	bool never_called;    /* host_stop() came first: not an outcome */
	bool plugin_at_fault; /* broke a rule of the SDK: see the message */
};

void host_completion_fini(struct host_completion *completion);

struct host_callbacks {
	void *arg;
	/* Takes the completion's contents over. [any thread] */
	void (*completed)(void *arg, const struct host_completion *completion);
	/* `note` is borrowed. [any thread] */
	void (*progressed)(void *arg, const struct host_key *key,
			   double fraction, struct slice note);
	/* A line of the plugin's log; `attempt` is 0 when it belongs to no task
	 * in the plugin's hands. [any thread] */
	void (*logged)(void *arg, const struct host_key *key,
		       struct slice plugin, struct slice task,
		       enum log_level level, struct slice text);
};

/* The callbacks are copied; all but `completed` may be NULL. */
struct host *host_create(const struct host_callbacks *callbacks);

typedef const struct tutti_module *(*host_entry)(void);

/* Where a module comes from: a file, or an entry linked into this program. */
struct host_source {
	const char *path;  /* file of the shared object; NULL with `entry` */
	host_entry entry;  /* NULL with `path` */
	const char *label; /* how messages call it; NULL: the path */
	const struct value *config; /* map of parameters; NULL: none given */
	uint32_t max_tasks; /* lowers the plugins' own; 0: leaves them */
};

/*
 * Load and check a module: file and its folder not writable by others, ELF
 * shared object, entry symbol, magic, ABI, names (unique over all modules),
 * subscriptions, parameters against `config`. Every refusal is a sentence that
 * says what to do. E_NOT_FOUND, E_INVALID, E_VERSION, E_DENIED, E_CONFLICT.
 * While the host runs the plugins' init() is called too.
 */
int host_load(struct host *host, const struct host_source *source,
	      struct err *reterr);

/* A loaded plugin, its newest version, as others see it. Borrowed until it is
 * replaced or unloaded, or until host_destroy. */
struct host_plugin_info {
	const char *name;
	const char *version;
	const char *help;
	const char *module; /* path or label */
	char hash[65];      /* SHA-256 of the file in hex; "" when linked in */
	uint32_t max_tasks;
	uint32_t flags; /* TUTTI_NOT_IDEMPOTENT, ... */
	const struct tutti_subscription *subscriptions;
	uint32_t subscription_count;
	const struct tutti_param *params;
	uint32_t param_count;
	const struct tutti_queue *queue; /* NULL: it declares none */
	uint32_t version_number; /* 1, one more with each host_reload() of its
				    module */
	uint32_t in_flight;      /* tasks in its hands now */
	uint64_t misbehaved;     /* duplicate, stale or missing completions */
};

/*
 * What a module says of its plugins, before there is a host or a config for
 * them; `source`'s config is not looked at. The array is the caller's to
 * free(), its texts are the module's and the source's.
 */
int host_describe_module(const struct host_source *source,
			 struct host_plugin_info **ret_plugins,
			 size_t *ret_count, struct err *reterr);

/*
 * While the host runs: load the module again from its changed file and let the
 * new code take over. All plugins of the new version must pass the checks of
 * host_load and their init(); else the old one stays and the error says why.
 * Tasks in the hands of the old version finish there (those whose handler has
 * not been called yet come back as never_called); it gets stop() at once and
 * fini() when it has none left (in host_reap(), or at the end). A plugin that
 * the new version no longer has is stopped; one that is new is added. The file
 * is read into memory before it is loaded (here and in host_load), so that what
 * later happens to it does not touch running code; of modules that find
 * libraries by $ORIGIN, and where the system forbids code in memory files, the
 * file itself is loaded, and must be replaced by a new file (E_CONFLICT when it
 * was written over). `path` names the module as host_load() got it. E_UNCHANGED
 * when content, config and max_tasks are the same; E_NOT_FOUND; E_BUSY while it
 * does not run.
 */
int host_reload(struct host *host, const struct host_source *source,
		struct err *reterr);

/*
 * The same for several modules at once: all new versions are loaded, checked
 * and started before the first of them takes over. When one fails, all that
 * have been started are ended again, every old version stays as it is, and the
 * error is that one's. A source whose path is not loaded, or that is an entry,
 * is a new module, as with host_load(); sources that are unchanged are skipped.
 * Names must be unique over all modules, new and remaining: a name may move
 * from one of the sources to another.
 */
int host_reload_all(struct host *host, const struct host_source *sources,
		    size_t len, struct err *reterr);

/* Stop the plugins of a module that the config no longer names. */
int host_unload(struct host *host, const char *path, struct err *reterr);

/* fini() of replaced versions whose last task has come back. True when none is
 * left. */
bool host_reap(struct host *host);

/*
 * Crashes. After host_watch_crashes() a fault (SIGSEGV, SIGBUS, SIGILL, SIGFPE,
 * SIGABRT) on any thread writes a note into `file` before the process dies as
 * it would have: the signal, and the plugin whose code it was, known from the
 * task that the thread works on, else from the module in which the fault lies.
 * host_read_crash() takes the note of the last process out: E_NOT_FOUND when
 * there is none (a file that is no note is removed, too); call it first,
 * watching begins with an empty file. One host per process, to be called before
 * host_start(), by the loop's thread. A thread that a plugin made itself has no
 * stack for signals, so an overflow of its own leaves no note.
 */
struct host_crash {
	int signal;
	char plugin[LIMIT_NAME + 1]; /* "" when it was no plugin's */
	bool has_task;
	struct host_key key; /* the task the thread worked on */
};

int host_watch_crashes(struct host *host, const char *file, struct err *reterr);
int host_read_crash(const char *file, struct host_crash *ret_crash,
		    struct err *reterr);

size_t host_plugin_count(const struct host *host);
struct host_plugin_info host_plugin_info(const struct host *host, size_t index);

/* Call init of every plugin. On failure E_INVALID, everything undone. */
int host_start(struct host *host, struct err *reterr);

/*
 * Hand a task to its plugin. The caller keeps within max_tasks, counting
 * deliveries that have no completion yet; one beyond is E_BUSY, as is one
 * before host_start or after host_stop. E_NOT_FOUND for an unknown plugin,
 * E_CONFLICT for an attempt that is in flight already, E_FULL when no thread
 * can be started. May call back before it returns.
 */
int host_deliver(struct host *host, const struct host_task *task,
		 struct err *reterr);

/* Between these two, deliveries wake threads for all of them in the end:
 * cheaper when there are several. */
void host_hold_wakes(struct host *host);
void host_wake(struct host *host);

/*
 * Plugins whose calls have been quick of late may share a few threads, if the
 * caller promises to call host_turn() when host_next_due_ns() (on the monotonic
 * clock; 0: never) says so: then one of them that is not quick this time holds
 * the others up for no longer than a millisecond.
 */
void host_promise_turns(struct host *host);
int64_t host_next_due_ns(struct host *host);
void host_turn(struct host *host, int64_t now_ns);

/*
 * Tell the plugin to stop a task; cause TUTTI_CANCELLED or TUTTI_TIMED_OUT.
 * Unknown or finished keys are ignored. A task whose handler has not been
 * called yet fails without calling it.
 */
void host_cancel(struct host *host, const struct host_key *key, int32_t cause);

/*
 * Take no more tasks and call stop of every plugin. Tasks whose handlers have
 * not been called yet are completed as retryable.
 */
void host_stop(struct host *host);

/* Is no task in any plugin's hands? [any thread] */
bool host_drained(const struct host *host);

/*
 * fini of every plugin whose tasks are all finished, join the threads, free.
 * With tasks still in plugins' hands it leaves their plugins, threads and
 * memory alone, and their callbacks may still come: the caller is about to end
 * the process. NULL is fine.
 */
void host_destroy(struct host *host);

#endif
