/*
 * What keeps a run from opening a phase although it is its turn: plugins that
 * the activity requires are not registered, or others may be about to. Such a
 * run is waiting, and stands in a list that is gone through when plugins
 * register.
 */
#ifndef ENGINE_GATE_H
#define ENGINE_GATE_H

#include "engine/move.h"

/* Must the run wait before it opens a phase of its current activity? If so it
 * shows that, and is looked at again in time. */
bool gate_closed(struct engine *engine, struct run *run);

/* Who waits may go on: plugins have registered, or are no longer expected. */
void gate_review(struct engine *engine);

/* The run waits no longer, or is no more. */
void gate_leave(struct engine *engine, struct run *run);

/* Activity and run wait, for this reason, before a phase. */
void gate_show(struct engine *engine, struct run *run, enum reason reason);

#endif
