/*
 * The documents of a run: what plugins made, and whether the disk has it, every
 * patch once and in the order of the commits.
 */
#ifndef SIMULATION_DOCUMENTS_H
#define SIMULATION_DOCUMENTS_H

#include "base/blob.h"
#include "commit.h"

struct sim_run;

/* {"v": serial}; NULL for 0. */
struct blob *documents_output(uint32_t serial);
/* {"kN": serial}; a serial of 0 takes the key away. */
struct blob *documents_patch(uint32_t key, uint32_t serial);

void documents_apply(struct sim *sim, const struct fact *facts, size_t len);

/* A stash that goes with a task holds nothing that is not committed. */
void documents_check_leaving(struct sim *sim, const struct blob *stash);

/* The run's stash and outputs on the disk are what they must be. */
void documents_check(struct sim *sim, const struct sim_run *run);

#endif
