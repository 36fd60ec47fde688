/*
 * Is a task tried again when, and as often as, its definition says?
 */
#ifndef SIMULATION_RETRY_H
#define SIMULATION_RETRY_H

#include <stdint.h>

struct sim;
struct sim_run;

/* It has just become `retrying`. */
void retry_check(struct sim *sim, struct sim_run *run, uint32_t task);

/* The task has just failed: are its attempts used up, if it says so? */
void retry_check_dead(struct sim *sim, struct sim_run *run, uint32_t number);

#endif
