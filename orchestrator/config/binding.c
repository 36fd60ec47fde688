#include "config/reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "filter/filter.h"

#define ORDER_MAX 1000000

struct draft {
	struct binding binding;
	enum phase_kind phase;
};

void reader_add_reference(struct reader *reader, const struct yaml_node *node,
			  const char *plugin, bool required)
{
	struct config *config = reader->config;

	alloc_grow(config->references, config->reference_count,
		   reader->reference_cap);
	config->references[config->reference_count++] =
	    (struct config_reference){
		    .plugin = alloc_string(plugin),
		    .required = required,
		    .place = { node->start.line, node->start.column },
	    };
}

static void read_plugin(struct reader *reader, const struct yaml_node *node,
			void *target)
{
	struct draft *draft = target;

	draft->binding.plugin =
	    reader_name(reader, node, "the name of a plugin");
	if (draft->binding.plugin) {
		reader_add_reference(reader, node, draft->binding.plugin,
				     false);
	}
}

static void read_as(struct reader *reader, const struct yaml_node *node,
		    void *target)
{
	struct draft *draft = target;

	draft->binding.name = reader_name(reader, node, "a name for the task");
}

/* The node of the filter that the compiler's steps lead to. */
static const struct yaml_node *fault_node(const struct yaml_node *node,
					  const struct filter_fault *fault)
{
	for (size_t i = 0; i < fault->depth; i++) {
		size_t step = fault->steps[i];
		bool at_key = fault->at_key && i + 1 == fault->depth;

		node =
		    at_key && node->keys ? node->keys[step] : node->items[step];
	}
	return node;
}

static void read_filter(struct reader *reader, const struct yaml_node *node,
			void *target)
{
	struct draft *draft = target;
	size_t errors = reader->report.errors;
	struct filter *filter = NULL;
	struct filter_fault fault;
	struct err err;

	draft->binding.filter = reader_document(reader, node, EXPAND_PLAIN);
	if (reader->report.errors > errors) {
		return;
	}
	if (filter_compile_located(&draft->binding.filter, &filter, &fault,
				   &err)) {
		report_error(&reader->report, span_of(fault_node(node, &fault)),
			     "%s", err.msg);
	} else if (filter_check_limits(&draft->binding.filter,
				       reader->config->filter_limits, &err)) {
		report_error(&reader->report, span_of(node), "%s", err.msg);
	}
	filter_destroy(filter);
}

static void read_with(struct reader *reader, const struct yaml_node *node,
		      void *target)
{
	struct draft *draft = target;

	if (reader_is(reader, node, YAML_MAPPING, "a map of parameters")) {
		draft->binding.with =
		    reader_document(reader, node, EXPAND_TEMPLATE);
	}
}

static void read_mandatory(struct reader *reader, const struct yaml_node *node,
			   void *target)
{
	struct draft *draft = target;
	bool mandatory;

	if (reader_boolean(reader, node, &mandatory)) {
		draft->binding.mandatory = mandatory ? CHOICE_YES : CHOICE_NO;
	}
}

static void read_order(struct reader *reader, const struct yaml_node *node,
		       void *target)
{
	struct draft *draft = target;
	int64_t order;

	if (reader_integer(reader, node, 1, ORDER_MAX, &order)) {
		draft->binding.order = (int)order;
	}
}

static void read_timeout(struct reader *reader, const struct yaml_node *node,
			 void *target)
{
	struct draft *draft = target;

	reader_some_time(reader, node, "timeout", &draft->binding.timeout_ms);
}

static void read_deadline(struct reader *reader, const struct yaml_node *node,
			  void *target)
{
	struct draft *draft = target;

	reader_some_time(reader, node, "deadline", &draft->binding.deadline_ms);
}

static void read_retry(struct reader *reader, const struct yaml_node *node,
		       void *target)
{
	struct draft *draft = target;

	reader_retry(reader, node, &draft->binding.retry);
}

static void read_run_on(struct reader *reader, const struct yaml_node *node,
			void *target)
{
	static const struct word words[] = {
		{ .name = "success", .number = RUN_ON_SUCCESS },
		{ .name = "failure", .number = RUN_ON_FAILURE },
		{ .name = "always", .number = RUN_ON_ALWAYS },
		{ .name = NULL },
	};
	struct draft *draft = target;
	int run_on;

	if (draft->phase != PHASE_POST) {
		report_error(&reader->report, span_of(node),
			     "'run_on' is only for post");
	} else if (reader_word(reader, node, words, &run_on)) {
		draft->binding.run_on = (enum run_on)run_on;
	}
}

static const struct config_key keys[] = {
	{
	    .name = "plugin",
	    .read = read_plugin,
	    .required = true,
	    .help = "Name of the plugin, as the plugin itself declares it.",
	},
	{
	    .name = "as",
	    .read = read_as,
	    .help = "Name of the task; the plugin's name by default. Needed "
		    "when a phase binds one plugin twice.",
	},
	{
	    .name = "filter",
	    .read = read_filter,
	    .help = "Which attributes of a run turn this binding on; the "
		    "plugin's own filter by default, else all.",
	},
	{
	    .name = "with",
	    .read = read_with,
	    .help = "Parameters of the task; strings may hold "
		    "${{ expressions }}.",
	},
	{
	    .name = "mandatory",
	    .read = read_mandatory,
	    .help = "Does the phase fail when this task fails? The plugin "
		    "decides by default.",
	},
	{
	    .name = "order",
	    .read = read_order,
	    .help = "Place among the tasks of pre or post, the lowest "
		    "first; the order of the list by default.",
	},
	{
	    .name = "timeout",
	    .read = read_timeout,
	    .help = "How long one attempt may take; no limit by default.",
	},
	{
	    .name = "deadline",
	    .read = read_deadline,
	    .help = "How long all attempts may take together, with the waits "
		    "between them; no limit by default.",
	},
	{
	    .name = "retry",
	    .read = read_retry,
	    .help = "How often it is tried when it fails for a reason that "
		    "may pass, and how long it waits in between; once by "
		    "default.",
	},
	{
	    .name = "run_on",
	    .read = read_run_on,
	    .help = "Only in post: run after success (the default), after "
		    "failure, or always.",
	},
};

static const char *const later[] = {
	"map",
	"limit",
	"tolerate",
	NULL,
};

const struct config_mapping config_binding_mapping = {
	.name = "binding",
	.title = "a binding",
	.keys = keys,
	.len = sizeof(keys) / sizeof(keys[0]),
	.later = later,
};

static void draft_fini(struct draft *draft)
{
	free(draft->binding.plugin);
	free(draft->binding.name);
	value_clear(&draft->binding.filter);
	value_clear(&draft->binding.with);
}

/* With mistakes too, as long as it has a name that others may clash with. */
static bool read_binding(struct reader *reader, const struct yaml_node *node,
			 struct draft *draft)
{
	if (node->kind == YAML_MAPPING) {
		reader_mapping(reader, node, &config_binding_mapping, draft);
	} else if (node->kind == YAML_SCALAR &&
		   node->scalar.type == VALUE_STRING) {
		read_plugin(reader, node, draft);
	} else {
		reader_expected(reader, node,
				"the name of a plugin or a map with 'plugin'");
	}
	if (!draft->binding.plugin) {
		draft_fini(draft);
		return false;
	}
	if (!draft->binding.name) {
		draft->binding.name = alloc_string(draft->binding.plugin);
	}
	return true;
}

static const struct yaml_node *name_node(const struct yaml_node *node)
{
	const struct yaml_node *as = yaml_get(node, "as");
	const struct yaml_node *plugin = yaml_get(node, "plugin");

	return as ? as : plugin ? plugin : node;
}

/* Remembers the place of each task's name; reports the second of a kind. */
static void check_unique(struct reader *reader, struct value *names,
			 const struct yaml_node *list, size_t index,
			 const char *name)
{
	const struct value *first = value_get(names, name);

	if (!first) {
		value_set(names, name, value_int((int64_t)index));
		return;
	}
	report_error(&reader->report, span_of(name_node(list->items[index])),
		     "a task '%s' is already in this phase; give this one "
		     "another name with 'as'",
		     name);
	report_note(&reader->report,
		    span_of(name_node(list->items[first->as.integer])),
		    "the first one is here");
}

void reader_phase(struct reader *reader, const struct yaml_node *node,
		  enum phase_kind kind, struct phase_definition *phase)
{
	struct value names = value_map();

	if (!reader_is(reader, node, YAML_SEQUENCE, "a list of bindings")) {
		return;
	}
	if (node->len > LIMIT_BINDINGS) {
		report_error(&reader->report, span_of(node),
			     "more than %d bindings in one phase",
			     LIMIT_BINDINGS);
		return;
	}
	phase->bindings = alloc_zeroed(node->len, sizeof(*phase->bindings));
	for (size_t i = 0; i < node->len; i++) {
		struct draft draft = { .phase = kind };

		if (read_binding(reader, node->items[i], &draft)) {
			check_unique(reader, &names, node, i,
				     draft.binding.name);
			phase->bindings[phase->len++] = draft.binding;
		}
	}
	value_clear(&names);
}
