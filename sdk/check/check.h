/*
 * The validator behind `tutti plugin check`: does a plugin keep to the rules
 * of tutti/plugin.h? Each rule is tried in a child process of its own, because
 * a plugin that breaks one may crash, hang or end the process.
 * docs/plugin-check.md describes the rules.
 *
 * One thread, and the process must have no other one when check_run() is
 * called: it forks.
 */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "document/value.h"

struct check_options {
	const char *const *files; /* modules (.so) and plugin programs */
	size_t file_count;
	const char *only;   /* regular expression on rules' names; NULL: all */
	bool only_failed;   /* print what needs attention only */
	bool in_process;    /* for a debugger: no child, no timeout */
	bool json;          /* one document instead of lines */
	uint64_t seed;      /* 0: one is made up and printed */
	int64_t fuzz_ms;    /* how long to try random tasks; 0: a moment */
	uint64_t reproduce; /* only this chunk of random tasks; 0: no */
	const char *params; /* JSON map: what stands under `config:` */
	const struct value *tasks; /* array of maps like struct tutti_fake_work:
				      tasks that the plugin can do; or NULL */
	/* Arguments, up to a NULL, that make this program call check_trial()
	 * with what stands behind CHECK_TRIAL. NULL: it has none, and rules
	 * that need it are skipped. */
	const char *const *again;
	FILE *out;
};

/* The last argument but one of this program when it is run again for a trial
 * that needs a process which has just begun. */
#define CHECK_TRIAL ":trial"

/* That trial; `file` is the last argument. Does not return, but with E_INVALID
 * when there is no such trial. */
int check_trial(const char *file);

/*
 * *ret_failed: was any rule broken? E_INVALID with a sentence for a mistake in
 * the options; what is wrong with a file is a broken rule.
 */
int check_run(const struct check_options *options, bool *ret_failed,
	      struct err *reterr);

#endif
