#include "config/reader.h"

#include <stdlib.h>

#define LEASE_MIN_MS 100
#define LEASE_MAX_MS 3600000
#define CRASHES_MAX  1000000

static void read_store(struct reader *reader, const struct yaml_node *node,
		       void *target)
{
	(void)target;
	reader_path_into(reader, node, &reader->config->store);
}

static void read_control(struct reader *reader, const struct yaml_node *node,
			 void *target)
{
	(void)target;
	reader_path_into(reader, node, &reader->config->control);
}

static void read_durability(struct reader *reader, const struct yaml_node *node,
			    void *target)
{
	/* One more, without a name, ends them. */
	struct word words[DURABILITIES + 1] = { { .name = NULL } };
	int number;

	(void)target;
	for (int i = 0; i < DURABILITIES; i++) {
		words[i].name = durability_name((enum durability)i);
		words[i].number = i;
	}
	if (reader_word(reader, node, words, &number)) {
		reader->config->durability = (enum durability)number;
	}
}

static void read_grace(struct reader *reader, const struct yaml_node *node,
		       void *target)
{
	(void)target;
	(void)reader_duration(reader, node, &reader->config->grace_ms);
}

static void read_lease(struct reader *reader, const struct yaml_node *node,
		       void *target)
{
	(void)target;
	(void)reader_duration_within(reader, node, LEASE_MIN_MS, LEASE_MAX_MS,
				     "a duration from 100ms to 1h",
				     &reader->config->lease_ms);
}

static void read_crash_limit(struct reader *reader,
			     const struct yaml_node *node, void *target)
{
	int64_t number;

	(void)target;
	if (reader_integer(reader, node, 1, CRASHES_MAX, &number)) {
		reader->config->crash_limit = (uint32_t)number;
	}
}

static void read_filter_limits(struct reader *reader,
			       const struct yaml_node *node, void *target)
{
	/* One more, without a name, ends them. */
	struct word words[FILTER_LIMITS_KINDS + 1] = { { .name = NULL } };
	int number;

	(void)target;
	for (int i = 0; i < FILTER_LIMITS_KINDS; i++) {
		words[i].name = filter_limits_name((enum filter_limits)i);
		words[i].number = i;
	}
	if (reader_word(reader, node, words, &number)) {
		reader->config->filter_limits = (enum filter_limits)number;
	}
}

/* What refers to one another is only found here and read afterwards. */
static void find_plugins(struct reader *reader, const struct yaml_node *node,
			 void *target)
{
	(void)target;
	reader->plugins = node;
}

static void find_activities(struct reader *reader, const struct yaml_node *node,
			    void *target)
{
	(void)target;
	reader->activities = node;
}

static void find_workflows(struct reader *reader, const struct yaml_node *node,
			   void *target)
{
	(void)target;
	reader->workflows = node;
}

static const struct config_key keys[] = {
	{
	    .name = "store",
	    .read = read_store,
	    .help = "Directory of the store; ./.tutti of the working "
		    "directory by default.",
	},
	{
	    .name = "control",
	    .read = read_control,
	    .help = "Socket for local clients; control.sock in the store by "
		    "default.",
	},
	{
	    .name = "listen",
	    .read = reader_listen,
	    .help = "Where processes of plugins reach the orchestrator: "
		    "tcp://127.0.0.1:PORT, which takes this port and the "
		    "next two.",
	},
	{
	    .name = "lease",
	    .read = read_lease,
	    .help = "How long a process that holds tasks may be silent; 10s "
		    "by default.",
	},
	{
	    .name = "crash_limit",
	    .read = read_crash_limit,
	    .help = "So many crashes of the orchestrator through one "
		    "in-process plugin quarantine it; 2 by default.",
	},
	{
	    .name = "filter_limits",
	    .read = read_filter_limits,
	    .help = "Keep all filters within the limits of SNS, for policies "
		    "on message attributes or on the body: sns-attributes, "
		    "sns-body, or none, which is the default.",
	},
	{
	    .name = "durability",
	    .read = read_durability,
	    .help = "When a transition counts as done: strict, after it was "
		    "synced to disk; pipelined, plugins inside the process do "
		    "not wait for that; relaxed, a power cut may take the last "
		    "commits. strict by default.",
	},
	{
	    .name = "grace",
	    .read = read_grace,
	    .help = "How long cancelled tasks may take to stop; 5s by "
		    "default.",
	},
	{
	    .name = "retain",
	    .read = reader_retain,
	    .help = "How long ended runs are kept, by state; for ever by "
		    "default.",
	},
	{
	    .name = "plugins",
	    .read = find_plugins,
	    .help = "Modules to load and programs to run.",
	},
	{
	    .name = "activities",
	    .read = find_activities,
	    .help = "The activities: names only, or what is bound to their "
		    "phases.",
	},
	{
	    .name = "workflows",
	    .read = find_workflows,
	    .help = "The workflows; by default one, called default, of all "
		    "activities.",
	},
};

static const char *const later[] = {
	"http",
	"include",
	"schedules",
	NULL,
};

const struct config_mapping config_file_mapping = {
	.name = "file",
	.title = "a config file",
	.keys = keys,
	.len = sizeof(keys) / sizeof(keys[0]),
	.later = later,
};

void reader_run(struct reader *reader, const struct yaml_node *root)
{
	if (reader_is_null(root)) {
		return;
	}
	if (!reader_is(reader, root, YAML_MAPPING,
		       "a map with activities and plugins")) {
		return;
	}
	reader_mapping(reader, root, &config_file_mapping, NULL);
	reader_activities(reader);
	reader_plugins(reader);
	reader_workflows(reader);
}

void reader_fini(struct reader *reader)
{
	for (size_t i = 0; i < reader->workflow_len; i++) {
		free(reader->workflow_drafts[i].name);
		free(reader->workflow_drafts[i].activities);
	}
	free(reader->workflow_drafts);
	free(reader->activity_nodes);
	free(reader->folder);
	value_clear(&reader->activity_index);
	value_clear(&reader->module_index);
	value_clear(&reader->process_index);
	value_clear(&reader->announced_index);
	value_clear(&reader->queue_index);
}
