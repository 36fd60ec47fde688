/*
 * Somebody has set the wall clock: what was to happen after some time has
 * passed moves along with it, so that it happens after that time all the same.
 */
#ifndef ENGINE_CLOCK_STEP_H
#define ENGINE_CLOCK_STEP_H

#include "engine/state.h"

/* EVENT_CLOCK. Costs as much as there is in the engine. */
void clock_stepped(struct engine *engine, const struct event *event);

#endif
