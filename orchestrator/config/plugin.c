#include "config/reader.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/limits.h"

#define ORDER_MAX 1000000
#define TASKS_MAX 100000

static void read_path(struct reader *reader, const struct yaml_node *node,
		      void *target)
{
	struct config_module *module = target;

	reader_path_into(reader, node, &module->path);
}

static void read_name(struct reader *reader, const struct yaml_node *node,
		      void *target)
{
	struct config_module *module = target;

	module->name = reader_name(reader, node, "a name for the entry");
}

static void read_form(struct reader *reader, const struct yaml_node *node,
		      void *target)
{
	static const struct word words[] = {
		{ .name = "in-process", .number = FORM_IN_PROCESS },
		{ .name = "isolated", .number = FORM_ISOLATED },
		{ .name = "process", .number = FORM_PROCESS },
		{ .name = NULL },
	};
	struct config_module *module = target;
	int form;

	if (reader_word(reader, node, words, &form)) {
		module->form = (enum config_form)form;
	}
}

static void read_config(struct reader *reader, const struct yaml_node *node,
			void *target)
{
	struct config_module *module = target;

	if (reader_is(reader, node, YAML_MAPPING, "a map of parameters")) {
		module->config = reader_document(reader, node, EXPAND_PLAIN);
	}
}

static void read_max_tasks(struct reader *reader, const struct yaml_node *node,
			   void *target)
{
	struct config_module *module = target;
	int64_t number;

	if (reader_integer(reader, node, 1, TASKS_MAX, &number)) {
		module->max_tasks = (uint32_t)number;
	}
}

static void read_override_mandatory(struct reader *reader,
				    const struct yaml_node *node, void *target)
{
	struct config_override *override = target;
	bool mandatory;

	if (reader_boolean(reader, node, &mandatory)) {
		override->mandatory = mandatory ? CHOICE_YES : CHOICE_NO;
	}
}

static void read_override_order(struct reader *reader,
				const struct yaml_node *node, void *target)
{
	struct config_override *override = target;
	int64_t order;

	if (reader_integer(reader, node, 1, ORDER_MAX, &order)) {
		override->order = (int)order;
	}
}

static const struct config_key override_keys[] = {
	{
	    .name = "mandatory",
	    .read = read_override_mandatory,
	    .help = "Instead of what the plugin declares.",
	},
	{
	    .name = "order",
	    .read = read_override_order,
	    .help = "Instead of what the plugin declares.",
	},
};

const struct config_mapping config_override_mapping = {
	.name = "override",
	.title = "an override",
	.keys = override_keys,
	.len = sizeof(override_keys) / sizeof(override_keys[0]),
};

static void read_overrides(struct reader *reader, const struct yaml_node *node,
			   void *target)
{
	struct config_module *module = target;

	if (!reader_is(reader, node, YAML_MAPPING,
		       "a map from activity to overrides")) {
		return;
	}
	module->overrides = alloc_zeroed(node->len, sizeof(*module->overrides));
	for (size_t i = 0; i < node->len; i++) {
		const struct yaml_node *key = node->keys[i];
		struct config_override *override =
		    &module->overrides[module->override_count++];

		override->activity = slice_dup(key->text);
		(void)reader_find_activity(reader, key, key->text);
		if (reader_is(reader, node->items[i], YAML_MAPPING,
			      "a map with mandatory or order")) {
			reader_mapping(reader, node->items[i],
				       &config_override_mapping, override);
		}
	}
}

static const struct config_key keys[] = {
	{
	    .name = "path",
	    .read = read_path,
	    .help = "The module; relative to the folder of this file.",
	},
	{
	    .name = "exec",
	    .read = reader_exec,
	    .help = "The program and its arguments, instead of path; a "
		    "program with a '/' is relative to the folder of this "
		    "file.",
	},
	{
	    .name = "plugin",
	    .read = reader_announced_name,
	    .help = "The plugin that the program of exec registers: it is "
		    "known, and its tasks wait, before it has. Without exec "
		    "and path: one that somebody else starts, now or later.",
	},
	{
	    .name = "name",
	    .read = read_name,
	    .help = "Name of the entry; by default the last part of path "
		    "without .so, or of the program.",
	},
	{
	    .name = "form",
	    .read = read_form,
	    .help = "Where the module runs: in-process, in a worker thread "
		    "of the orchestrator, or isolated, in a process of its "
		    "own. A program is always a process.",
	},
	{
	    .name = "instances",
	    .read = reader_instances,
	    .help = "How many processes share its tasks; 1 by default.",
	},
	{
	    .name = "env",
	    .read = reader_env,
	    .help = "Environment variables of its processes, besides the "
		    "orchestrator's own.",
	},
	{
	    .name = "restart",
	    .read = reader_restart,
	    .help = "When a process that ended is started again.",
	},
	{
	    .name = "register_window",
	    .read = reader_entry_window,
	    .help = "How long no phase opens, once its process is started, "
		    "before it has registered; none by default.",
	},
	{
	    .name = "config",
	    .read = read_config,
	    .help = "Parameters as its plugins declare them.",
	},
	{
	    .name = "max_tasks",
	    .read = read_max_tasks,
	    .help = "Tasks at a time of one instance; never more than the "
		    "plugin allows.",
	},
	{
	    .name = "overrides",
	    .read = read_overrides,
	    .help = "What is different in which activity for what the "
		    "plugins subscribe to themselves.",
	},
	{
	    .name = "queue",
	    .read = reader_queue,
	    .help = "The plugin's tasks wait in a durable queue until it "
		    "takes them, instead of being handed to it at once: true, "
		    "the queue's name or a map; false for none, although the "
		    "plugin declares one.",
	},
};

const struct config_mapping config_plugin_mapping = {
	.name = "plugin",
	.title = "a plugin",
	.keys = keys,
	.len = sizeof(keys) / sizeof(keys[0]),
};

static void check_unique(struct reader *reader, const struct yaml_node *node,
			 const struct config_module *module)
{
	const struct config *config = reader->config;
	const struct value *first =
	    value_get(&reader->module_index, module->path);

	if (!first) {
		value_set(&reader->module_index, module->path,
			  value_int((int64_t)config->module_count - 1));
		return;
	}
	struct config_place place = config->modules[first->as.integer].place;
	struct yaml_mark mark = { place.line, place.column };

	report_error(&reader->report, span_of(node),
		     "the module '%s' is here twice", module->path);
	report_note(&reader->report, source_word(reader->report.source, mark),
		    "the first one is here");
}

static void read_announced(struct reader *reader, const struct yaml_node *node)
{
	struct config *config = reader->config;

	alloc_grow(config->announced, config->announced_count,
		   reader->announced_cap);
	struct config_module *module =
	    &config->announced[config->announced_count++];

	*module = (struct config_module){
		.form = FORM_PROCESS,
		.place = { node->start.line, node->start.column },
	};
	reader_mapping(reader, node, &config_plugin_mapping, module);
	reader_finish_announced(reader, node, module);
	reader_check_queue(reader, node, module);
}

static void read_module(struct reader *reader, const struct yaml_node *node)
{
	struct config *config = reader->config;

	alloc_grow(config->modules, config->module_count, reader->module_cap);
	struct config_module *module = &config->modules[config->module_count++];

	*module = (struct config_module){
		.instances = 1,
		.restart = reader_restart_default,
		.place = { node->start.line, node->start.column },
	};
	if (node->kind == YAML_MAPPING) {
		reader_mapping(reader, node, &config_plugin_mapping, module);
	} else if (node->kind == YAML_SCALAR &&
		   node->scalar.type == VALUE_STRING) {
		read_path(reader, node, module);
	} else {
		reader_expected(reader, node,
				"a path or a map with 'path', 'exec' or "
				"'plugin'");
		return;
	}
	if (module->path) {
		check_unique(reader, node, module);
	}
	reader_finish_module(reader, node, module);
	reader_check_plugin(reader, node, module);
	reader_check_queue(reader, node, module);
}

void reader_plugins(struct reader *reader)
{
	const struct yaml_node *node = reader->plugins;

	if (!node ||
	    !reader_is(reader, node, YAML_SEQUENCE, "a list of plugins")) {
		return;
	}
	if (node->len > LIMIT_MODULES) {
		report_error(&reader->report, span_of(node),
			     "more than %d modules", LIMIT_MODULES);
		return;
	}
	for (size_t i = 0; i < node->len; i++) {
		if (reader_is_announced(node->items[i])) {
			read_announced(reader, node->items[i]);
		} else {
			read_module(reader, node->items[i]);
		}
	}
}
