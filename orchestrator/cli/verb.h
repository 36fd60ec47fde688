/*
 * The table of verbs. Usage errors, help and the manual page's test come from
 * it. A verb has a file of its own, verb_<name>.c; its name may be of two
 * words ("config check").
 */
#ifndef CLI_VERB_H
#define CLI_VERB_H

#include "cli/cli.h"

/* Headings of the overview; X(name, text). */
#define VERB_GROUP_MAP(X)          \
	X(VERB_START, "Start")     \
	X(VERB_LOOK, "Look")       \
	X(VERB_ACT, "Act")         \
	X(VERB_PLUGINS, "Plugins") \
	X(VERB_QUEUES, "Queues")   \
	X(VERB_UPKEEP, "Upkeep")

enum verb_group {
#define X(name, text) name,
	VERB_GROUP_MAP(X)
#undef X
	    VERB_GROUPS,
	VERB_HIDDEN = VERB_GROUPS /* not in the overview */
};

enum { VERB_ANY_ARGS = -1 };

struct verb {
	const char *name;
	enum verb_group group;
	const char *summary; /* one line, no full stop */
	const char *usage;   /* of the arguments: "RUN [TASK]" */
	const char *text;    /* what else help says; may be NULL */
	const struct option_spec *options; /* its own; may be NULL */
	unsigned forms;                    /* bits of -o; 0: no -o */
	int min_args;
	int max_args;                /* or VERB_ANY_ARGS */
	int (*run)(struct cli *cli); /* returns the exit code */
};

/* In the order of the overview. */
extern const struct verb *const verbs[];
extern const size_t verb_count;

/* The options before or after every verb; ends with a zeroed one. */
extern const struct option_spec verb_common_options[];

/*
 * The verb that one or two words name (`second` may be NULL, or belong to
 * what follows the verb), and of how many words its name is. E_INVALID with a
 * sentence, with "did you mean" where it helps.
 */
int verb_find(const char *first, const char *second,
	      const struct verb **ret_verb, struct err *reterr);

/* Does the verb belong to what a first word alone names ("config")? */
bool verb_has_first_word(const struct verb *verb, struct slice word);

int verb_words(const struct verb *verb);

extern const struct verb verb_run;
extern const struct verb verb_serve;
extern const struct verb verb_reload;
extern const struct verb verb_start;
extern const struct verb verb_ls;
extern const struct verb verb_show;
extern const struct verb verb_history;
extern const struct verb verb_logs;
extern const struct verb verb_top;
extern const struct verb verb_events;
extern const struct verb verb_why;
extern const struct verb verb_explain;
extern const struct verb verb_filter_match;
extern const struct verb verb_cancel;
extern const struct verb verb_skip;
extern const struct verb verb_retry;
extern const struct verb verb_pause;
extern const struct verb verb_resume;
extern const struct verb verb_delete;
extern const struct verb verb_plugins;
extern const struct verb verb_plugins_show;
extern const struct verb verb_plugins_remove;
extern const struct verb verb_plugins_release;
extern const struct verb verb_plugins_scale;
extern const struct verb verb_plugin_new;
extern const struct verb verb_plugin_check;
extern const struct verb verb_plugin_host;
extern const struct verb verb_queue_ls;
extern const struct verb verb_queue_show;
extern const struct verb verb_queue_peek;
extern const struct verb verb_queue_redrive;
extern const struct verb verb_queue_purge;
extern const struct verb verb_queue_pause;
extern const struct verb verb_queue_resume;
extern const struct verb verb_config_check;
extern const struct verb verb_config_show;
extern const struct verb verb_store_stat;
extern const struct verb verb_store_check;
extern const struct verb verb_store_backup;
extern const struct verb verb_store_compact;
extern const struct verb verb_store_export;
extern const struct verb verb_store_import;
extern const struct verb verb_bench;
extern const struct verb verb_version;
extern const struct verb verb_help;

#endif
