/*
 * Verbs that ask the daemon to change something, one thing after the other, and
 * say of each what became of it: a row of a listing with "changed" and, where
 * nothing was, "message". One thread.
 *
 *	struct acting acting = { .cli = cli, .request = "cancel", ... };
 *
 *	return acting_do(&acting, acting_on_runs);
 */
#ifndef CLI_ACTING_H
#define CLI_ACTING_H

#include "cli/listing.h"
#include "cli/place.h"

struct acting {
	/* Given. */
	const struct cli *cli;
	const char *request; /* of the daemon */
	const struct column *columns;
	const char *name_key; /* of rows, for -o name */
	/* More about a run than json_run_summary(); NULL: nothing. */
	void (*put_row)(struct value *row);
	/* What the request says besides "run" and "dry_run"; NULL: nothing. */
	void (*put_args)(const struct cli *cli, struct value *args);
	/* The line of a row in which something changed, or would. */
	void (*put_line)(const struct value *row, bool dry_run,
			 struct buf *out);
	/* Its own. */
	struct looking looking;
	struct control_client *client;
	struct listing listing;
	int code;     /* the first failure */
	bool changed; /* anything at all */
};

/*
 * Connect, have `ask` ask what is to be asked, print the rows. Failures are
 * told; returns the verb's exit code.
 */
int acting_do(struct acting *acting, void (*ask)(struct acting *acting));

/* For acting_do(): about each run that an argument of the verb names. */
void acting_on_runs(struct acting *acting);

/* Ask once. Takes `row` over; the answer is added to it. */
void acting_ask(struct acting *acting, const struct value *args,
		struct value row);

#endif
