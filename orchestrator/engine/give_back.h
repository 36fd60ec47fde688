/*
 * Tasks that come out of hands without having ended: their instance is no
 * more, or did not begin them, or the orchestrator itself had ended.
 */
#ifndef ENGINE_GIVE_BACK_H
#define ENGINE_GIVE_BACK_H

#include "engine/move.h"

/*
 * The task that an instance has goes back into the queue, before all others,
 * or ends: it had been told to stop, its plugin was removed, or (`died`) it has
 * cost too many instances. `reason` and the event's words say why. Its phase is
 * settled, its run goes on.
 */
void give_back(struct engine *engine, struct task *task, bool died,
	       struct cause cause);

/* EVENT_RETURNED: its instance drains. What is stale changes nothing but frees
 * a slot. */
void task_returned(struct engine *engine, const struct event *event);

/* A task that had been told to stop ends, since nobody has it any more. */
void finish_stopping(struct engine *engine, struct task *task,
		     struct slice message);

#endif
