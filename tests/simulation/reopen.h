/*
 * Runs that have ended go on: what failed, from an activity on, all of it, or
 * with what the workflow is now.
 */
#ifndef SIMULATION_REOPEN_H
#define SIMULATION_REOPEN_H

struct sim;

/* An action. */
void reopen_one(struct sim *sim);
/* The dead letters of a queue are tried again. */
void reopen_dead(struct sim *sim);

#endif
