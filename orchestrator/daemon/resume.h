/*
 * Runs out of the store: after a restart every one that has not ended goes back
 * into the engine, and one that has ended does when somebody wants it to go on.
 */
#ifndef DAEMON_RESUME_H
#define DAEMON_RESUME_H

#include "daemon/state.h"

/* A run that cannot be read is logged and left alone; the others go on. */
int resume_runs(struct daemon *daemon, struct err *reterr);

/* How an ended run is to go on. Borrowed. */
struct resume_order {
	const struct id *run;
	struct engine_reopen *reopen; /* without definition: the run's own */
	struct slice actor;
	/* With reopen->documents_changed: what takes the place of its own;
	 * NULL: none. */
	struct blob *attributes;
	struct blob *input;
};

/*
 * E_NOT_FOUND, E_CONFLICT (it has not ended, or the definition does not fit),
 * E_UNCHANGED (nothing is to be done again), E_CORRUPT. E_BUSY: it has just
 * ended and that is not in the store yet; ask again after the next commit.
 */
int resume_ended(struct daemon *daemon, const struct resume_order *order,
		 struct err *reterr);

#endif
