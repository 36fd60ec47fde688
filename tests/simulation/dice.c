#include "dice.h"

/* SplitMix64, Steele, Lea and Flood 2014. */
static uint64_t next(struct dice *dice)
{
	uint64_t mixed = dice->state += UINT64_C(0x9e3779b97f4a7c15);

	mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
	return mixed ^ mixed >> 31;
}

void dice_throw(struct dice *dice, uint64_t seed, uint64_t step)
{
	dice->state = seed;
	dice->state = next(dice) ^ step * UINT64_C(0xd6e8feb86659fd93);
}

uint32_t dice_below(struct dice *dice, uint32_t below)
{
	return (uint32_t)((next(dice) >> 32) * below >> 32);
}

bool dice_one_in(struct dice *dice, uint32_t of)
{
	return dice_below(dice, of) == 0;
}
