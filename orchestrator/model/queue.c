#include "model/queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/near.h"
#include "document/expression_root.h"
#include "model/definition.h"

struct queue_policy queue_policy_default(void)
{
	return (struct queue_policy){
		.retry = retry_policy_of(QUEUE_ATTEMPTS),
	};
}

static char *copy_text(const char *text)
{
	return text ? alloc_string(text) : NULL;
}

struct queue_policy queue_policy_copy(const struct queue_policy *policy)
{
	struct queue_policy copy = *policy;

	copy.name = copy_text(policy->name);
	copy.fifo_key = copy_text(policy->fifo_key);
	copy.priority_key = copy_text(policy->priority_key);
	return copy;
}

struct slice queue_policy_name(const struct queue_policy *policy,
			       struct slice plugin)
{
	return policy->name ? slice_of(policy->name) : plugin;
}

void queue_policy_fini(struct queue_policy *policy)
{
	free(policy->name);
	free(policy->fifo_key);
	free(policy->priority_key);
	*policy = (struct queue_policy){ 0 };
}

bool queue_policy_equal(const struct queue_policy *a,
			const struct queue_policy *b)
{
	if (!a || !b) {
		return a == b;
	}
	struct value first = queue_policy_to_value(a);
	struct value second = queue_policy_to_value(b);
	bool equal = value_equal(&first, &second);

	value_clear(&first);
	value_clear(&second);
	return equal;
}

static void set_text(struct value *map, const char *key, const char *text)
{
	if (text) {
		value_set(map, key, value_text(text));
	}
}

static void set_int(struct value *map, const char *key, int64_t number)
{
	if (number) {
		value_set(map, key, value_int(number));
	}
}

struct value queue_policy_to_value(const struct queue_policy *policy)
{
	struct value map = retry_to_value(&policy->retry);

	set_text(&map, "name", policy->name);
	set_int(&map, "visibility_ms", policy->visibility_ms);
	set_int(&map, "delay_ms", policy->delay_ms);
	set_int(&map, "concurrency", policy->concurrency);
	set_int(&map, "rate", policy->rate);
	set_int(&map, "rate_per_ms", policy->rate_per_ms);
	set_text(&map, "fifo_key", policy->fifo_key);
	set_int(&map, "priority", policy->priority);
	set_text(&map, "priority", policy->priority_key);
	return map;
}

int queue_expression_check(struct slice text, size_t *ret_offset,
			   struct err *reterr)
{
	if (text.len > QUEUE_EXPRESSION_MAX) {
		*ret_offset = QUEUE_EXPRESSION_MAX;
		return err_set(reterr, E_INVALID,
			       "the expression is longer than %d bytes",
			       QUEUE_EXPRESSION_MAX);
	}
	if (text.len && memchr(text.ptr, '\0', text.len)) {
		*ret_offset = strlen(text.ptr);
		return err_set(reterr, E_INVALID,
			       "the expression has a NUL in it");
	}
	return expression_check(text, ret_offset, reterr);
}

bool queue_name_has_blank_end(struct slice name)
{
	return name.len > 0 &&
	       (name.ptr[0] == ' ' || name.ptr[name.len - 1] == ' ');
}

/* ---- reading ---- */

struct reading {
	const struct value *map;
	struct queue_policy policy;
	size_t known; /* keys of the map that were looked at */
	struct err *reterr;
};

static const struct value *take(struct reading *reading, const char *key)
{
	const struct value *found = value_get(reading->map, key);

	reading->known += found != NULL;
	return found;
}

static int read_int(struct reading *reading, const char *key, int64_t least,
		    int64_t most, int64_t *number)
{
	const struct value *found = take(reading, key);

	if (!found) {
		return 0;
	}
	if (found->type != VALUE_INT || found->as.integer < least ||
	    found->as.integer > most) {
		return err_set(reading->reterr, E_INVALID,
			       "the queue's '%s' must be a whole number from "
			       "%lld to %lld",
			       key, (long long)least, (long long)most);
	}
	*number = found->as.integer;
	return 0;
}

static int read_u32(struct reading *reading, const char *key, int64_t least,
		    int64_t most, uint32_t *ret_number)
{
	int64_t number = *ret_number;
	int rc = read_int(reading, key, least, most, &number);

	*ret_number = (uint32_t)number;
	return rc;
}

static int read_double(struct reading *reading, const char *key, double least,
		       double most, double *number)
{
	const struct value *found = take(reading, key);
	double given;

	if (!found) {
		return 0;
	}
	given = found->type == VALUE_INT      ? (double)found->as.integer
		: found->type == VALUE_DOUBLE ? found->as.number
					      : least - 1;
	if (!(given >= least && given <= most)) {
		return err_set(reading->reterr, E_INVALID,
			       "the queue's '%s' must be a number from %g to "
			       "%g",
			       key, least, most);
	}
	*number = given;
	return 0;
}

static int read_expression(struct reading *reading, const char *key,
			   char **ret_text)
{
	const struct value *found = take(reading, key);
	size_t offset;

	if (!found) {
		return 0;
	}
	if (found->type != VALUE_STRING) {
		return err_set(reading->reterr, E_INVALID,
			       "the queue's '%s' must be an expression", key);
	}
	int rc =
	    queue_expression_check(found->as.text, &offset, reading->reterr);

	if (rc < 0) {
		return err_wrap(reading->reterr,
				"the queue's '%s', at byte "
				"%zu",
				key, offset);
	}
	*ret_text = slice_dup(found->as.text);
	return 0;
}

static int read_name(struct reading *reading)
{
	const struct value *found = take(reading, "name");

	if (!found) {
		return 0;
	}
	if (found->type != VALUE_STRING || !name_valid(found->as.text)) {
		return err_set(reading->reterr, E_INVALID,
			       "the queue's 'name' must be 1 to 128 bytes of "
			       "UTF-8 without control characters or '/'");
	}
	if (queue_name_has_blank_end(found->as.text)) {
		return err_set(reading->reterr, E_INVALID,
			       "the queue's 'name' must not begin or end with "
			       "a blank");
	}
	reading->policy.name = slice_dup(found->as.text);
	return 0;
}

static int read_priority(struct reading *reading)
{
	const struct value *found = value_get(reading->map, "priority");
	int64_t priority = 0;

	if (found && found->type == VALUE_STRING) {
		return read_expression(reading, "priority",
				       &reading->policy.priority_key);
	}
	int rc = read_int(reading, "priority", -QUEUE_PRIORITY_MAX,
			  QUEUE_PRIORITY_MAX, &priority);

	reading->policy.priority = (int)priority;
	return rc;
}

/* One that is given alone moves the other's default along. */
static int settle_waits(struct reading *reading)
{
	struct retry_policy *retry = &reading->policy.retry;

	if (retry->max_ms >= retry->backoff_ms) {
		return 0;
	}
	if (!value_get(reading->map, "max_ms")) {
		retry->max_ms = retry->backoff_ms;
	} else if (!value_get(reading->map, "backoff_ms")) {
		retry->backoff_ms = retry->max_ms;
	} else {
		return err_set(reading->reterr, E_INVALID,
			       "the queue's 'max_ms' is shorter than its "
			       "'backoff_ms'");
	}
	return 0;
}

static int read_retry(struct reading *reading)
{
	struct retry_policy *retry = &reading->policy.retry;
	int rc = read_u32(reading, "attempts", 1, RETRY_ATTEMPTS_MAX,
			  &retry->attempts);

	if (rc == 0) {
		rc = read_int(reading, "backoff_ms", 0, QUEUE_TIME_MAX_MS,
			      &retry->backoff_ms);
	}
	if (rc == 0) {
		rc = read_double(reading, "factor", 1, RETRY_FACTOR_MAX,
				 &retry->factor);
	}
	if (rc == 0) {
		rc = read_int(reading, "max_ms", 0, QUEUE_TIME_MAX_MS,
			      &retry->max_ms);
	}
	if (rc == 0) {
		rc = read_double(reading, "jitter", 0, 1, &retry->jitter);
	}
	return rc == 0 ? settle_waits(reading) : rc;
}

static int read_limits(struct reading *reading)
{
	struct queue_policy *policy = &reading->policy;
	int rc = read_int(reading, "visibility_ms", 0, QUEUE_TIME_MAX_MS,
			  &policy->visibility_ms);

	if (rc == 0) {
		rc = read_int(reading, "delay_ms", 0, QUEUE_TIME_MAX_MS,
			      &policy->delay_ms);
	}
	if (rc == 0) {
		rc = read_u32(reading, "concurrency", 0, QUEUE_CONCURRENCY_MAX,
			      &policy->concurrency);
	}
	if (rc == 0) {
		rc =
		    read_u32(reading, "rate", 0, QUEUE_RATE_MAX, &policy->rate);
	}
	if (rc == 0) {
		rc = read_int(reading, "rate_per_ms", 1, QUEUE_TIME_MAX_MS,
			      &policy->rate_per_ms);
	}
	if (rc == 0 && policy->rate == 0) {
		policy->rate_per_ms = 0;
	} else if (rc == 0 && policy->rate_per_ms == 0) {
		policy->rate_per_ms = 1000;
	}
	return rc;
}

static int refuse_key(const struct reading *reading, struct slice key,
		      const char *const *keys, size_t len)
{
	struct near near = { 0 };

	for (size_t i = 0; i < len; i++) {
		near_try(&near, key, keys[i]);
	}
	return err_set(reading->reterr, E_INVALID,
		       "a queue has no '%.*s'%s%s%s", SLICE_ARG(key),
		       near.best ? "; did you mean '" : "",
		       near.best ? near.best : "", near.best ? "'?" : "");
}

/* Names the first key that none of the above has looked at. */
static int check_keys(const struct reading *reading)
{
	static const char *const keys[] = {
		"name",     "attempts",    "backoff_ms",    "factor",
		"max_ms",   "jitter",      "visibility_ms", "delay_ms",
		"rate",     "concurrency", "rate_per_ms",   "fifo_key",
		"priority",
	};
	const size_t count = sizeof(keys) / sizeof(*keys);
	size_t len = value_len(reading->map);

	for (size_t i = 0; reading->known < len && i < len; i++) {
		struct slice key = value_entry_at(reading->map, i)->key;
		size_t k = 0;

		while (k < count && !slice_is(key, keys[k])) {
			k++;
		}
		if (k == count) {
			return refuse_key(reading, key, keys, count);
		}
	}
	return 0;
}

int queue_policy_from_value(const struct value *map,
			    struct queue_policy *ret_policy, struct err *reterr)
{
	struct reading reading = {
		.map = map,
		.policy = queue_policy_default(),
		.reterr = reterr,
	};

	if (map->type != VALUE_MAP) {
		return err_set(reterr, E_INVALID, "a queue must be a map");
	}
	int rc = read_name(&reading);

	if (rc == 0) {
		rc = read_retry(&reading);
	}
	if (rc == 0) {
		rc = read_limits(&reading);
	}
	if (rc == 0) {
		rc = read_expression(&reading, "fifo_key",
				     &reading.policy.fifo_key);
	}
	if (rc == 0) {
		rc = read_priority(&reading);
	}
	if (rc == 0) {
		rc = check_keys(&reading);
	}
	if (rc < 0) {
		queue_policy_fini(&reading.policy);
		return rc;
	}
	*ret_policy = reading.policy;
	return 0;
}
