/*
 * Stopping tasks: on an operator's wish, because a sibling failed, or because
 * a deadline has passed. What a plugin does not hold ends at once; what it
 * holds is told, and abandoned when it has not ended after the grace period.
 */
#ifndef ENGINE_CANCEL_H
#define ENGINE_CANCEL_H

#include "engine/move.h"

/* EVENT_CANCEL. E_UNCHANGED when there is nothing more to ask for. */
int cancel_run(struct engine *engine, struct run *run, struct slice actor,
	       struct err *reterr);

/* A mandatory task has failed and the activity says `on_failure: cancel`. */
void cancel_siblings(struct engine *engine, const struct task *failed);

/* Ask the instance that holds the task to stop it. */
void cancel_tell(struct engine *engine, struct task *task, enum reason reason);

/* The grace period of a task that was told to stop is over. */
void cancel_abandon(struct engine *engine, struct task *task);

/* The task goes on without the instance that has it, and whose slot stays
 * taken: that was a failed attempt. */
void cancel_give_up(struct engine *engine, struct task *task,
		    struct cause cause);

/* The run leaves the engine: in which states its tasks ended is remembered. */
void cancel_forget_run(struct engine *engine, const struct run *run);

/* A completion of what the engine waits for no more: when the task was
 * abandoned its instance has let go of it, and the history says so. */
void cancel_late(struct engine *engine, const struct event *event);

/* An instance lets go of a task that was abandoned. */
void cancel_let_go(struct engine *engine, const struct id *run, uint32_t task,
		   uint32_t attempt);

/* The instance is no more, and what was abandoned to it with it. */
void cancel_forget_abandoned(struct engine *engine,
			     const struct instance *instance);

#endif
