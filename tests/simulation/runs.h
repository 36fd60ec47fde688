/*
 * Workflows and runs: what is started, what is kept, and what goes.
 */
#ifndef SIMULATION_RUNS_H
#define SIMULATION_RUNS_H

#include <stdint.h>

struct sim;
struct sim_run;

/* All workflows, for the beginning of a life. */
void runs_make_flows(struct sim *sim);

/* Those that were started and never committed are no more. */
void runs_drop_uncommitted(struct sim *sim);

/* One of them; NULL when there is none. */
struct sim_run *runs_choose(struct sim *sim);

void runs_fini(struct sim *sim);

/* Actions. */
void runs_start(struct sim *sim);
void runs_change_flow(struct sim *sim);
void runs_retain(struct sim *sim);

#endif
