/*
 * A life: a beginning, as many steps as its seed says, each an action that
 * chance chooses, and an end, in which nothing more goes wrong and every run
 * must end.
 */
#ifndef SIMULATION_LIFE_H
#define SIMULATION_LIFE_H

#include <stdint.h>

#include "report.h"

struct sim;

/* Adds what was done to *totals. */
void life_live(uint64_t seed, const struct sim_options *options,
	       struct totals *totals);

/* Time passes, and the engine is told when it wanted to be. */
void life_pass(struct sim *sim, int64_t us);

/* Actions. */
void life_time(struct sim *sim);
void life_commit(struct sim *sim);
void life_fail_commit(struct sim *sim);

#endif
