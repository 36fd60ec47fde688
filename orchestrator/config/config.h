/*
 * A config file as the rest of the program uses it. Loading reports every
 * mistake of the file, each with its place; a config with mistakes is never
 * half used.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "document/value.h"
#include "filter/filter.h"
#include "model/definition.h"
#include "model/durability.h"
#include "model/queue.h"

struct config_place {
	unsigned line; /* from 1; 0: the file as a whole */
	unsigned column;
};

/* `overrides:` of a plugin entry, for one activity. */
struct config_override {
	char *activity;
	enum choice mandatory;
	int order; /* 0: not overridden */
};

/* Where a plugin runs. */
enum config_form {
	FORM_IN_PROCESS, /* in a worker thread of the orchestrator */
	FORM_ISOLATED,   /* the module in a process of its own */
	FORM_PROCESS,    /* a program: `exec:` */
};

/* When a process that ended is started again: `restart:`. */
struct config_restart {
	int64_t delay_ms;  /* after the first death; doubles. Default 1s */
	int64_t max_ms;    /* longest delay. Default 30s */
	uint32_t deaths;   /* so many ... Default 5 */
	int64_t within_ms; /* ... in this time: given up. Default 1m */
};

/* An entry of `plugins:`. */
struct config_module {
	enum config_form form;
	char *name; /* `name:`, for messages and instances; else the file's base
		       name without .so. Unique among isolated and process */
	char *path; /* absolute, or, in-process, relative to the working
		       directory; NULL with `exec` */
	char **argv;  /* `exec:`, NULL-terminated; NULL with `path`. A program
			 with a '/' is absolute */
	char *plugin; /* `plugin:`, the plugin that the program registers or
			 that somebody else starts; NULL: not said */
	char *directory; /* where a process runs: the file's folder, absolute;
			    NULL in-process */
	char **env;      /* `env:`, "KEY=value", NULL-terminated; may be NULL */
	uint32_t instances; /* processes; 0 is allowed: wanted by nobody yet */
	struct config_restart restart;
	int64_t register_window_ms; /* 0: none */
	struct value config;        /* null: none */
	uint32_t max_tasks;         /* 0: the plugin's own */
	struct config_override *overrides;
	size_t override_count;
	bool queue_given;           /* `queue:`, and not what plugins declare */
	struct queue_policy *queue; /* NULL: none; see queue_given */
	struct config_place place;
};

/*
 * A plugin name used in a binding or under `require`, to be checked once
 * modules are loaded. One that is required may be unknown: waiting until it
 * has registered is what `require` is for.
 */
struct config_reference {
	char *plugin;
	bool required;
	struct config_place place;
};

struct config {
	char *file;           /* as given */
	char *source;         /* the text, for diagnostics that come later */
	char *store;          /* directory */
	char *control;        /* path of the control socket */
	char *listen;         /* tcp://127.0.0.1:PORT; NULL: not given */
	int64_t lease_ms;     /* `lease:`; default 10s */
	uint32_t crash_limit; /* `crash_limit:`; default 2 */
	enum filter_limits filter_limits; /* of all filters; default none */
	enum durability durability;       /* `durability:`; default strict */
	struct config_module *modules;    /* what is to be loaded or started */
	size_t module_count;
	/* `plugin: NAME` alone: plugins that somebody else starts. They have
	 * a name, which is the plugin's, FORM_PROCESS, and of the rest only
	 * overrides, max_tasks and queue. */
	struct config_module *announced;
	size_t announced_count;
	struct activity_definition *activities; /* all, in the file's order */
	size_t activity_count;
	struct definition **workflows; /* in the order of the file */
	size_t workflow_count;
	struct config_reference *references;
	size_t reference_count;
	int64_t grace_ms; /* how long cancelled tasks may take to stop */
	/* `retain:`, by state: how long an ended run is kept; 0: for ever. */
	int64_t retain_ms[GROUP_STATES];
};

/*
 * Read and check `file`. On failure E_INVALID (or E_IO), and the diagnostics,
 * ready to print, are appended to `diagnostics`:
 *
 *	tutti.yaml:4:3: error: unknown key 'paralel'; did you mean 'parallel'?
 *	  4 |   paralel: [thumb]
 *	    |   ^~~~~~~
 *
 * Relative paths in the file are relative to the file's folder. In every
 * string ${NAME} and ${NAME:-default} are replaced from the environment; $${
 * stands for a literal ${. What is inside ${{ }} is left alone.
 */
int config_load(const char *file, struct config **ret_config,
		struct buf *diagnostics);

/* NULL is fine. */
void config_destroy(struct config *config);

/*
 * A config without a file: store and control at their defaults, no plugins,
 * no workflows. For verbs that only need to know where the store is.
 */
struct config *config_default(void);

/* Borrowed; NULL when there is none of that name. */
struct definition *config_workflow(const struct config *config,
				   struct slice name);

/* The entry with `plugin: NAME`, with `exec` or alone: its plugin counts as
 * registered from the start. Borrowed; NULL when there is none. */
const struct config_module *config_announced(const struct config *config,
					     struct slice name);

/* All such entries, one a call; *cursor begins as 0. NULL: no more. */
const struct config_module *config_next_announced(const struct config *config,
						  size_t *cursor);

/* Is it the orchestrator that starts the plugin of such an entry? */
bool config_is_started(const struct config_module *announced);

/* Does the entry give a queue to what a program registers, without saying what
 * that is called? Until it has registered there is no such queue. */
bool config_lacks_plugin(const struct config_module *module);

/* Append one diagnostic in the format above, for checks made by others. */
void config_diagnose(const struct config *config, struct config_place place,
		     struct buf *diagnostics, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * The effective config, with every default and with absolute paths, as a
 * document in the full form: written as YAML and loaded again, it gives the
 * same definitions.
 */
struct value config_to_value(const struct config *config);

#endif
