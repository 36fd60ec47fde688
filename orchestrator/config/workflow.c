#include "config/reader.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/limits.h"

/* The activities of one workflow while they are read. */
struct steps {
	struct workflow_draft *draft;
	const struct yaml_node *list;
	struct value places; /* name of an activity to index in the list */
};

struct step {
	char *activity;
	const struct yaml_node *node;
};

static void read_activity(struct reader *reader, const struct yaml_node *node,
			  void *target)
{
	struct step *step = target;

	step->activity = reader_name(reader, node, "the name of an activity");
	step->node = node;
}

static const struct config_key step_keys[] = {
	{
	    .name = "activity",
	    .read = read_activity,
	    .required = true,
	    .help = "Name of the activity.",
	},
};

static const char *const later_in_step[] = {
	"when", "next", "may_go_to", "end", NULL,
};

const struct config_mapping config_step_mapping = {
	.name = "step",
	.title = "a step",
	.keys = step_keys,
	.len = sizeof(step_keys) / sizeof(step_keys[0]),
	.later = later_in_step,
};

/* The place of an activity in the list, given its item. */
static const struct yaml_node *named(const struct yaml_node *item)
{
	const struct yaml_node *activity = yaml_get(item, "activity");

	return activity ? activity : item;
}

static void add_step(struct reader *reader, struct steps *steps, size_t index,
		     const struct step *step)
{
	struct workflow_draft *draft = steps->draft;
	const struct value *first = value_get(&steps->places, step->activity);
	int64_t activity =
	    reader_find_activity(reader, step->node, slice_of(step->activity));

	if (activity < 0) {
		return;
	}
	if (first) {
		report_error(&reader->report, span_of(step->node),
			     "the activity '%s' is already in this workflow; "
			     "running one twice is not supported by this "
			     "version",
			     step->activity);
		report_note(
		    &reader->report,
		    span_of(named(steps->list->items[first->as.integer])),
		    "the first one is here");
		return;
	}
	value_set(&steps->places, step->activity, value_int((int64_t)index));
	alloc_grow(draft->activities, draft->len, draft->cap);
	draft->activities[draft->len++] = (size_t)activity;
}

static void read_step(struct reader *reader, struct steps *steps, size_t index)
{
	const struct yaml_node *item = steps->list->items[index];
	struct step step = { 0 };

	if (item->kind == YAML_MAPPING) {
		reader_mapping(reader, item, &config_step_mapping, &step);
	} else if (item->kind == YAML_SCALAR) {
		read_activity(reader, item, &step);
	} else {
		reader_expected(
		    reader, item,
		    "the name of an activity or a map with 'activity'");
	}
	if (step.activity) {
		add_step(reader, steps, index, &step);
	}
	free(step.activity);
}

static void read_steps(struct reader *reader, const struct yaml_node *node,
		       void *target)
{
	struct steps steps = {
		.draft = target,
		.list = node,
		.places = value_map(),
	};

	if (!reader_is(reader, node, YAML_SEQUENCE, "a list of activities")) {
		return;
	}
	if (node->len == 0) {
		report_error(&reader->report, span_of(node),
			     "a workflow needs at least one activity");
	}
	if (node->len > LIMIT_ACTIVITIES) {
		report_error(&reader->report, span_of(node),
			     "more than %d activities in one workflow",
			     LIMIT_ACTIVITIES);
		return;
	}
	for (size_t i = 0; i < node->len; i++) {
		read_step(reader, &steps, i);
	}
	value_clear(&steps.places);
}

static void read_window(struct reader *reader, const struct yaml_node *node,
			void *target)
{
	struct workflow_draft *draft = target;

	reader_some_time(reader, node, "register_window",
			 &draft->register_window_ms);
}

static void read_deadline(struct reader *reader, const struct yaml_node *node,
			  void *target)
{
	struct workflow_draft *draft = target;

	reader_some_time(reader, node, "deadline", &draft->deadline_ms);
}

static const struct config_key keys[] = {
	{
	    .name = "activities",
	    .read = read_steps,
	    .required = true,
	    .help = "Names of activities, in the order they run in.",
	},
	{
	    .name = "register_window",
	    .read = read_window,
	    .help = "For each of its activities that has none of its own.",
	},
	{
	    .name = "deadline",
	    .read = read_deadline,
	    .help = "How long a run may take, from its start; no limit by "
		    "default.",
	},
	{
	    .name = "description",
	    .read = reader_description,
	    .help = "For people.",
	},
};

static const char *const later[] = {
	"input",       "on_failure",      "compensate", "concurrency",
	"stall_after", "max_transitions", NULL,
};

const struct config_mapping config_workflow_mapping = {
	.name = "workflow",
	.title = "a workflow",
	.keys = keys,
	.len = sizeof(keys) / sizeof(keys[0]),
	.later = later,
};

static struct workflow_draft *add_workflow(struct reader *reader,
					   struct slice name)
{
	alloc_grow(reader->workflow_drafts, reader->workflow_len,
		   reader->workflow_cap);
	struct workflow_draft *draft =
	    &reader->workflow_drafts[reader->workflow_len++];

	*draft = (struct workflow_draft){ .name = slice_dup(name) };
	return draft;
}

static void read_workflow(struct reader *reader, const struct yaml_node *key,
			  const struct yaml_node *node)
{
	struct workflow_draft *draft = add_workflow(reader, key->text);

	(void)reader_check_name(reader, key, key->text);
	if (node->kind == YAML_MAPPING) {
		reader_mapping(reader, node, &config_workflow_mapping, draft);
	} else if (node->kind == YAML_SEQUENCE) {
		read_steps(reader, node, draft);
	} else {
		reader_expected(
		    reader, node,
		    "a list of activities or a map with 'activities'");
	}
}

/* Without `workflows`, all activities in their order. */
static void add_default(struct reader *reader)
{
	const struct config *config = reader->config;

	if (config->activity_count > LIMIT_ACTIVITIES) {
		report_error(&reader->report, span_of(reader->activities),
			     "more than %d activities in one workflow",
			     LIMIT_ACTIVITIES);
		return;
	}
	if (config->activity_count == 0) {
		return;
	}
	struct workflow_draft *draft = add_workflow(reader, SLICE("default"));

	for (size_t i = 0; i < config->activity_count; i++) {
		alloc_grow(draft->activities, draft->len, draft->cap);
		draft->activities[draft->len++] = i;
	}
}

void reader_workflows(struct reader *reader)
{
	const struct yaml_node *node = reader->workflows;

	if (!node) {
		add_default(reader);
		return;
	}
	if (!reader_is(reader, node, YAML_MAPPING, "a map of workflows")) {
		return;
	}
	if (node->len == 0) {
		report_error(&reader->report, span_of(node),
			     "no workflow; leave the key out to run all "
			     "activities in their order");
	}
	for (size_t i = 0; i < node->len; i++) {
		read_workflow(reader, node->keys[i], node->items[i]);
	}
}
