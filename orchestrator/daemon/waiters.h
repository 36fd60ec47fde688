/*
 * Who waits for the end of a run: clients of the control socket, found by the
 * run. Finding them costs the same however many wait. Loop thread.
 */
#ifndef DAEMON_WAITERS_H
#define DAEMON_WAITERS_H

#include "base/id.h"
#include "daemon/state.h"

/*
 * The request is answered when the end of `run` is on disk: with `result`, a
 * map that is taken over, in which the run's state is set then.
 */
void waiters_add(struct daemon *daemon, const struct control_request *request,
		 const struct id *run, struct value result);

/* The run has ended, and that is on disk. */
void waiters_answer(struct daemon *daemon, const struct id *run,
		    enum group_state state);

/* The commit has failed: who waits since the start of a run that is not on
 * disk is refused with `err`. */
void waiters_refuse_unstored(struct daemon *daemon, const struct err *err);

/* Nobody waits any more; nothing is answered. */
void waiters_fini(struct daemon *daemon);

#endif
