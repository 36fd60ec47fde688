/*
 * What there is to say about a run: one item for the run itself, and one for
 * each part of it that has not ended or has not ended well. Pure.
 */
#ifndef CLI_WHY_H
#define CLI_WHY_H

#include "cli/reason.h"
#include "cli/task_pattern.h"

struct why_item {
	enum object_kind kind;
	size_t activity;
	enum phase_kind phase;
	const struct task_record *task; /* tasks only; NULL: not there yet */
	struct slice name;              /* of the task that is not there yet */
	char *sentence;
};

struct why {
	struct why_item *items; /* in the order of the tree */
	size_t len;
	size_t cap;
};

/* Never empty. */
void why_explain(struct why *why, const struct reason_context *context);

/* Only the tasks that the pattern names, whatever their state; may be empty. */
void why_explain_tasks(struct why *why, const struct reason_context *context,
		       const struct task_pattern *pattern);

void why_fini(struct why *why);

#endif
