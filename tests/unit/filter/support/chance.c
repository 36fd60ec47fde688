#include "chance.h"

#include <stdlib.h>

uint64_t chance_seed(uint64_t other)
{
	const char *text = getenv("TUTTI_SEED");

	return text && *text ? strtoull(text, NULL, 0) : other;
}

/* SplitMix64 (Steele, Lea, Flood 2014). */
uint64_t chance_next(struct chance *chance)
{
	uint64_t bits = chance->state += 0x9e3779b97f4a7c15;

	bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
	bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
	return bits ^ (bits >> 31);
}

uint32_t chance_below(struct chance *chance, uint32_t sides)
{
	return (uint32_t)(((chance_next(chance) >> 32) * sides) >> 32);
}

bool chance_percent(struct chance *chance, uint32_t percent)
{
	return chance_below(chance, 100) < percent;
}
