#include "model/retry.h"

struct retry_policy retry_policy_of(uint32_t attempts)
{
	return (struct retry_policy){
		.attempts = attempts,
		.backoff_ms = RETRY_BACKOFF_MS,
		.factor = RETRY_FACTOR,
		.max_ms = RETRY_MAX_MS,
	};
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
