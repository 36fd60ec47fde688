/*
 * How a task is named on the command line: NAME, ACTIVITY/NAME or
 * ACTIVITY/PHASE/NAME. Pure.
 */
#ifndef CLI_TASK_PATTERN_H
#define CLI_TASK_PATTERN_H

#include "store/view.h"

struct task_pattern {
	struct slice activity; /* empty: any */
	int phase;             /* -1: any */
	struct slice name;
};

/* Borrows `text`. E_INVALID. */
int task_pattern_read(struct slice text, struct task_pattern *ret_pattern,
		      struct err *reterr);

bool task_pattern_matches(const struct task_pattern *pattern,
			  const char *activity, enum phase_kind phase,
			  struct slice name);

/*
 * The place where the definition binds a task of that name that has not come
 * to be; false when it knows none.
 */
bool task_pattern_find_bound(const struct task_pattern *pattern,
			     const struct run_view *run, size_t *ret_activity,
			     enum phase_kind *ret_phase);

#endif
