/*
 * Time that is over: of one attempt of a task (`timeout`), of all its attempts
 * (`deadline` of the binding), of an activity and of a run (their `deadline`).
 *
 * An attempt that has timed out is told to stop; one that does may be followed
 * by another. A deadline ends what it stands for: what a plugin holds is told,
 * all else fails, and the activity goes on only with the post plugins that run
 * after a failure.
 */
#ifndef ENGINE_DEADLINE_H
#define ENGINE_DEADLINE_H

#include "engine/move.h"

/* So long from now; 0: never. */
int64_t deadline_after(const struct engine *engine, int64_t duration_ms);

/* Set the task's timer to what comes first: its attempt's deadline, its own,
 * or the time until which it is parked or waits for its next attempt. */
void deadline_arm_task(struct engine *engine, struct task *task);

/* Set the run's deadline timer: its own or its current activity's. */
void deadline_arm_run(struct engine *engine, struct run *run);

/* A task's `timeout` or `deadline` is over. */
void deadline_of_task(struct engine *engine, struct task *task);

/* The timer that deadline_arm_run() has set has fired. */
void deadline_of_run(struct engine *engine, struct run *run);

#endif
