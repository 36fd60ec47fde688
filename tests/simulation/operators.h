/*
 * People: they cancel, once and twice, skip, pause and resume, and set the
 * clock.
 */
#ifndef SIMULATION_OPERATORS_H
#define SIMULATION_OPERATORS_H

#include <stdbool.h>

struct event;
struct sim;
struct sim_run;

void operators_cancel(struct sim *sim);
void operators_skip(struct sim *sim);
/* A run, a workflow, or all. */
void operators_pause(struct sim *sim);
void operators_resume(struct sim *sim);
/* Somebody sets the wall clock. */
void operators_clock(struct sim *sim);
/* No person: programs are about to register. */
void operators_expect(struct sim *sim);

/* The pauses that are not a run's own, given to an engine before its runs. */
void operators_pause_again(struct sim *sim,
			   int (*step)(struct sim *sim, struct event *event));
/* Nothing is paused any more. */
void operators_resume_all(struct sim *sim);

/* May nothing of it begin? */
bool operators_hold(const struct sim *sim, const struct sim_run *run);

#endif
