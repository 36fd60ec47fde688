#include "config/reader.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/near.h"

static void read_pre(struct reader *reader, const struct yaml_node *node,
		     void *target)
{
	struct activity_definition *activity = target;

	reader_phase(reader, node, PHASE_PRE, &activity->phases[PHASE_PRE]);
}

static void read_parallel(struct reader *reader, const struct yaml_node *node,
			  void *target)
{
	struct activity_definition *activity = target;

	reader_phase(reader, node, PHASE_PARALLEL,
		     &activity->phases[PHASE_PARALLEL]);
}

static void read_post(struct reader *reader, const struct yaml_node *node,
		      void *target)
{
	struct activity_definition *activity = target;

	reader_phase(reader, node, PHASE_POST, &activity->phases[PHASE_POST]);
}

static void read_on_failure(struct reader *reader, const struct yaml_node *node,
			    void *target)
{
	static const struct word words[] = {
		{ .name = "drain", .number = ON_FAILURE_DRAIN },
		{ .name = "cancel", .number = ON_FAILURE_CANCEL },
		{ .name = NULL },
	};
	struct activity_definition *activity = target;
	int number;

	if (reader_word(reader, node, words, &number)) {
		activity->on_failure = (enum on_failure)number;
	}
}

static void read_on_empty(struct reader *reader, const struct yaml_node *node,
			  void *target)
{
	static const struct word words[] = {
		{ .name = "succeed", .number = false },
		{ .name = "fail", .number = true },
		{ .name = NULL },
	};
	struct activity_definition *activity = target;
	int number;

	if (reader_word(reader, node, words, &number)) {
		activity->fail_on_empty = number;
	}
}

static void read_optional_failure(struct reader *reader,
				  const struct yaml_node *node, void *target)
{
	static const struct word words[] = {
		{ .name = "degrade", .number = false },
		{ .name = "fail", .number = true },
		{ .name = NULL },
	};
	struct activity_definition *activity = target;
	int number;

	if (reader_word(reader, node, words, &number)) {
		activity->fail_on_optional_failure = number;
	}
}

static void add_required(struct reader *reader,
			 struct activity_definition *activity,
			 struct value *names, const struct yaml_node *item)
{
	char *name = reader_name(reader, item, "the name of a plugin");

	if (!name) {
		return;
	}
	if (value_get(names, name)) {
		report_error(&reader->report, span_of(item),
			     "the plugin '%s' is here twice", name);
		free(name);
		return;
	}
	value_set(names, name, value_bool(true));
	reader_add_reference(reader, item, name, true);
	activity->require[activity->require_len++] = name;
}

static void read_require(struct reader *reader, const struct yaml_node *node,
			 void *target)
{
	struct activity_definition *activity = target;
	struct value names = value_map();

	if (!reader_is(reader, node, YAML_SEQUENCE,
		       "a list of names of plugins")) {
		return;
	}
	if (node->len > LIMIT_REQUIRE) {
		report_error(&reader->report, span_of(node),
			     "more than %d required plugins", LIMIT_REQUIRE);
		return;
	}
	/* Left NULL by an empty list, as in an activity without the key. */
	if (node->len) {
		activity->require =
		    alloc_zeroed(node->len, sizeof(*activity->require));
	}
	for (size_t i = 0; i < node->len; i++) {
		add_required(reader, activity, &names, node->items[i]);
	}
	value_clear(&names);
}

static void read_window(struct reader *reader, const struct yaml_node *node,
			void *target)
{
	struct activity_definition *activity = target;

	reader_some_time(reader, node, "register_window",
			 &activity->register_window_ms);
}

static void read_deadline(struct reader *reader, const struct yaml_node *node,
			  void *target)
{
	struct activity_definition *activity = target;

	reader_some_time(reader, node, "deadline", &activity->deadline_ms);
}

static const struct config_key keys[] = {
	{
	    .name = "pre",
	    .read = read_pre,
	    .help = "Run one at a time, each sees what the former left.",
	},
	{
	    .name = "parallel",
	    .read = read_parallel,
	    .help = "All that match run at once.",
	},
	{
	    .name = "post",
	    .read = read_post,
	    .help = "Run one at a time, when all else is done.",
	},
	{
	    .name = "require",
	    .read = read_require,
	    .help = "Plugins that it waits for instead of running without "
		    "them.",
	},
	{
	    .name = "register_window",
	    .read = read_window,
	    .help = "How long it waits, once it is reached, for plugins that "
		    "are about to register; not at all by default.",
	},
	{
	    .name = "deadline",
	    .read = read_deadline,
	    .help = "How long it may take, from its start; no limit by "
		    "default.",
	},
	{
	    .name = "on_failure",
	    .read = read_on_failure,
	    .help = "What becomes of the others when a mandatory task "
		    "fails: they may finish (drain) or are cancelled.",
	},
	{
	    .name = "on_empty",
	    .read = read_on_empty,
	    .help = "Does a phase in which nothing runs succeed or fail?",
	},
	{
	    .name = "optional_failure",
	    .read = read_optional_failure,
	    .help = "Does the failure of an optional task degrade the "
		    "activity or fail it?",
	},
	{
	    .name = "description",
	    .read = reader_description,
	    .help = "For people.",
	},
};

const struct config_mapping config_activity_mapping = {
	.name = "activity",
	.title = "an activity",
	.keys = keys,
	.len = sizeof(keys) / sizeof(keys[0]),
};

/* NULL when the name is taken. */
static struct activity_definition *add_activity(struct reader *reader,
						const struct yaml_node *node,
						struct slice name)
{
	struct config *config = reader->config;
	const struct value *first =
	    value_get_slice(&reader->activity_index, name);

	if (first) {
		report_error(&reader->report, span_of(node),
			     "the activity '%.*s' is here twice",
			     SLICE_ARG(name));
		report_note(&reader->report,
			    span_of(reader->activity_nodes[first->as.integer]),
			    "the first one is here");
		return NULL;
	}
	if (config->activity_count == reader->activity_cap) {
		alloc_grow(config->activities, config->activity_count,
			   reader->activity_cap);
		reader->activity_nodes =
		    alloc_resize(reader->activity_nodes, reader->activity_cap,
				 sizeof(*reader->activity_nodes));
	}
	size_t index = config->activity_count++;

	value_set_slice(&reader->activity_index, name,
			value_int((int64_t)index));
	reader->activity_nodes[index] = node;
	config->activities[index] = (struct activity_definition){
		.name = slice_dup(name),
	};
	return &config->activities[index];
}

static void read_list(struct reader *reader, const struct yaml_node *list)
{
	for (size_t i = 0; i < list->len; i++) {
		const struct yaml_node *item = list->items[i];
		char *name =
		    reader_name(reader, item, "the name of an activity");

		if (name) {
			(void)add_activity(reader, item, slice_of(name));
		}
		free(name);
	}
}

static void read_map(struct reader *reader, const struct yaml_node *map)
{
	for (size_t i = 0; i < map->len; i++) {
		const struct yaml_node *item = map->items[i];
		struct activity_definition *activity =
		    add_activity(reader, map->keys[i], map->keys[i]->text);

		(void)reader_check_name(reader, map->keys[i],
					map->keys[i]->text);
		if (!activity) {
			continue;
		}
		if (item->kind == YAML_MAPPING) {
			reader_mapping(reader, item, &config_activity_mapping,
				       activity);
		} else if (!reader_is_null(item)) {
			reader_expected(reader, item,
					"a map with pre, parallel and post");
		}
	}
}

void reader_activities(struct reader *reader)
{
	const struct yaml_node *node = reader->activities;

	if (!node) {
		return;
	}
	if (node->kind == YAML_SEQUENCE) {
		read_list(reader, node);
	} else if (node->kind == YAML_MAPPING) {
		read_map(reader, node);
	} else {
		reader_expected(reader, node,
				"a list of names or a map of activities");
		return;
	}
	if (node->len == 0) {
		report_error(&reader->report, span_of(node),
			     "no activity; name at least one");
	}
}

int64_t reader_find_activity(struct reader *reader,
			     const struct yaml_node *node, struct slice name)
{
	const struct config *config = reader->config;
	const struct value *found =
	    value_get_slice(&reader->activity_index, name);
	struct near near = { 0 };

	if (found) {
		return found->as.integer;
	}
	/* A suggestion is worth some time, but not any amount. */
	for (size_t i = 0; i < config->activity_count && i < LIMIT_ACTIVITIES &&
			   !report_is_full(&reader->report);
	     i++) {
		near_try(&near, name, config->activities[i].name);
	}
	if (near.best) {
		report_error(&reader->report, span_of(node),
			     "unknown activity '%.*s'; did you mean '%s'?",
			     SLICE_ARG(name), near.best);
	} else {
		report_error(&reader->report, span_of(node),
			     "unknown activity '%.*s'; it is not under "
			     "'activities'",
			     SLICE_ARG(name));
	}
	return -1;
}
