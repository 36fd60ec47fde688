/* `retry` of a binding. */
#include "base/clock.h"
#include "config/queue.h"
#include "config/reader.h"

void reader_retry_attempts(struct reader *reader, const struct yaml_node *node,
			   void *target)
{
	struct retry_policy *policy = target;
	int64_t attempts;

	if (reader_integer(reader, node, 1, RETRY_ATTEMPTS_MAX, &attempts)) {
		policy->attempts = (uint32_t)attempts;
	}
}

static void read_backoff(struct reader *reader, const struct yaml_node *node,
			 void *target)
{
	struct retry_policy *policy = target;

	(void)reader_duration(reader, node, &policy->backoff_ms);
}

void reader_retry_factor(struct reader *reader, const struct yaml_node *node,
			 void *target)
{
	struct retry_policy *policy = target;

	(void)reader_number(reader, node, 1, RETRY_FACTOR_MAX, &policy->factor);
}

static void read_max(struct reader *reader, const struct yaml_node *node,
		     void *target)
{
	struct retry_policy *policy = target;

	(void)reader_duration(reader, node, &policy->max_ms);
}

void reader_retry_jitter(struct reader *reader, const struct yaml_node *node,
			 void *target)
{
	struct retry_policy *policy = target;

	(void)reader_number(reader, node, 0, 1, &policy->jitter);
}

static const struct config_key keys[] = {
	{
	    .name = "attempts",
	    .read = reader_retry_attempts,
	    .required = true,
	    .help = "How often it is tried at most, the first time included.",
	},
	{
	    .name = "backoff",
	    .read = read_backoff,
	    .help = "The wait before the second attempt; 1s by default.",
	},
	{
	    .name = "factor",
	    .read = reader_retry_factor,
	    .help = "How many times as long each further wait is; 2 by "
		    "default.",
	},
	{
	    .name = "max",
	    .read = read_max,
	    .help = "No wait is longer; 1m by default.",
	},
	{
	    .name = "jitter",
	    .read = reader_retry_jitter,
	    .help = "By up to this part of it a wait is shorter or longer, "
		    "so that many do not come back at once; 0 by default.",
	},
};

const struct config_mapping config_retry_mapping = {
	.name = "retry",
	.title = "'retry'",
	.keys = keys,
	.len = sizeof(keys) / sizeof(keys[0]),
};

void reader_settle_waits(struct reader *reader, const struct yaml_node *node,
			 struct retry_policy *policy)
{
	if (policy->max_ms >= policy->backoff_ms) {
		return;
	}
	/* One that is given alone moves the other's default along. */
	if (!yaml_get(node, "max")) {
		policy->max_ms = policy->backoff_ms;
	} else if (!yaml_get(node, "backoff")) {
		policy->backoff_ms = policy->max_ms;
	} else {
		report_error(&reader->report, span_of(yaml_get(node, "max")),
			     "'max' is shorter than 'backoff'");
	}
}

void reader_retry(struct reader *reader, const struct yaml_node *node,
		  struct retry_policy *ret_policy)
{
	struct retry_policy policy = retry_policy_of(1);

	if (node->kind == YAML_MAPPING) {
		reader_mapping(reader, node, &config_retry_mapping, &policy);
		reader_settle_waits(reader, node, &policy);
		*ret_policy = policy;
	} else if (node->kind == YAML_SCALAR &&
		   node->scalar.type == VALUE_INT) {
		reader_retry_attempts(reader, node, &policy);
		*ret_policy = policy;
	} else {
		reader_expected(reader, node,
				"a number of attempts or a map with "
				"'attempts'");
	}
}

static struct value duration(int64_t duration_ms)
{
	char text[CLOCK_TEXT_SIZE];

	duration_format(duration_ms, text);
	return value_text(text);
}

struct value retry_document(const struct retry_policy *policy)
{
	struct value map = value_map();

	value_set(&map, "attempts", value_int(policy->attempts));
	value_set(&map, "backoff", duration(policy->backoff_ms));
	value_set(&map, "factor", value_double(policy->factor));
	value_set(&map, "max", duration(policy->max_ms));
	value_set(&map, "jitter", value_double(policy->jitter));
	return map;
}
