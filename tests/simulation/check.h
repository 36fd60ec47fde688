/*
 * What must hold: of the engine's structs after each step, of the disk after
 * each commit, and of both together whenever nothing is pending.
 */
#ifndef SIMULATION_CHECK_H
#define SIMULATION_CHECK_H

#include <stdint.h>

struct blob;
struct run;
struct sim;
struct sim_run;

/* The run in the engine, if it is there: counts, phases in order, timers. */
void check_run(struct sim *sim, struct sim_run *run);

/* The task has just been handed over: was it its turn? */
void check_begin(struct sim *sim, const struct sim_run *run, uint32_t number);

/* What is handed over with it is what the tasks before it have left. */
void check_outputs(struct sim *sim, const struct run *run, uint32_t task,
		   const struct blob *outputs);

/* Everything of the run that could go on is in hands, or waits for its turn or
 * its time. */
void check_taken_up(struct sim *sim, const struct sim_run *run);

/* After any step: who has how much. */
void check_step(struct sim *sim);

/* After EVENT_TIME: nothing waits for a time that is over. */
void check_times(struct sim *sim);

/* The runs of the batch that was just applied. */
void check_touched(struct sim *sim);

/* Everything, everywhere. */
void check_all(struct sim *sim);

#endif
