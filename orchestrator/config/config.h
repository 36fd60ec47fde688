/*
 * A config file as the rest of the program uses it. Loading reports every
 * mistake of the file, each with its place; a config with mistakes is never
 * half used.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "document/value.h"
#include "model/definition.h"

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

/* An entry of `plugins:`. */
struct config_module {
	char *path; /* absolute, or relative to the working directory */
	struct value config; /* null: none */
	uint32_t max_tasks;  /* 0: the plugin's own */
	struct config_override *overrides;
	size_t override_count;
	struct config_place place;
};

/* A plugin name used in a binding, to be checked once modules are loaded. */
struct config_reference {
	char *plugin;
	struct config_place place;
};

struct config {
	char *file;    /* as given */
	char *source;  /* the text, for diagnostics that come later */
	char *store;   /* directory */
	char *control; /* path of the control socket */
	struct config_module *modules;
	size_t module_count;
	struct activity_definition *activities; /* all, in the file's order */
	size_t activity_count;
	struct definition **workflows; /* in the order of the file */
	size_t workflow_count;
	struct config_reference *references;
	size_t reference_count;
	int64_t grace_ms; /* how long cancelled tasks may take to stop */
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
