/*
 * The one way to tell the engine that something has happened, and the check of
 * what it makes of it: who holds which task is known here independently, from
 * what was handed over and what came back.
 */
#ifndef SIMULATION_STEPS_H
#define SIMULATION_STEPS_H

#include "bus.h"
#include "engine/engine.h"

struct sim;

/* Returns what the engine says. */
int steps_take(struct sim *sim, struct event *event);

/* May anything happen now? Not while commits fail. */
bool steps_allowed(const struct sim *sim);

/* Does anybody have exactly that in hands, as far as the engine knows? */
bool steps_in_hands(struct sim *sim, const struct task_key *key);

/* All copies are gone with the process. */
void steps_forget(struct sim *sim);

#endif
