/*
 * What the plugins that a phase binds subscribe to themselves: looked up once
 * per change, so that finding the members of a phase costs about as much as
 * there are members.
 */
#ifndef ENGINE_AUDIENCE_H
#define ENGINE_AUDIENCE_H

#include "engine/catalog.h"
#include "engine/plan.h"

/* Valid until something registers or ends, or a run does. `door` may be NULL.
 */
const struct audience *audience_of(const struct catalog *catalog,
				   const struct door *door,
				   struct plan_phase *phase,
				   uint64_t generation);

#endif
