/*
 * What plugins do with their tasks: well, badly, late, or not at all.
 */
#ifndef SIMULATION_WORK_H
#define SIMULATION_WORK_H

#include "bus.h"

/* One of the copies' tasks comes to an end, perhaps. */
void work_one(struct sim *sim);
void work_progress(struct sim *sim);

/* Somebody speaks of what he does not have. */
void work_lie(struct sim *sim);

/* The engine is told; `copy` may be NULL. */
void work_report(struct sim *sim, struct copy *copy, const struct task_key *key,
		 const struct result *result);

#endif
