/*
 * Tutti plugin SDK: everything a plugin needs, and the only public header.
 *
 * A module (a shared object) holds one or more plugins. A plugin says which
 * (activity, phase) pairs it wants; for every run whose attributes pass its
 * filter the orchestrator hands it a task, and the plugin finishes each task
 * exactly once: in the call, or later from any thread.
 *
 *	static int32_t greet(void *self, const struct tutti_task *task)
 *	{
 *		(void)self;
 *		return tutti_succeed(task, "{\"greeting\": \"hello\"}");
 *	}
 *
 *	static const struct tutti_subscription wanted[] = {
 *		{ .activity = "Step1", .phase = TUTTI_PARALLEL },
 *	};
 *
 *	static const struct tutti_plugin greeter = {
 *		.size = sizeof(struct tutti_plugin),
 *		.name = "greet",
 *		.version = "1.0",
 *		.help = "Says hello.",
 *		.subscriptions = wanted,
 *		.subscription_count = 1,
 *		.max_tasks = 1,
 *		.handle = greet,
 *	};
 *
 *	TUTTI_MODULE(&greeter);
 *
 * The header is C11 and C++11. All text is UTF-8. Documents (attributes,
 * input, ...) are MessagePack; a plugin that does not want to parse it asks
 * for single values with tutti_get() or for JSON text with tutti_json().
 *
 * Memory: neither side frees what the other made. What the host passes in is
 * borrowed and stays readable until the task is finished (inside handle(),
 * until that returns as well); what the plugin passes in is copied before the
 * call returns. Texts of the host end in a NUL that `len` does not count.
 *
 * Threads: each function says on which threads it may be called. "any" means
 * any thread of the plugin's own too. No C++ exception may leave a plugin, and
 * a plugin must not call setlocale, signal, chdir, umask or fork: they would
 * change the whole orchestrator.
 *
 * Delivery is at least once: after a crash of the orchestrator a task that was
 * running comes again with the same id and a higher `attempt`. The id is the
 *key by which a plugin can recognise what it has already done.
 */
#ifndef TUTTI_PLUGIN_H
#define TUTTI_PLUGIN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Versions. A different major cannot be loaded. Within a major, structs only
 * grow at their end: `size` says how much of one its maker knew, and each side
 * looks at no more than that.
 */
#define TUTTI_ABI_MAJOR 1
#define TUTTI_ABI_MINOR 1 /* 1: tutti_queue */

/* First word of a module's description: "TUTI". */
#define TUTTI_MAGIC UINT32_C(0x54555449)

/* Result codes of host functions and handlers. The numbers are for ever. */
enum {
	TUTTI_OK = 0,
	TUTTI_PENDING = 1,    /* handle(): the task will be finished later */
	TUTTI_EINVAL = -1,    /* an argument makes no sense */
	TUTTI_ESTALE = -2,    /* the task is finished already, or not yours */
	TUTTI_ENOTFOUND = -3, /* no such path or parameter */
	TUTTI_ETOOBIG = -4,   /* over the size limit; nothing was taken */
	TUTTI_ENOMEM = -5,    /* no memory */
	TUTTI_EFAILED = -6,   /* any other failure */
	TUTTI_EAGAIN = -7,    /* a failure that another attempt may mend */
};

/* Borrowed bytes; need not end in NUL. Frozen for ever. */
struct tutti_slice {
	const char *ptr;
	size_t len;
};

/* Names one task; the same in every attempt. Frozen for ever. */
struct tutti_task_id {
	uint64_t run_high;
	uint64_t run_low;
	uint64_t number;
};

/* Phases of an activity. */
enum {
	TUTTI_PRE = 0,      /* one at a time, by order, before the rest */
	TUTTI_PARALLEL = 1, /* all at once */
	TUTTI_POST = 2,     /* one at a time, by order, after the rest */
};

/* Whether a failure of the plugin fails the run. */
enum {
	TUTTI_MANDATORY = 0, /* the default */
	TUTTI_OPTIONAL = 1,  /* the run goes on and ends degraded */
};

/*
 * One (activity, phase) pair that a plugin wants. Elements of an array, so
 * frozen for ever.
 */
struct tutti_subscription {
	const char *activity; /* the activity's name */
	/* JSON filter on the run's attributes: a map from attribute to a list
	 * of alternatives, see docs/filters.md. NULL: all runs. A module with
	 * one that is none is refused when it is loaded. */
	const char *filter;
	int32_t phase;     /* TUTTI_PRE, TUTTI_PARALLEL or TUTTI_POST */
	int32_t mandatory; /* TUTTI_MANDATORY or TUTTI_OPTIONAL */
	int32_t order;     /* pre and post: lower first; 0 means 90 */
	int32_t reserved;  /* 0 */
};

/* Types of values and of parameters. */
enum {
	TUTTI_NULL = 0,
	TUTTI_BOOL = 1,
	TUTTI_INT = 2,
	TUTTI_UINT = 3, /* only numbers above INT64_MAX */
	TUTTI_DOUBLE = 4,
	TUTTI_STRING = 5,
	TUTTI_BYTES = 6,
	TUTTI_ARRAY = 7,    /* as.length elements: ask for path[0], ... */
	TUTTI_MAP = 8,      /* as.length members */
	TUTTI_DURATION = 9, /* parameters only: "250ms"; as.i in milliseconds */
};

/* One value. Frozen for ever. */
struct tutti_value {
	int32_t type;
	int32_t reserved;
	union {
		int32_t boolean; /* 0 or 1 */
		int64_t i;
		uint64_t u;
		double d;
		uint64_t length;
		struct tutti_slice text; /* lives as long as its task */
	} as;
};

/*
 * A typed parameter that the config file may set under the plugin's `config:`.
 * The host checks and converts it before init() is called. Elements of an
 * array, so frozen for ever.
 */
struct tutti_param {
	const char *name;
	const char *help;
	const char *fallback; /* as written in YAML; NULL: must be given */
	int32_t type;         /* BOOL, INT, DOUBLE, STRING or DURATION */
	int32_t reserved;
};

/* One task as the plugin sees it. Borrowed until the task is finished. */
struct tutti_host;

struct tutti_task {
	uint32_t size;
	uint32_t attempt; /* 1, 2, ...: how often it has been delivered */
	uint32_t wakes;   /* how often it was parked and came back */
	int32_t phase;
	struct tutti_task_id id;
	const struct tutti_host *host;
	struct tutti_slice run; /* id of the run, text */
	struct tutti_slice uid; /* the caller's key */
	struct tutti_slice tenant;
	struct tutti_slice workflow;
	struct tutti_slice activity;
	struct tutti_slice plugin;
	struct tutti_slice name; /* the binding's `as`, or the plugin's */
	/* Documents, MessagePack. */
	struct tutti_slice attributes;
	struct tutti_slice input;
	struct tutti_slice stash;
	struct tutti_slice outputs; /* {activity: {task: output}} so far */
	struct tutti_slice with;    /* the binding's `with`, filled in */
	int64_t deadline_ns;        /* on the host's monotonic clock; 0: none */
};

/* How a task ended, or did not. */
enum {
	TUTTI_SUCCEEDED = 0,
	TUTTI_FAILED = 1,    /* for good: another attempt would not help */
	TUTTI_RETRYABLE = 2, /* failed, but another attempt may succeed; this
				host makes none by itself yet */
	TUTTI_PARKED = 3,    /* nothing to do until `until_us`; comes again */
};

/* Encodings of documents that a plugin gives. */
enum {
	TUTTI_JSON = 0, /* text; the default */
	TUTTI_MSGPACK = 1,
};

/* The completion of a task. Zero it, set `size` and what applies. */
struct tutti_result {
	uint32_t size;
	int32_t outcome;
	int32_t encoding; /* of output and patch */
	int32_t reserved;
	struct tutti_slice message; /* for people; cut at 1024 bytes */
	struct tutti_slice output;  /* a document; empty: none */
	struct tutti_slice patch;   /* a merge patch for the stash, a map */
	int64_t until_us;           /* TUTTI_PARKED: wall clock, microseconds */
};

/* Log levels. */
enum { TUTTI_ERROR = 0, TUTTI_WARN = 1, TUTTI_INFO = 2, TUTTI_DEBUG = 3 };

/* Why a task should stop. */
enum {
	TUTTI_NOT_CANCELLED = 0,
	TUTTI_CANCELLED = 1, /* an operator, or a failed sibling */
	TUTTI_TIMED_OUT = 2, /* its deadline has passed */
};

/*
 * What the orchestrator offers. Use the inline functions below; they are the
 * reference of each function. Members are only ever appended: check `size`
 * before using one that came later than the major version.
 */
struct tutti_host {
	uint32_t size;
	uint16_t abi_major;
	uint16_t abi_minor;
	void *ctx; /* the host's own */
	int32_t (*finish)(const struct tutti_host *host,
			  struct tutti_task_id task,
			  const struct tutti_result *result);
	int32_t (*progress)(const struct tutti_host *host,
			    struct tutti_task_id task, double fraction,
			    struct tutti_slice note);
	int32_t (*log)(const struct tutti_host *host, struct tutti_task_id task,
		       int32_t level, struct tutti_slice text);
	int32_t (*cancelled)(const struct tutti_host *host,
			     struct tutti_task_id task);
	int32_t (*get)(const struct tutti_host *host, struct tutti_task_id task,
		       struct tutti_slice path, struct tutti_value *ret_value);
	int32_t (*json)(const struct tutti_host *host,
			struct tutti_task_id task, struct tutti_slice path,
			struct tutti_slice *ret_text);
	int32_t (*param)(const struct tutti_host *host, struct tutti_slice name,
			 struct tutti_value *ret_value);
	int64_t (*now_ns)(const struct tutti_host *host);
	int64_t (*wall_us)(const struct tutti_host *host);
	int32_t (*entry)(const struct tutti_host *host,
			 struct tutti_task_id task, struct tutti_slice path,
			 uint64_t index, struct tutti_slice *ret_key,
			 struct tutti_value *ret_value);
};

/* Flags of a plugin. */
#define TUTTI_NOT_IDEMPOTENT UINT32_C(1)
#define TUTTI_ALWAYS_RUN     UINT32_C(2) /* also when a run is run again */
/*
 * handle() returns within microseconds and waits for nothing: no file, no
 * network, no lock that somebody may hold for longer. The plugin is then called
 * on the thread that does everything else in its process, be that its own or
 * the orchestrator's, which takes less time than waking another; one that does
 * not keep its word is not called there any more.
 */
#define TUTTI_QUICK UINT32_C(4)

/*
 * A durable queue in which the plugin's tasks wait until it takes them, instead
 * of being handed to it at once. For the plugin nothing else is different: it
 * has handle(), max_tasks and the same documents. Zero it, set `size` and what
 * is to be different from the default; 0 and NULL stand for that. A module with
 * bounds or expressions that cannot be is refused when it is loaded. What the
 * config says under `queue:` of the plugin's entry holds instead, whole. See
 * docs/writing-plugins.md. Since minor 1.
 */
struct tutti_queue {
	uint32_t size; /* sizeof(struct tutti_queue) */
	/* How often a task is tried, the first time included, before its
	 * message goes to the dead letters and the task fails: 5. Retryable
	 * failures, timeouts and deaths of the process count; a failure for
	 * good is not tried again. A binding's own `retry` stands in its place
	 * and that of the waits. */
	uint32_t attempts;
	const char *name;   /* of the queue, which is this plugin's alone: the
			       plugin's */
	int64_t backoff_ms; /* the wait before the second attempt: 1000 */
	int64_t max_ms;     /* no wait is longer: 60000 */
	double factor;      /* how many times as long each further wait is: 2 */
	double jitter; /* 0 to 1: a wait may be off by this part of it: 0 */
	/* A task of which nothing is heard for so long is taken away, told to
	 * stop, and its attempt counts as failed; tutti_progress() makes the
	 * time begin anew. The default is for as long as the process lives. */
	int64_t visibility_ms;
	int64_t delay_ms;     /* before a new task can be had: none */
	uint32_t concurrency; /* tasks in the hands of all copies: no limit */
	uint32_t rate;        /* tasks handed out in rate_per_ms, evenly */
	int64_t rate_per_ms;  /* 1000 */
	/* Expressions over the task's documents, such as attributes.customer
	 * or run.uid. Tasks with the same fifo_key are handed out one after
	 * another, in the order in which they came; those for which it gives
	 * null stand alone. */
	const char *fifo_key;
	const char *priority_key; /* instead of `priority` */
	int32_t priority;         /* -1000 to 1000, higher ones first: 0 */
	int32_t reserved;         /* 0 */
};

/* One plugin: constant data and functions. */
struct tutti_plugin {
	uint32_t size;       /* sizeof(struct tutti_plugin) */
	uint32_t flags;      /* TUTTI_NOT_IDEMPOTENT, TUTTI_ALWAYS_RUN, ... */
	const char *name;    /* 1 to 128 bytes, no '/' or control characters */
	const char *version; /* the plugin's own */
	const char *help;    /* one sentence */
	const struct tutti_subscription *subscriptions;
	const struct tutti_param *params;
	uint32_t subscription_count;
	uint32_t param_count;
	/*
	 * How many tasks may be in the plugin's hands at once; at least 1. With
	 * 1 the plugin needs no locks: calls of handle() never overlap and each
	 * sees what the former left, whatever thread it runs on.
	 */
	uint32_t max_tasks;
	uint32_t reserved;
	/*
	 * Optional. Called once before anything else; *ret_self is passed to
	 * the other functions. `host` lives until fini() has returned. Not OK:
	 * the orchestrator refuses to start (undo everything first; the last
	 * tutti_say() at TUTTI_ERROR becomes the reason that people see).
	 */
	int32_t (*init)(const struct tutti_host *host, void **ret_self);
	/*
	 * Do a task. [worker thread] Returns
	 *   TUTTI_OK       it has been finished in the call;
	 *   TUTTI_PENDING  it has been or will be finished, from any thread;
	 *   TUTTI_EAGAIN, TUTTI_ENOMEM   the host finishes it as retryable;
	 *   other negative the host finishes it as failed.
	 * TUTTI_OK without having finished it fails the task and is logged as
	 * the plugin's mistake.
	 */
	int32_t (*handle)(void *self, const struct tutti_task *task);
	/*
	 * Optional. A task should stop: `cause` is TUTTI_CANCELLED or
	 * TUTTI_TIMED_OUT. [the host's thread: return at once] May come at any
	 * time, also when the task has just been finished, and more than once:
	 * ignore ids you do not know. It may also come just before handle()
	 * gets to note the task: once noted, ask tutti_cancelled(). The task
	 * must still be finished; after a grace period it is abandoned.
	 */
	void (*cancel)(void *self, struct tutti_task_id task, int32_t cause);
	/*
	 * Optional. No more tasks will come but those that are already on
	 * their way; finish what is there. [the host's thread: return at once]
	 */
	void (*stop)(void *self);
	/*
	 * Optional. Nothing is in flight any more: end your threads, release
	 * everything. Not called when tasks never came back.
	 */
	void (*fini)(void *self);
	/* Optional. NULL: tasks are handed to it at once. Since minor 1. */
	const struct tutti_queue *queue;
};

/* What a module holds. Constant data. */
struct tutti_module {
	uint32_t magic; /* TUTTI_MAGIC */
	uint32_t size;  /* sizeof(struct tutti_module) */
	uint16_t abi_major;
	uint16_t abi_minor;
	uint32_t plugin_count;
	const struct tutti_plugin *const *plugins;
};

#if defined(__GNUC__)
#define TUTTI_EXPORT __attribute__((visibility("default")))
#else
#define TUTTI_EXPORT
#endif

/* The entry point; its name carries the major version. */
TUTTI_EXPORT const struct tutti_module *tutti_plugin_v1(void);

/*
 * Declares the module: TUTTI_MODULE(&one, &two); at file scope. Describing a
 * module runs none of its code but this function's return.
 */
#define TUTTI_MODULE(...)                                                 \
	const struct tutti_module *tutti_plugin_v1(void)                  \
	{                                                                 \
		static const struct tutti_plugin *const plugins[] = {     \
			__VA_ARGS__                                       \
		};                                                        \
		static const struct tutti_module described = {            \
			TUTTI_MAGIC,                                      \
			(uint32_t)sizeof(struct tutti_module),            \
			TUTTI_ABI_MAJOR,                                  \
			TUTTI_ABI_MINOR,                                  \
			(uint32_t)(sizeof(plugins) / sizeof(plugins[0])), \
			plugins,                                          \
		};                                                        \
		return &described;                                        \
	}                                                                 \
	struct tutti_module_ends_with_a_semicolon

/* Does this host know `member`, which came after the major version did? */
#define TUTTI_HOST_HAS(host, member) \
	((host)->size >=             \
	 offsetof(struct tutti_host, member) + sizeof((host)->member))

/* A slice of a NUL-terminated string; NULL gives the empty one. [any] */
static inline struct tutti_slice tutti_text(const char *text)
{
	struct tutti_slice slice;

	slice.ptr = text;
	slice.len = text ? strlen(text) : 0;
	return slice;
}

/*
 * Finish a task with everything a result can say. [any thread] TUTTI_OK;
 * TUTTI_ESTALE: it was finished before or is no longer wanted, nothing
 * happened; TUTTI_EINVAL: output or patch is no document, the task is NOT
 * finished; TUTTI_ETOOBIG, TUTTI_ENOMEM likewise. After TUTTI_OK and
 * TUTTI_ESTALE the task's memory may be gone: outside handle() touch nothing
 * of it any more.
 */
static inline int32_t tutti_finish(const struct tutti_task *task,
				   const struct tutti_result *result)
{
	return task->host->finish(task->host, task->id, result);
}

/*
 * The same by id, for a plugin that finishes late and cannot be sure that the
 * task is still there: `host` is the one that init() got (or a `task->host`
 * kept from before), and nothing of the task is touched. With two attempts of
 * the task in the plugin's hands the older is finished. [any thread]
 */
static inline int32_t tutti_finish_id(const struct tutti_host *host,
				      struct tutti_task_id task,
				      const struct tutti_result *result)
{
	return host->finish(host, task, result);
}

/* Success with an output document as JSON text, or NULL. [any thread] */
static inline int32_t tutti_succeed(const struct tutti_task *task,
				    const char *json_output)
{
	struct tutti_result result;

	memset(&result, 0, sizeof(result));
	result.size = (uint32_t)sizeof(result);
	result.outcome = TUTTI_SUCCEEDED;
	result.output = tutti_text(json_output);
	return tutti_finish(task, &result);
}

/* Failure with a message; `outcome` TUTTI_FAILED or _RETRYABLE. [any thread] */
static inline int32_t tutti_fail(const struct tutti_task *task, int32_t outcome,
				 const char *message)
{
	struct tutti_result result;

	memset(&result, 0, sizeof(result));
	result.size = (uint32_t)sizeof(result);
	result.outcome = outcome;
	result.message = tutti_text(message);
	return tutti_finish(task, &result);
}

/*
 * Give the task back until a time of the wall clock: it leaves the plugin's
 * hands, survives restarts, and comes again with `wakes` one higher.
 * [any thread]
 */
static inline int32_t tutti_park(const struct tutti_task *task,
				 int64_t until_us, const char *message)
{
	struct tutti_result result;

	memset(&result, 0, sizeof(result));
	result.size = (uint32_t)sizeof(result);
	result.outcome = TUTTI_PARKED;
	result.message = tutti_text(message);
	result.until_us = until_us;
	return tutti_finish(task, &result);
}

/* Report progress: 0.0 to 1.0 (negative: unknown), a note or NULL, cut at 256
 * bytes. The latest wins; they are not kept one by one. [any thread] */
static inline int32_t tutti_progress(const struct tutti_task *task,
				     double fraction, const char *note)
{
	return task->host->progress(task->host, task->id, fraction,
				    tutti_text(note));
}

/* A line in the log, with run and task beside it. [any thread] */
static inline int32_t tutti_log(const struct tutti_task *task, int32_t level,
				const char *text)
{
	return task->host->log(task->host, task->id, level, tutti_text(text));
}

/* A line in the log that belongs to no task. [any thread] */
static inline int32_t tutti_say(const struct tutti_host *host, int32_t level,
				const char *text)
{
	struct tutti_task_id none;

	memset(&none, 0, sizeof(none));
	return host->log(host, none, level, tutti_text(text));
}

/*
 * Should the task stop? TUTTI_NOT_CANCELLED, which is 0, TUTTI_CANCELLED,
 * TUTTI_TIMED_OUT (also as soon as the deadline has passed), or TUTTI_ESTALE
 * when it is finished already. [any thread]
 */
static inline int32_t tutti_cancelled(const struct tutti_task *task)
{
	return task->host->cancelled(task->host, task->id);
}

/*
 * One value by path: "attributes.lang", "with.argv[0]", "input", "run.uid",
 * "outputs.scan.\"line counts\".total". TUTTI_ENOTFOUND when it is absent or
 * null, TUTTI_EINVAL when the path makes no sense. Texts live as long as the
 * task. [any thread]
 */
static inline int32_t tutti_get(const struct tutti_task *task, const char *path,
				struct tutti_value *ret_value)
{
	return task->host->get(task->host, task->id, tutti_text(path),
			       ret_value);
}

/* The document at a path as compact JSON text; otherwise as tutti_get(). [any
 * thread] */
static inline int32_t tutti_json(const struct tutti_task *task,
				 const char *path, struct tutti_slice *ret_text)
{
	return task->host->json(task->host, task->id, tutti_text(path),
				ret_text);
}

/*
 * The index-th member of the map at a path, in the order in which it was
 * written, or element of the array (whose key is ""). TUTTI_ENOTFOUND beyond
 * the last; TUTTI_EINVAL when there is neither map nor array. A value that is
 * a map or an array itself is asked for by its own path. [any thread]
 */
static inline int32_t tutti_entry(const struct tutti_task *task,
				  const char *path, uint64_t index,
				  struct tutti_slice *ret_key,
				  struct tutti_value *ret_value)
{
	return task->host->entry(task->host, task->id, tutti_text(path), index,
				 ret_key, ret_value);
}

/* A parameter from the config, typed and defaulted. TUTTI_ENOTFOUND when the
 * plugin has declared none of that name. Texts live as long as the plugin.
 * [any thread] */
static inline int32_t tutti_get_param(const struct tutti_host *host,
				      const char *name,
				      struct tutti_value *ret_value)
{
	return host->param(host, tutti_text(name), ret_value);
}

/* The host's monotonic clock, in which deadlines are given. [any thread] */
static inline int64_t tutti_now_ns(const struct tutti_host *host)
{
	return host->now_ns(host);
}

/* The host's wall clock, microseconds since 1970 UTC. [any thread] */
static inline int64_t tutti_wall_us(const struct tutti_host *host)
{
	return host->wall_us(host);
}

#ifdef __cplusplus
}
#endif

#endif
