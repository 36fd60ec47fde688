/*
 * Makes a failing life smaller: kinds of actions and stretches of steps are
 * left out as long as the same invariant is broken.
 */
#ifndef SIMULATION_SHRINK_H
#define SIMULATION_SHRINK_H

#include <stdint.h>

#include "report.h"

/* False when the life does not fail. */
bool shrink(uint64_t seed, struct sim_options *options);

#endif
