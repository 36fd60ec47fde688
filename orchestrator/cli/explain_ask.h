/*
 * Where `tutti explain` has its answers from: the daemon when it lives; else
 * the config, whose modules are loaded here; else what the store has recorded.
 */
#ifndef CLI_EXPLAIN_ASK_H
#define CLI_EXPLAIN_ASK_H

#include "cli/cli.h"
#include "document/value.h"

enum explain_subject {
	EXPLAIN_EITHER, /* a workflow of that name, else a run */
	EXPLAIN_WORKFLOW,
	EXPLAIN_RUN,
};

struct explain_wish {
	const char *name; /* NULL: the only workflow */
	enum explain_subject subject;
	struct slice activity;          /* empty: all */
	const struct value *attributes; /* for a workflow */
};

/*
 * The answer as daemon/explain.h describes it, with "source" ("daemon",
 * "config" or "store"). Failures are told, and so is whatever the answer may
 * lack; returns an exit code.
 */
int explain_ask(const struct cli *cli, const struct explain_wish *wish,
		struct value *ret_answer);

#endif
