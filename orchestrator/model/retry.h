/*
 * How often a task that failed is tried again, and when. Pure: the jitter is
 * taken from a number that the caller gives, so that the same failure of the
 * same task always waits equally long.
 */
#ifndef MODEL_RETRY_H
#define MODEL_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/id.h"
#include "document/value.h"

/* Bounds of what a config may say. */
#define RETRY_ATTEMPTS_MAX 1000000
#define RETRY_FACTOR_MAX   1000.0

/* Defaults of what it leaves out. */
#define RETRY_BACKOFF_MS 1000
#define RETRY_FACTOR     2.0
#define RETRY_MAX_MS     60000

struct retry_policy {
	uint32_t attempts;  /* the first one counts; 0: no policy, 1 attempt */
	int64_t backoff_ms; /* before the second attempt */
	double factor;      /* how much longer each further wait is, >= 1 */
	int64_t max_ms;     /* no wait is longer */
	double jitter; /* 0..1: a wait is up to this part shorter or longer */
};

/* With the defaults. */
struct retry_policy retry_policy_of(uint32_t attempts);

/*
 * The wait after the `failures`-th attempt (from 1) has failed. `dice` is any
 * well mixed number; it is looked at only when there is jitter.
 */
int64_t retry_delay_ms(const struct retry_policy *policy, uint32_t failures,
		       uint64_t dice);

/* A well mixed number of this failure of this task. */
uint64_t retry_dice(const struct id *run, uint32_t task, uint32_t failures);

/* {"attempts", "backoff_ms", "factor", "max_ms", "jitter"}, all of them. */
struct value retry_to_value(const struct retry_policy *policy);
/* The inverse, for documents out of the store. E_CORRUPT. */
int retry_from_value(const struct value *map, struct retry_policy *ret_policy,
		     struct err *reterr);

#endif
