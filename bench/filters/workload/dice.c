#include "workload/dice.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"

struct dice dice_init(uint64_t seed)
{
	return (struct dice){ seed };
}

/* SplitMix64 (Steele, Lea, Flood 2014). */
uint64_t dice_next(struct dice *dice)
{
	uint64_t bits = dice->state += 0x9e3779b97f4a7c15;

	bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
	bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
	return bits ^ (bits >> 31);
}

uint32_t dice_below(struct dice *dice, uint32_t sides)
{
	return (uint32_t)(((dice_next(dice) >> 32) * sides) >> 32);
}

uint32_t dice_between(struct dice *dice, uint32_t low, uint32_t high)
{
	return low + dice_below(dice, high - low + 1);
}

double dice_unit(struct dice *dice)
{
	return (double)(dice_next(dice) >> 11) * 0x1p-53;
}

bool dice_chance(struct dice *dice, double probability)
{
	return dice_unit(dice) < probability;
}

double dice_lognormal(struct dice *dice, double mu, double sigma)
{
	double radius = sqrt(-2 * log(1 - dice_unit(dice)));

	return exp(mu + sigma * radius * cos(2 * M_PI * dice_unit(dice)));
}

size_t dice_weighted(struct dice *dice, const double *weights, size_t len)
{
	double sum = 0;

	for (size_t i = 0; i < len; i++) {
		sum += weights[i];
	}
	double mark = dice_unit(dice) * sum;

	for (size_t i = 0; i + 1 < len; i++) {
		mark -= weights[i];
		if (mark < 0) {
			return i;
		}
	}
	return len - 1;
}

void zipf_init(struct zipf *zipf, uint32_t len, double exponent)
{
	double sum = 0;

	zipf->len = len;
	zipf->sums = alloc_zeroed(len, sizeof(*zipf->sums));
	for (uint32_t i = 0; i < len; i++) {
		sum += pow(i + 1, -exponent);
		zipf->sums[i] = sum;
	}
}

void zipf_fini(struct zipf *zipf)
{
	free(zipf->sums);
	*zipf = (struct zipf){ 0 };
}

uint32_t zipf_draw(const struct zipf *zipf, struct dice *dice)
{
	double mark = dice_unit(dice) * zipf->sums[zipf->len - 1];
	uint32_t low = 0;
	uint32_t high = zipf->len - 1;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (zipf->sums[middle] <= mark) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}
