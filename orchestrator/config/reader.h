/*
 * Reading the tree of a config file: private to this room. Every function
 * reports what is wrong with the node it is given and says whether it could
 * use it; reading goes on with the next one.
 */
#ifndef CONFIG_READER_H
#define CONFIG_READER_H

#include "config/config.h"
#include "config/expand.h"
#include "config/keys.h"
#include "config/report.h"

struct reader {
	struct report report;
	struct config *config;
	char *folder; /* of the file; "" for the working directory */
	/* Top-level lists that others refer to are read in an order of our
	 * own. */
	const struct yaml_node *plugins;
	const struct yaml_node *activities;
	const struct yaml_node *workflows;
	/* Names of config->activities and config->modules to index. */
	struct value activity_index;
	struct value module_index;
	/* Names of the entries that are processes, to index. */
	struct value process_index;
	/* Names of plugins that entries give, and of queues, to where they
	 * are given. */
	struct value announced_index;
	struct value queue_index;
	/* Where each activity is named; as config->activities. */
	const struct yaml_node **activity_nodes;
	size_t activity_cap;
	size_t module_cap;
	size_t announced_cap;
	size_t reference_cap;
	/* Activities of each workflow, as indices. */
	struct workflow_draft *workflow_drafts;
	size_t workflow_len;
	size_t workflow_cap;
};

struct workflow_draft {
	char *name;
	size_t *activities;
	size_t len;
	size_t cap;
	int64_t register_window_ms;
	int64_t deadline_ms;
};

/* The whole file, once parsed. */
void reader_run(struct reader *reader, const struct yaml_node *root);
void reader_fini(struct reader *reader);

/* Parts of it. */
void reader_activities(struct reader *reader);
void reader_plugins(struct reader *reader);
void reader_workflows(struct reader *reader);

/* `listen`: where processes of plugins reach the orchestrator. */
config_read reader_listen;

/* `retain`: how long ended runs are kept. */
config_read reader_retain;

/* Keys of an entry of `plugins` that is about processes; the target is the
 * struct config_module. */
config_read reader_exec;
config_read reader_env;
config_read reader_restart;
config_read reader_instances;
config_read reader_entry_window;

extern const struct config_restart reader_restart_default;

/* `queue` of an entry. */
config_read reader_queue;

/* `plugin: NAME`. Without `exec` the entry is for a plugin that somebody else
 * starts. */
config_read reader_announced_name;
bool reader_is_announced(const struct yaml_node *node);
void reader_finish_announced(struct reader *reader,
			     const struct yaml_node *node,
			     struct config_module *module);

/* Two entries must not name the same plugin. `node` is the entry. */
void reader_check_plugin(struct reader *reader, const struct yaml_node *node,
			 const struct config_module *module);

/* Two entries must not say the same queue. `node` is the entry. */
void reader_check_queue(struct reader *reader, const struct yaml_node *node,
			const struct config_module *module);

/* What the keys of an entry say together: its form, its name, and what is
 * only for processes. */
void reader_finish_module(struct reader *reader, const struct yaml_node *node,
			  struct config_module *module);

/* A plugin is named here. */
void reader_add_reference(struct reader *reader, const struct yaml_node *node,
			  const char *plugin, bool required);

/* A list of bindings into `phase`; the array of the phase is empty so far. */
void reader_phase(struct reader *reader, const struct yaml_node *node,
		  enum phase_kind kind, struct phase_definition *phase);

/* `retry`: replaces *ret_policy, unless the node cannot be used. */
void reader_retry(struct reader *reader, const struct yaml_node *node,
		  struct retry_policy *ret_policy);

/* Keys of it; the target is the struct retry_policy. */
config_read reader_retry_attempts;
config_read reader_retry_factor;
config_read reader_retry_jitter;

/* 'max' and 'backoff' in that map: of two that do not fit, the one that is not
 * given moves along. */
void reader_settle_waits(struct reader *reader, const struct yaml_node *node,
			 struct retry_policy *policy);

/* Index of the activity named by `node`, or -1 and reported. */
int64_t reader_find_activity(struct reader *reader,
			     const struct yaml_node *node, struct slice name);

/* Every key by its table; unknown and missing ones are reported. */
void reader_mapping(struct reader *reader, const struct yaml_node *node,
		    const struct config_mapping *mapping, void *target);

/* Reports "expected ..., found ...". */
void reader_expected(struct reader *reader, const struct yaml_node *node,
		     const char *expected);
bool reader_is(struct reader *reader, const struct yaml_node *node,
	       enum yaml_kind kind, const char *expected);
bool reader_is_null(const struct yaml_node *node);

/*
 * Strings come expanded and on the heap; NULL when reported. `expected` is as
 * in "expected a path".
 */
char *reader_text(struct reader *reader, const struct yaml_node *node,
		  const char *expected);
char *reader_name(struct reader *reader, const struct yaml_node *node,
		  const char *expected);
/* A text that may be empty, without a NUL. */
char *reader_any_text(struct reader *reader, const struct yaml_node *node,
		      const char *expected);
/* Relative ones become relative to the file's folder. */
char *reader_path(struct reader *reader, const struct yaml_node *node);

/* The same of a text that is read already. */
char *reader_join(const struct reader *reader, const char *path);

/* Replaces *ret_string, unless the node cannot be used. */
void reader_path_into(struct reader *reader, const struct yaml_node *node,
		      char **ret_path);

/* Is this key, which is not expanded, a name? Reports if not. */
bool reader_check_name(struct reader *reader, const struct yaml_node *node,
		       struct slice name);

bool reader_boolean(struct reader *reader, const struct yaml_node *node,
		    bool *ret_boolean);
bool reader_integer(struct reader *reader, const struct yaml_node *node,
		    int64_t min, int64_t max, int64_t *ret_integer);
/* Whole or not. */
bool reader_number(struct reader *reader, const struct yaml_node *node,
		   double min, double max, double *ret_number);
bool reader_duration(struct reader *reader, const struct yaml_node *node,
		     int64_t *ret_ms);

/* Within bounds, which are given in the sentence as `expected`. */
bool reader_duration_within(struct reader *reader, const struct yaml_node *node,
			    int64_t min_ms, int64_t max_ms,
			    const char *expected, int64_t *ret_ms);
/* Longer than nothing; `what` is the key. */
void reader_some_time(struct reader *reader, const struct yaml_node *node,
		      const char *what, int64_t *ret_ms);

/* One of several words, up to a row without name. */
struct word {
	const char *name;
	int number;
	bool later; /* of the language, but not of this version */
};

bool reader_word(struct reader *reader, const struct yaml_node *node,
		 const struct word *words, int *ret_number);

/* A whole document, its strings expanded; with EXPAND_TEMPLATE the strings
 * are checked as templates too. */
struct value reader_document(struct reader *reader,
			     const struct yaml_node *node,
			     enum expand_into into);

/* A text that is checked and then forgotten. */
config_read reader_description;

/* Where byte `offset` of the scalar's text stands in the file. */
struct span reader_span_inside(const struct reader *reader,
			       const struct yaml_node *node, size_t offset,
			       size_t len);

#endif
