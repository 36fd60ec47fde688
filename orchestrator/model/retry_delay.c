/* By itself, so that what only reads policies needs no mathematics. */
#include "model/retry.h"

#include <math.h>

int64_t retry_delay_ms(const struct retry_policy *policy, uint32_t failures,
		       uint64_t dice)
{
	double longest = (double)policy->max_ms;
	double delay =
	    (double)policy->backoff_ms * pow(policy->factor, failures - 1.0);

	/* Also when it has grown to infinity. */
	delay = delay < longest ? delay : longest;
	if (policy->jitter > 0) {
		/* 53 bits: what a double holds; -1 to below 1. */
		double part = (double)(dice >> 11) * 0x1p-52 - 1;

		delay += delay * policy->jitter * part;
		delay = delay < longest ? delay : longest;
	}
	return delay < 1 ? 0 : (int64_t)delay;
}

/* The finalizer of splitmix64, Steele, Lea, Flood 2014. */
static uint64_t mix(uint64_t number)
{
	number += UINT64_C(0x9e3779b97f4a7c15);
	number = (number ^ (number >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	number = (number ^ (number >> 27)) * UINT64_C(0x94d049bb133111eb);
	return number ^ (number >> 31);
}

uint64_t retry_dice(const struct id *run, uint32_t task, uint32_t failures)
{
	uint64_t dice = 0;

	for (size_t i = 0; i < ID_SIZE; i++) {
		dice = mix(dice ^ run->bytes[i]);
	}
	return mix(dice ^ ((uint64_t)task << 32 | failures));
}
