#include "config/reader.h"

#define RETAIN_MIN_MS 1000
#define RETAIN_MAX_MS (INT64_C(10000) * 24 * 3600 * 1000)

static void read_into(struct reader *reader, const struct yaml_node *node,
		      enum group_state state)
{
	(void)reader_duration_within(reader, node, RETAIN_MIN_MS, RETAIN_MAX_MS,
				     "a duration from 1s to 10000d",
				     &reader->config->retain_ms[state]);
}

static void read_succeeded(struct reader *reader, const struct yaml_node *node,
			   void *target)
{
	(void)target;
	read_into(reader, node, GROUP_SUCCEEDED);
}

static void read_degraded(struct reader *reader, const struct yaml_node *node,
			  void *target)
{
	(void)target;
	read_into(reader, node, GROUP_DEGRADED);
}

static void read_failed(struct reader *reader, const struct yaml_node *node,
			void *target)
{
	(void)target;
	read_into(reader, node, GROUP_FAILED);
}

static void read_cancelled(struct reader *reader, const struct yaml_node *node,
			   void *target)
{
	(void)target;
	read_into(reader, node, GROUP_CANCELLED);
}

static const struct config_key keys[] = {
	{
	    .name = "succeeded",
	    .read = read_succeeded,
	    .help = "Runs that have succeeded; for ever by default.",
	},
	{
	    .name = "degraded",
	    .read = read_degraded,
	    .help = "Runs that are done, but something optional has failed; "
		    "for ever by default.",
	},
	{
	    .name = "failed",
	    .read = read_failed,
	    .help = "Runs that have failed; for ever by default.",
	},
	{
	    .name = "cancelled",
	    .read = read_cancelled,
	    .help = "Runs that were cancelled; for ever by default.",
	},
};

const struct config_mapping config_retain_mapping = {
	.name = "retain",
	.title = "'retain'",
	.keys = keys,
	.len = sizeof(keys) / sizeof(keys[0]),
};

void reader_retain(struct reader *reader, const struct yaml_node *node,
		   void *target)
{
	(void)target;
	if (reader_is(reader, node, YAML_MAPPING,
		      "a map with succeeded, degraded, failed or cancelled")) {
		reader_mapping(reader, node, &config_retain_mapping, NULL);
	}
}
