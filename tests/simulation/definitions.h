/*
 * Workflows made by chance.
 */
#ifndef SIMULATION_DEFINITIONS_H
#define SIMULATION_DEFINITIONS_H

#include "model/definition.h"

struct sim;

/* Workflow "wN", one reference. */
struct definition *definitions_make(struct sim *sim, uint32_t flow);

#endif
