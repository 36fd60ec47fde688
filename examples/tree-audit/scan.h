/*
 * A check that goes through the snapshot's files one after another:
 *
 *	struct scan scan;
 *
 *	if (!scan_begin(&scan, task)) {
 *		return TUTTI_OK;
 *	}
 *	for (size_t i = 0; scan_goes_on(&scan, i); i++) {
 *		int fd = scan_open(&scan, i);
 *		...
 *	}
 *	if (!scan.stopped) {
 *		rc = answer(...);
 *	}
 *	scan_end(&scan);
 *
 * Which tree and which work folder it is stands in the stash, where the
 * snapshot has put it.
 */
#ifndef TREE_AUDIT_SCAN_H
#define TREE_AUDIT_SCAN_H

#include <tutti/plugin.h>

#include "inventory.h"

struct scan {
	const struct tutti_task *task;
	struct inventory inventory;
	int tree_fd;
	int work_fd;
	bool stopped;  /* cancelled; the task has been finished */
	size_t unread; /* files that could not be opened or read to the end */
};

/* False: it could not begin, and the task has been finished. */
bool scan_begin(struct scan *scan, const struct tutti_task *task);

/* Is there a file `i`, and does anybody still want to know? */
bool scan_goes_on(struct scan *scan, size_t i);

/* A descriptor to read from, or -1: counted as unread. */
int scan_open(struct scan *scan, size_t i);

/*
 * The whole file in blocks; what `block` does with them is its own business.
 * False when it could not be read to the end, which is counted.
 */
bool scan_read(struct scan *scan, size_t i,
	       void (*block)(void *arg, const char *bytes, size_t len),
	       void *arg);

void scan_end(struct scan *scan);

#endif
