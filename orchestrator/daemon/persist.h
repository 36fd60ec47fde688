/*
 * The engine's changes as records of the store.
 */
#ifndef DAEMON_PERSIST_H
#define DAEMON_PERSIST_H

#include "engine/engine.h"
#include "store/store.h"

/* Put everything in `output` that is not there yet into the store's batch and
 * mark the objects as written. Transitions get their sequence. */
void persist_output(struct store *store, struct output *output);

/* Does the change belong to a run whose end is in the store, or in its batch,
 * and that goes on? */
bool persist_goes_on(const struct change *change);

/*
 * The same ahead of time, while another batch is being written. What goes on
 * after its end is left out, and all changes after it.
 */
void persist_early(struct store *store, struct output *output);

#endif
