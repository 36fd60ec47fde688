/*
 * The fake host's insides, for its own files and for the validator, which asks
 * more of it than authors do.
 */
#ifndef CHECK_FAKE_INSIDE_H
#define CHECK_FAKE_INSIDE_H

#include <pthread.h>
#include <stdbool.h>
#include <tutti/fake_host.h>

#include "base/buf.h"
#include "base/err.h"
#include "host/delivery.h"
#include "host/params.h"

/* Memory lent to a plugin: written once, then read-only, then taken away. What
 * was put in last ends exactly where readable memory ends. */
struct fake_region {
	char *base;
	size_t size; /* without the page behind it that nobody may touch */
};

/* A region that ends with a copy of `tail`, and begins with room for `head`
 * bytes. */
void fake_region_init(struct fake_region *region, size_t head, const void *tail,
		      size_t tail_size);
void *fake_region_tail(const struct fake_region *region, size_t tail_size);
void fake_region_protect(const struct fake_region *region);
void fake_region_withdraw(const struct fake_region *region);
void fake_region_fini(struct fake_region *region);
bool fake_region_contains(const struct fake_region *region, const void *where);

/* How much of the structs the host claims to know. */
enum fake_version { FAKE_SAME, FAKE_NEWER };

struct fake_plugin {
	struct tutti_fake_host *host;
	struct tutti_plugin about; /* copy */
	struct host_params params;
	void *self;
	bool started;
	uint32_t in_hand; /* [lock] */
	struct fake_region table_region;
	const struct tutti_host *table; /* what the plugin gets */
};

struct fake_progress {
	double fraction;
	char *note;
};

enum fake_task_state { FAKE_TASK_NEW, FAKE_TASK_RUNNING, FAKE_TASK_OVER };

struct tutti_fake_task {
	struct tutti_fake_host *host;
	struct fake_plugin *plugin;
	struct tutti_fake_task *next;
	struct fake_region region;
	const struct tutti_task *given; /* in the region */
	struct delivery inside;         /* what expressions are evaluated on */
	uint32_t attempt;
	pthread_t thread;
	bool has_thread;
	/* [lock] */
	enum fake_task_state state;
	bool returned;  /* handle() has */
	bool finished;  /* it has an outcome */
	bool abandoned; /* taken away: no mistake to finish it */
	bool told;      /* its deadline */
	int32_t cause;
	int32_t code; /* of handle() */
	int32_t outcome;
	char *message;
	char *output;
	char *patch;
	int64_t until_us;
	uint32_t times_finished;
	uint32_t stale;
	struct fake_progress *progress;
	size_t progress_len, progress_cap;
};

/* A rule of the SDK that was broken; `rule` is the validator's name of it. */
struct fake_mistake {
	const char *rule;
	char *text;
};

struct tutti_fake_host {
	const struct tutti_module *module;
	struct fake_plugin *plugins;
	size_t plugin_count;
	struct value config;
	struct err error;
	bool refused; /* the module */
	bool started;
	bool stopped;
	enum fake_version version;
	pthread_mutex_t lock; /* recursive: a plugin may call from within */
	pthread_cond_t changed;
	/* [lock] */
	struct tutti_fake_task *tasks; /* the newest first */
	uint64_t next_number;
	int64_t now_ns;
	int64_t wall_us;
	char **log;
	size_t log_len, log_cap;
	struct fake_mistake *mistakes;
	size_t mistake_len, mistake_cap;
	/* For the validator: host functions fail with this from the n-th call
	 * on; 0: they do not. */
	int32_t fail_code;
	uint32_t fail_after;
	uint32_t calls;
};

/* Note a broken rule. [any thread, with or without the lock] */
void fake_mistake(struct tutti_fake_host *host, const char *rule,
		  const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The plugin's table of functions, in memory of its own. */
void fake_table_init(struct fake_plugin *plugin);

/* Complete it: outcome and message alone. The lock is held. */
void fake_task_end(struct tutti_fake_task *task, int32_t outcome,
		   const char *message);

/* Releases it and its memory. Its thread must have ended. */
void fake_task_destroy(struct tutti_fake_task *task);

/* Waits for its thread when handle() has returned. */
void fake_task_join(struct tutti_fake_task *task);

/* Is handle() back and the task finished? The lock is held. */
bool fake_task_done(const struct tutti_fake_task *task);

struct fake_plugin *fake_plugin_find(struct tutti_fake_host *host,
				     const char *name);

/* stop() and fini() without any judgement. */
void fake_host_stop_plugins(struct tutti_fake_host *host);
void fake_host_fini_plugins(struct tutti_fake_host *host);

/* Frees a host that has no task in any plugin's hands. */
void fake_host_destroy(struct tutti_fake_host *host);

/* Tasks in the hands of plugins. */
size_t fake_host_in_hand(struct tutti_fake_host *host);

#endif
