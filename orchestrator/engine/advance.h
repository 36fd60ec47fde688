/*
 * How a run goes on: opening phases, what follows when one has ended, and the
 * states that follow from the tasks'.
 */
#ifndef ENGINE_ADVANCE_H
#define ENGINE_ADVANCE_H

#include "engine/move.h"

/*
 * Do everything of the run that can be done without waiting for a plugin. Call
 * after any change; does nothing when there is nothing to do.
 */
void run_advance(struct engine *engine, struct run *run);

/*
 * Bring the phase's state in line with its tasks, and those of activity and
 * run with the phase. The state of a phase is a pure function of its tasks.
 */
void phase_settle(struct engine *engine, struct run *run, uint32_t activity,
		  enum phase_kind phase);

/* Has every task of the opened phase ended? */
bool phase_ended(const struct run *run, uint32_t activity,
		 enum phase_kind phase);

/* Is it a post task that a mandatory failure before it does not stop? */
bool task_runs_after_failure(const struct task *task);

/* Has a phase of the activity failed, or its time run out? */
bool activity_in_trouble(const struct activity *activity);

#endif
