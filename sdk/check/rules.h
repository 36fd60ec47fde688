/*
 * The rules by table, and a trial: one rule tried on one file. Rules run in a
 * child process and tell what they find as records on a pipe; a rule that says
 * nothing has passed.
 */
#ifndef CHECK_RULES_H
#define CHECK_RULES_H

#include "check/check.h"
#include "check/fake_inside.h"

enum check_status {
	CHECK_NOT_RUN,
	CHECK_PASS,
	CHECK_WARN,
	CHECK_FAIL,
	CHECK_SKIP,
};

enum check_kind { CHECK_MODULE = 1, CHECK_PROGRAM = 2 };

struct subject {
	const char *path; /* as given */
	char *real;       /* absolute; owned */
	enum check_kind kind;
	char *program; /* of a module: the one of the same object, or NULL;
			  owned */
};

struct rule;

struct trial {
	const struct check_options *options;
	const struct subject *subject;
	const struct rule *rule;
	uint64_t seed;
	char folder[64]; /* private, of rules that are `fresh`; removed after
			    them, however they end; else "" */
	int records;     /* pipe to write to */
	bool is_child;   /* may end its process */
};

struct rule {
	const char *name;   /* "group.rule" */
	const char *says;   /* what it demands, as one line */
	const char *needs;  /* pointless unless these, with spaces between them,
			       have passed; or NULL */
	unsigned kinds;     /* bits of enum check_kind */
	bool fresh;         /* in a program that has just begun: see again.h */
	int detail;         /* for functions that serve several rules */
	int64_t timeout_ms; /* 0: the usual one */
	enum check_status worst; /* CHECK_WARN for advice; 0: CHECK_FAIL */
	void (*run)(struct trial *trial);
};

/* The tables, one for each group of files. */
struct rule_group {
	const struct rule *rules;
	size_t count;
};

#define RULE_GROUP(array)                                                      \
	{                                                                      \
		.rules = (array), .count = sizeof(array) / sizeof((array)[0]), \
	}

extern const struct rule_group rules_file;
extern const struct rule_group rules_load;
extern const struct rule_group rules_descriptor;
extern const struct rule_group rules_life;
extern const struct rule_group rules_tasks;
extern const struct rule_group rules_time;
extern const struct rule_group rules_manners;
extern const struct rule_group rules_forms;
extern const struct rule_group rules_results;
extern const struct rule_group rules_program;
extern const struct rule_group rules_fuzz;

/* All rules in the order in which they are tried. */
size_t rule_count(void);
const struct rule *rule_at(size_t index);
size_t rule_find(const char *name); /* rule_count() when there is none */

/* The next rule of a list with spaces between; false at its end. */
bool rule_next(const char **list, size_t *ret_index);

/* Tasks have been tried in all ways, one after the other, without harm. */
#define EVERYTHING                                                  \
	"tasks.plain tasks.odd time.deadline_during cancel.before " \
	"cancel.during cancel.after cancel.twice life.stop_busy"

/*
 * What was found; `rule` NULL is the rule that is tried, another one gets the
 * blame instead. [any thread]
 */
void trial_report(const struct trial *trial, enum check_status status,
		  const char *rule, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#define trial_fail(trial, ...) \
	trial_report(trial, CHECK_FAIL, NULL, __VA_ARGS__)
#define trial_warn(trial, ...) \
	trial_report(trial, CHECK_WARN, NULL, __VA_ARGS__)
#define trial_skip(trial, ...) \
	trial_report(trial, CHECK_SKIP, NULL, __VA_ARGS__)

/* The end of a child that cannot go on: something of the plugin is stuck. */
void trial_give_up(const struct trial *trial);

/* The module's description, loaded; NULL and a failure of this rule. */
const struct tutti_module *trial_load(const struct trial *trial);

/* Text of a signal: "signal 11 (SIGSEGV)". */
void put_signal(struct buf *out, int number);

#endif
