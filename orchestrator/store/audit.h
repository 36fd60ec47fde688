/*
 * Does a store agree with itself? Everything is read, and nothing believed: it
 * may be damaged, or made by somebody else. The walk follows the pages of the
 * file in a map; who does not want to come to harm with it does it in a process
 * of its own.
 */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include "store/view.h"

struct audit {
	/* Called for each thing that is wrong; `run` is NULL when it is
	 * nothing of a run's. */
	void (*found)(void *arg, const struct id *run, const char *what);
	void *arg;
	uint64_t findings;
	/* What was looked at. */
	uint64_t runs;
	uint64_t tasks;
	uint64_t transitions;
	uint64_t definitions;
};

/* Says that something is wrong. */
void audit_say(struct audit *audit, const struct id *run, const char *format,
	       ...) __attribute__((format(printf, 3, 4)));

/*
 * The pages of the file, before it is opened; `path` is a directory or a single
 * file. False: it had better not be.
 */
bool audit_pages(struct audit *audit, const char *path);

/* Everything, in one snapshot. A code when it could not even be looked at. */
int audit_store(struct audit *audit, struct view *view, struct err *reterr);

/* One run that was read. */
void audit_run(struct audit *audit, const struct run_view *run);

#endif
