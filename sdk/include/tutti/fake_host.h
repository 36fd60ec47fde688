/*
 * A fake host, for unit tests of plugins: it calls a module's plugins as the
 * orchestrator does, with tasks that the test makes up and with a clock that
 * stands still until the test moves it on. Link libtutti_fake_host.a.
 *
 *	struct tutti_fake_host *host = tutti_fake_host_new(tutti_plugin_v1());
 *	struct tutti_fake_work work = {
 *		.activity = "Greet",
 *		.with = "{\"name\": \"Ada\"}",
 *	};
 *
 *	assert(tutti_fake_host_start(host) == TUTTI_OK);
 *	struct tutti_fake_task *task = tutti_fake_host_task(host, &work);
 *	assert(tutti_fake_task_run(task) == TUTTI_OK);
 *	assert(tutti_fake_task_outcome(task) == TUTTI_SUCCEEDED);
 *	assert(strcmp(tutti_fake_task_output(task), "...") == 0);
 *	assert(tutti_fake_host_end(host) == 0);
 *
 * The header is C11 and C++11. A zeroed struct tutti_fake_work is a task
 * without anything.
 *
 * Threads: all functions belong to the test's one thread. init(), cancel(),
 * stop() and fini() are called on it; each handle() runs on a thread of its
 * own, a new one for each task. Nothing waits for the fake clock: a plugin that
 * sleeps in real time is waited for in real time.
 *
 * Strictness: what the host lends to a plugin lies in memory that it may not
 * write to and that is taken away when the task is finished, so that a plugin
 * which breaks these rules crashes in its test and not at a customer's. Broken
 * rules that do not crash are collected: tutti_fake_host_end() tells how many.
 *
 * Memory: what functions return is the host's and lives until
 * tutti_fake_host_end(), but for what says otherwise. What the test passes in
 * is copied.
 */
#ifndef TUTTI_FAKE_HOST_H
#define TUTTI_FAKE_HOST_H

#include <tutti/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

struct tutti_fake_host;
struct tutti_fake_task;

/*
 * A host for the plugins of one module; nothing of it runs yet. Never NULL: a
 * module that the orchestrator would refuse is refused by
 * tutti_fake_host_start().
 */
struct tutti_fake_host *tutti_fake_host_new(const struct tutti_module *module);

/*
 * What stands under `config:` of the module, a JSON map of parameters. Before
 * the start. TUTTI_EINVAL when it is no map or does not fit the parameters that
 * the plugins declare.
 */
int32_t tutti_fake_host_params(struct tutti_fake_host *host, const char *json);

/*
 * init() of all plugins, in order. Not TUTTI_OK: the module is refused
 * (TUTTI_EINVAL), or what the plugin's init() returned; those before it have
 * been ended in reverse, and tutti_fake_host_error() is the sentence.
 */
int32_t tutti_fake_host_start(struct tutti_fake_host *host);

/* Why the last function failed; "" when none has. Never NULL. */
const char *tutti_fake_host_error(const struct tutti_fake_host *host);

/* A task. Texts that are NULL have the default in brackets. */
struct tutti_fake_work {
	const char *plugin;     /* [the first of the module] */
	const char *activity;   /* [that of its first subscription] */
	const char *name;       /* the binding's `as` [the plugin's name] */
	const char *workflow;   /* ["Test"] */
	const char *uid;        /* ["test"] */
	const char *tenant;     /* ["default"] */
	const char *attributes; /* JSON map [{}] */
	const char *input;      /* JSON [null] */
	const char *stash;      /* JSON map [{}] */
	const char *outputs;    /* JSON map [{}] */
	const char *with;       /* JSON map [{}] */
	int64_t deadline_ms;    /* from now on; 0: none; negative: over */
	int32_t phase;          /* TUTTI_PRE, ... [0 is TUTTI_PRE] */
	uint32_t attempt;       /* 0 is the first */
	uint32_t wakes;
	/* The id's last part; 0 gives each task one of its own. The same number
	 * with a higher attempt is the same task delivered again. */
	uint64_t number;
};

/*
 * Make a task, which is not given to the plugin yet. NULL when `work` makes no
 * sense (a document is no JSON, no such plugin).
 */
struct tutti_fake_task *
tutti_fake_host_task(struct tutti_fake_host *host,
		     const struct tutti_fake_work *work);

/*
 * Give it to the plugin: handle() starts on a thread of its own.
 * TUTTI_EAGAIN when the plugin has max_tasks in its hands already,
 * TUTTI_EINVAL when the host has not been started or the task has.
 */
int32_t tutti_fake_task_start(struct tutti_fake_task *task);

/*
 * Wait until it is finished and handle() has returned. TUTTI_EAGAIN when
 * `real_ms` of real time pass before: the clock of the test does not move
 * meanwhile.
 */
int32_t tutti_fake_task_wait(struct tutti_fake_task *task, int64_t real_ms);

/* Start, and wait up to ten seconds of real time. */
int32_t tutti_fake_task_run(struct tutti_fake_task *task);

/*
 * Tell the plugin to stop the task; cause is TUTTI_CANCELLED or
 * TUTTI_TIMED_OUT. Also for a task that is finished, as can happen in life.
 */
void tutti_fake_task_cancel(struct tutti_fake_task *task, int32_t cause);

/*
 * Forget the task as after its grace period: the plugin gets TUTTI_ESTALE when
 * it finishes it, and that counts as no mistake.
 */
void tutti_fake_task_abandon(struct tutti_fake_task *task);

/*
 * Move both clocks on. Tasks whose deadline passes are cancelled with
 * TUTTI_TIMED_OUT. The monotonic clock starts at one second, the wall clock at
 * 2026-01-01T00:00:00Z.
 */
void tutti_fake_host_advance(struct tutti_fake_host *host, int64_t ms);

/* The plugin's result. Before it is finished: -1, NULL, 0. */
int32_t tutti_fake_task_outcome(struct tutti_fake_task *task);
const char *tutti_fake_task_message(struct tutti_fake_task *task);
/* Compact JSON; NULL when it gave none. */
const char *tutti_fake_task_output(struct tutti_fake_task *task);
const char *tutti_fake_task_patch(struct tutti_fake_task *task);
int64_t tutti_fake_task_until_us(struct tutti_fake_task *task);

/* What handle() returned; TUTTI_PENDING as long as it has not. */
int32_t tutti_fake_task_returned(struct tutti_fake_task *task);

/* How often the plugin finished it: 1 when all is well. */
uint32_t tutti_fake_task_times_finished(struct tutti_fake_task *task);

/* How often it was told TUTTI_ESTALE when it finished it. */
uint32_t tutti_fake_task_stale(struct tutti_fake_task *task);

/* Its progress, in order; beyond the last: TUTTI_ENOTFOUND. */
int32_t tutti_fake_task_progress(struct tutti_fake_task *task, size_t index,
				 double *ret_fraction, const char **ret_note);

/* Lines of the plugins' log, in order, as "error: text"; beyond the last NULL.
 */
const char *tutti_fake_host_log(struct tutti_fake_host *host, size_t index);

/* Rules of the SDK that the plugins have broken, one sentence each; beyond the
 * last NULL. */
const char *tutti_fake_host_mistake(struct tutti_fake_host *host, size_t index);

/* No more tasks: stop() of all plugins, in reverse. */
void tutti_fake_host_stop(struct tutti_fake_host *host);

/*
 * stop() if that has not been, fini() of all plugins in reverse, and free.
 * Returns how many rules have been broken, and says each on standard error. A
 * task that does not come back within ten seconds of real time is one of them;
 * the memory is left alone then, and so is its plugin. NULL is fine.
 */
size_t tutti_fake_host_end(struct tutti_fake_host *host);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif
