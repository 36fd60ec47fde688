/*
 * Runs that have ended and are to go on: what is to be done again becomes
 * pending, all else stays as it was. A post phase that was opened for a failure
 * is taken back, and opened as a whole when its time comes; so are all phases
 * of an activity that is to be started over. Tasks that were taken back stay in
 * the history.
 */
#ifndef ENGINE_REOPEN_H
#define ENGINE_REOPEN_H

#include "engine/state.h"

/*
 * What the run will be of from now on; one reference. An extended definition
 * keeps the activities that the run has been through where they are, as the
 * newest one describes them, and has its others after them. E_CONFLICT.
 */
int reopen_definition(const struct event *event,
		      struct definition **ret_definition, struct err *reterr);

/* How many of the stored activities the run has been through, or is in. */
uint32_t reopen_reached(const struct event *event);

/* The run is as restore_tasks() left it. E_NOT_FOUND, E_INVALID, E_UNCHANGED,
 * and it has not been touched; else, unless dry, it is to be advanced. */
int reopen_run(struct engine *engine, struct run *run, struct event *event,
	       struct err *reterr);

#endif
