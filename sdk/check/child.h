/*
 * One trial in a child process: forked, watched, ended when its time is up.
 */
#ifndef CHECK_CHILD_H
#define CHECK_CHILD_H

#include "check/rules.h"

struct child_end {
	struct buf records;
	struct buf output; /* what it wrote to stdout and stderr */
	int exit_code;     /* or -1 */
	int signal;        /* or 0 */
	bool timed_out;
};

/* Tries trial->rule. Fills in trial->records. */
int child_run(struct trial *trial, int64_t timeout_ms,
	      struct child_end *ret_end, struct err *reterr);

/* In the child: try it, and say that it came to its end. */
void child_finish(struct trial *trial);

/* The same in this process. */
int child_run_here(struct trial *trial, struct child_end *ret_end,
		   struct err *reterr);

void child_end_fini(struct child_end *end);

#endif
