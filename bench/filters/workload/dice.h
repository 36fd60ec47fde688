/*
 * Random numbers that are the same everywhere for the same seed. Not for
 * secrets, not thread-safe.
 */
#ifndef WORKLOAD_DICE_H
#define WORKLOAD_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dice {
	uint64_t state;
};

struct dice dice_init(uint64_t seed);

uint64_t dice_next(struct dice *dice);
uint32_t dice_below(struct dice *dice, uint32_t sides); /* 0 .. sides - 1 */
uint32_t dice_between(struct dice *dice, uint32_t low, uint32_t high);
double dice_unit(struct dice *dice); /* 0 <= x < 1 */
bool dice_chance(struct dice *dice, double probability);
double dice_lognormal(struct dice *dice, double mu, double sigma);

/* The index of one of `len` weights, drawn in their proportion. */
size_t dice_weighted(struct dice *dice, const double *weights, size_t len);

/* Value i (from 0) has weight 1/(i+1)^exponent. */
struct zipf {
	double *sums;
	uint32_t len;
};

void zipf_init(struct zipf *zipf, uint32_t len, double exponent);
void zipf_fini(struct zipf *zipf);
uint32_t zipf_draw(const struct zipf *zipf, struct dice *dice);

#endif
