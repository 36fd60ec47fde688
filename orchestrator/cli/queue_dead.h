/*
 * The runs that have dead letters in a queue. Pure but for the view.
 */
#ifndef CLI_QUEUE_DEAD_H
#define CLI_QUEUE_DEAD_H

#include "cli/queue_book.h"

struct dead_run {
	struct id run;
	int64_t dead_us; /* when the first of them was given up */
};

struct dead_runs {
	struct dead_run *runs; /* those given up first come first */
	size_t len;
};

/* Of a queue whose messages are kept. */
void dead_runs_find(struct dead_runs *runs, const struct queue_sheet *sheet);
void dead_runs_fini(struct dead_runs *runs);

/* Only those of `ids`. */
void dead_runs_keep(struct dead_runs *runs, const struct id *ids, size_t len);

/* Only those of a tenant and a workflow; each may be empty: any. What
 * view_list() returns. */
int dead_runs_filter(struct dead_runs *runs, struct view *view,
		     struct slice tenant, struct slice workflow,
		     struct err *reterr);

#endif
