/*
 * Random numbers of the tests, the same for the same seed.
 */
#ifndef SUPPORT_CHANCE_H
#define SUPPORT_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

struct chance {
	uint64_t state;
};

/* TUTTI_SEED, or `other` when it is not set. */
uint64_t chance_seed(uint64_t other);

uint64_t chance_next(struct chance *chance);
uint32_t chance_below(struct chance *chance, uint32_t sides);
bool chance_percent(struct chance *chance, uint32_t percent);

#endif
