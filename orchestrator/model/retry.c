#include "model/retry.h"

#include <math.h>

struct retry_policy retry_policy_of(uint32_t attempts)
{
	return (struct retry_policy){
		.attempts = attempts,
		.backoff_ms = RETRY_BACKOFF_MS,
		.factor = RETRY_FACTOR,
		.max_ms = RETRY_MAX_MS,
	};
}

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

struct value retry_to_value(const struct retry_policy *policy)
{
	struct value map = value_map();

	value_set(&map, "attempts", value_int(policy->attempts));
	value_set(&map, "backoff_ms", value_int(policy->backoff_ms));
	value_set(&map, "factor", value_double(policy->factor));
	value_set(&map, "max_ms", value_int(policy->max_ms));
	value_set(&map, "jitter", value_double(policy->jitter));
	return map;
}

/* A whole number may have been written as one. */
static bool read_double(const struct value *map, const char *key, double least,
			double most, double *ret_number)
{
	const struct value *found = value_get(map, key);

	if (!found ||
	    (found->type != VALUE_DOUBLE && found->type != VALUE_INT)) {
		return false;
	}
	*ret_number = found->type == VALUE_INT ? (double)found->as.integer
					       : found->as.number;
	return *ret_number >= least && *ret_number <= most;
}

static bool read_int(const struct value *map, const char *key, int64_t least,
		     int64_t most, int64_t *ret_number)
{
	const struct value *found = value_get(map, key);

	if (!found || found->type != VALUE_INT) {
		return false;
	}
	*ret_number = found->as.integer;
	return *ret_number >= least && *ret_number <= most;
}

int retry_from_value(const struct value *map, struct retry_policy *ret_policy,
		     struct err *reterr)
{
	struct retry_policy policy = { 0 };
	int64_t attempts = 0;

	if (map->type != VALUE_MAP || value_len(map) != 5 ||
	    !read_int(map, "attempts", 1, RETRY_ATTEMPTS_MAX, &attempts) ||
	    !read_int(map, "backoff_ms", 0, INT64_MAX / 1000,
		      &policy.backoff_ms) ||
	    !read_double(map, "factor", 1, RETRY_FACTOR_MAX, &policy.factor) ||
	    !read_int(map, "max_ms", 0, INT64_MAX / 1000, &policy.max_ms) ||
	    !read_double(map, "jitter", 0, 1, &policy.jitter)) {
		return err_set(reterr, E_CORRUPT, "'retry' is no retry policy");
	}
	policy.attempts = (uint32_t)attempts;
	*ret_policy = policy;
	return 0;
}
