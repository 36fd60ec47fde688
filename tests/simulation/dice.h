/*
 * The only source of chance in the simulator. Every step throws its own dice,
 * made from the life's seed and the step's number: leaving a step out does not
 * change what the others throw.
 */
#ifndef SIMULATION_DICE_H
#define SIMULATION_DICE_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
	uint64_t state;
};

void dice_throw(struct dice *dice, uint64_t seed, uint64_t step);

/* 0 to below - 1. */
uint32_t dice_below(struct dice *dice, uint32_t below);

/* True in one of `of` cases. */
bool dice_one_in(struct dice *dice, uint32_t of);

#endif
