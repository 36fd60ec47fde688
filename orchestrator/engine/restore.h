/*
 * A run out of the store: the same structs as if it had never been away. What
 * was in an instance's hands is delivered again with a higher attempt, at once
 * or, when there is no instance, once there is one; what had been told to stop
 * is stopped now, since whoever had it is gone.
 */
#ifndef ENGINE_RESTORE_H
#define ENGINE_RESTORE_H

#include "engine/state.h"

/* EVENT_RESTORE; with `reopen` of a run that has ended, see reopen.h.
 * E_CORRUPT, E_INVALID, E_CONFLICT (it is here already). */
int restore_run(struct engine *engine, struct event *event, struct err *reterr);

#endif
