/*
 * A run as a tree: activities, their phases, their tasks, each with state and
 * time, and under what failed or waits the words that explain it. Pure.
 */
#ifndef CLI_TREE_H
#define CLI_TREE_H

#include "cli/reason.h"
#include "cli/style.h"

struct tree_options {
	struct style style;
	/* Of a phase with more tasks than this those that are plain successes
	 * are only counted; 0: never. */
	size_t fold;
};

/* Appends the tree, one line per node and message. */
void tree_write(struct buf *out, const struct reason_context *context,
		const struct tree_options *options);

#endif
