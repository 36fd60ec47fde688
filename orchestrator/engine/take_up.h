/*
 * Tasks that could go on but stand in no queue: after a restart, and when a run
 * is no longer paused.
 */
#ifndef ENGINE_TAKE_UP_H
#define ENGINE_TAKE_UP_H

#include "engine/move.h"

/* One that nobody has in hands, and that does not wait for a time. Those of pre
 * and post that have yet to begin are run_advance()'s. */
void take_up_task(struct engine *engine, struct task *task);

/* Those of an opened phase of the current activity, unless that was done. */
void take_up_phase(struct engine *engine, struct run *run,
		   enum phase_kind phase);

/* To be done again, when the run is next advanced. */
void take_up_again(struct run *run);

#endif
