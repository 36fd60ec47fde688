/*
 * The engine's changes as records of the store.
 */
#ifndef DAEMON_PERSIST_H
#define DAEMON_PERSIST_H

#include "engine/engine.h"
#include "store/store.h"

/* Put everything in `output` into the store's batch and mark the objects as
 * written. */
void persist_output(struct store *store, const struct output *output);

#endif
