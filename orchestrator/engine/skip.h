/*
 * Tasks that an operator does not want to run: at once when they have not
 * started, or by a mark that waits for them.
 *
 * A mark is NAME, ACTIVITY/NAME or ACTIVITY/PHASE/NAME.
 */
#ifndef ENGINE_SKIP_H
#define ENGINE_SKIP_H

#include "engine/move.h"

/*
 * EVENT_SKIP; fills the event's ret_ members. E_NOT_FOUND when no task and no
 * activity to come fits, E_UNCHANGED when all that fit have started or ended.
 */
int skip_tasks(struct engine *engine, struct run *run, struct event *event,
	       struct err *reterr);

/* A phase has opened: skip those of its tasks that are marked. */
void skip_marked(struct engine *engine, struct run *run, enum phase_kind phase);

#endif
