/*
 * The orchestrator crashes, and begins again with what is on the disk.
 */
#ifndef SIMULATION_RESTART_H
#define SIMULATION_RESTART_H

#include "engine/engine.h"

struct sim;
struct sim_run;

struct engine *restart_engine(void);

/* The run from the disk into an engine. */
int restart_restore(struct sim *sim, struct engine *engine,
		    const struct sim_run *run,
		    int (*step)(struct sim *sim, struct engine *engine,
				struct event *event));

/* One that has ended, to go on. */
int restart_reopen(struct sim *sim, const struct sim_run *run,
		   struct engine_reopen *reopen,
		   int (*step)(struct sim *sim, struct engine *engine,
			       struct event *event));

/* An action. */
void restart_crash(struct sim *sim);

#endif
