/*
 * What the committed history says of the states of a run's objects: every move
 * begins where the last one ended, is in its table, and attempts rise by one.
 */
#ifndef SIMULATION_HISTORY_H
#define SIMULATION_HISTORY_H

#include "model/record.h"

#define HISTORY_ACTIVITIES 8

struct sim;
struct sim_run;

struct history_task {
	int state;
	uint32_t attempt;
	bool superseded;
};

struct history {
	int run; /* -1: nothing yet */
	int activities[HISTORY_ACTIVITIES];
	int phases[HISTORY_ACTIVITIES][PHASE_KINDS];
	struct history_task *tasks;
	uint32_t task_cap;
	uint64_t len;   /* transitions so far */
	bool reopening; /* it has been reopened in this batch */
	bool reopened;  /* ... and so has something of it */
};

struct history_task *history_task(struct history *history, uint32_t task);

void history_take(struct sim *sim, struct sim_run *run,
		  const struct transition_record *move);

#endif
