/* Entries of `plugins` that name their plugin, above all those for plugins that
 * somebody else starts, and what holds for the queues of all entries
 * together. */
#include "config/reader.h"

#include <stdlib.h>

#include "base/alloc.h"

bool reader_is_announced(const struct yaml_node *node)
{
	return node->kind == YAML_MAPPING && yaml_get(node, "plugin") &&
	       !yaml_get(node, "exec");
}

void reader_announced_name(struct reader *reader, const struct yaml_node *node,
			   void *target)
{
	struct config_module *module = target;

	module->plugin = reader_name(reader, node, "the name of a plugin");
}

/* Where `name` was first; otherwise it is now, at `node`. */
static bool find_first(struct value *index, const char *name,
		       const struct yaml_node *node,
		       struct yaml_mark *ret_first)
{
	const struct value *first = value_get(index, name);

	if (first) {
		ret_first->line = (unsigned)value_get_int(first, "line", 0);
		ret_first->column = (unsigned)value_get_int(first, "column", 0);
		return true;
	}
	struct value place = value_map();

	value_set(&place, "line", value_int(node->start.line));
	value_set(&place, "column", value_int(node->start.column));
	value_set(index, name, place);
	return false;
}

static void note_first(struct reader *reader, struct yaml_mark first)
{
	report_note(&reader->report, source_word(reader->report.source, first),
		    "the first one is here");
}

/* ---- keys ---- */

static void check_source(struct reader *reader, const struct yaml_node *node)
{
	const struct yaml_node *path = yaml_get(node, "path");

	if (path) {
		report_error(&reader->report, span_of(path),
			     "an entry has either 'plugin', for one that "
			     "somebody else starts or that the program of "
			     "'exec' registers, or 'path': a module says "
			     "itself what its plugins are called");
	}
}

/* What is said where it is started. */
static void check_others(struct reader *reader, const struct yaml_node *node)
{
	static const char *const keys[] = {
		"form",    "instances",       "env",
		"restart", "register_window", "config",
	};
	const struct yaml_node *name = yaml_get(node, "name");

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const struct yaml_node *found = yaml_get(node, keys[i]);

		if (found) {
			report_error(&reader->report, span_of(found),
				     "'%s' is for what the orchestrator starts "
				     "itself: 'plugin' without 'exec' is for a "
				     "plugin that somebody else starts, and "
				     "has queue, overrides and max_tasks",
				     keys[i]);
		}
	}
	if (name) {
		report_error(&reader->report, span_of(name),
			     "this entry is called as its plugin; leave 'name' "
			     "out");
	}
}

void reader_check_plugin(struct reader *reader, const struct yaml_node *node,
			 const struct config_module *module)
{
	struct yaml_mark first;

	if (!module->plugin) {
		return;
	}
	const struct yaml_node *name = yaml_get(node, "plugin");

	if (find_first(&reader->announced_index, module->plugin, name,
		       &first)) {
		report_error(&reader->report, span_of(name),
			     "the plugin '%s' has an entry already",
			     module->plugin);
		note_first(reader, first);
	}
}

void reader_finish_announced(struct reader *reader,
			     const struct yaml_node *node,
			     struct config_module *module)
{
	check_source(reader, node);
	check_others(reader, node);
	/* It may have a `name` too, which was a mistake. */
	free(module->name);
	module->name = alloc_string(module->plugin);
	reader_check_plugin(reader, node, module);
}

/* ---- queues ---- */

/* Of several plugins that may be in a module each has its own, unless the
 * plugin or the queue is named. */
static const char *queue_name(const struct config_module *module)
{
	if (!module->queue) {
		return NULL;
	}
	return module->queue->name ? module->queue->name : module->plugin;
}

/* The node that names it, as well as it does. */
static const struct yaml_node *naming(const struct yaml_node *node)
{
	const struct yaml_node *queue = yaml_get(node, "queue");
	const struct yaml_node *name =
	    queue->kind == YAML_MAPPING ? yaml_get(queue, "name") : NULL;

	return name ? name : queue;
}

void reader_check_queue(struct reader *reader, const struct yaml_node *node,
			const struct config_module *module)
{
	const char *name = queue_name(module);
	struct yaml_mark first;

	if (name &&
	    find_first(&reader->queue_index, name, naming(node), &first)) {
		report_error(&reader->report, span_of(naming(node)),
			     "the queue '%s' is another plugin's already; a "
			     "queue belongs to one plugin",
			     name);
		note_first(reader, first);
	}
}
