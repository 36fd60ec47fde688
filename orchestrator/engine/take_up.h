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

/* All of the run's current activity. */
void take_up_tasks(struct engine *engine, struct run *run);

#endif
