/* What the keys of one entry of `plugins` say together. */
#include "config/reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "config/path.h"

/* "resize" of "a/resize.so"; borrowed. */
static struct slice base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct slice name = slice_of(slash ? slash + 1 : path);
	struct slice suffix = SLICE(".so");

	if (name.len > suffix.len && slice_ends_with(name, suffix)) {
		name.len -= suffix.len;
	}
	return name;
}

static void make_absolute(char **path)
{
	char *whole = path_absolute(*path);

	free(*path);
	*path = whole;
}

/*
 * Processes run where relative names in their arguments mean what they mean
 * in the file. What is to run must be found from there too.
 */
static void set_directory(const struct reader *reader,
			  struct config_module *module)
{
	module->directory =
	    path_absolute(reader->folder[0] ? reader->folder : ".");
	if (module->path) {
		make_absolute(&module->path);
	}
	if (module->argv && strchr(module->argv[0], '/')) {
		make_absolute(&module->argv[0]);
	}
}

static const struct yaml_node *key_or_entry(const struct yaml_node *node,
					    const char *key)
{
	const struct yaml_node *found = yaml_get(node, key);

	return found ? found : node;
}

/* Does the entry say at all what is to run, in a way that makes sense? */
static bool check_source(struct reader *reader, const struct yaml_node *node)
{
	bool path = yaml_get(node, "path") != NULL;
	bool exec = yaml_get(node, "exec") != NULL;

	if (path && exec) {
		report_error(&reader->report, span_of(yaml_get(node, "exec")),
			     "an entry has either 'path' or 'exec'");
		return false;
	}
	if (!path && !exec) {
		report_error(&reader->report, span_of(node),
			     "the key 'path', 'exec' or 'plugin' is missing");
	}
	return path || exec;
}

static void check_form(struct reader *reader, const struct yaml_node *node,
		       struct config_module *module)
{
	const struct yaml_node *form = yaml_get(node, "form");
	bool exec = yaml_get(node, "exec") != NULL;

	if (exec && form && module->form != FORM_PROCESS) {
		report_error(&reader->report, span_of(form),
			     "a program is always a process; leave 'form' out "
			     "or write process");
	} else if (!exec && module->form == FORM_PROCESS) {
		report_error(&reader->report, span_of(form),
			     "form process is for programs: 'exec' instead of "
			     "'path'; a module in a process of its own is "
			     "isolated");
	}
	if (exec) {
		module->form = FORM_PROCESS;
	}
}

static void check_process_keys(struct reader *reader,
			       const struct yaml_node *node)
{
	static const char *const keys[] = {
		"instances",
		"env",
		"restart",
		"register_window",
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const struct yaml_node *found = yaml_get(node, keys[i]);

		if (found) {
			report_error(&reader->report, span_of(found),
				     "'%s' is only for plugins in processes "
				     "of their own: form isolated, or exec",
				     keys[i]);
		}
	}
}

static void default_name(struct config_module *module)
{
	const char *file =
	    module->argv && module->argv[0] ? module->argv[0] : module->path;

	if (!module->name && file) {
		module->name = slice_dup(base_name(file));
	}
}

/* A program with a '/' at its end, say, gives no name. */
static bool check_default_name(struct reader *reader,
			       const struct yaml_node *node,
			       const struct config_module *module)
{
	const char *source = module->form == FORM_PROCESS ? "exec" : "path";

	if (name_valid(slice_of(module->name))) {
		return true;
	}
	report_error(&reader->report, span_of(key_or_entry(node, source)),
		     "this gives no name; give the entry one with 'name'");
	return false;
}

static void check_unique_name(struct reader *reader,
			      const struct yaml_node *node,
			      const struct config_module *module)
{
	const struct config *config = reader->config;
	const struct value *first =
	    value_get(&reader->process_index, module->name);

	if (!first) {
		value_set(&reader->process_index, module->name,
			  value_int((int64_t)config->module_count - 1));
		return;
	}
	struct config_place place = config->modules[first->as.integer].place;
	struct yaml_mark mark = { place.line, place.column };

	report_error(&reader->report, span_of(key_or_entry(node, "name")),
		     "an entry named '%s' is already here; give this one "
		     "another name with 'name'",
		     module->name);
	report_note(&reader->report, source_word(reader->report.source, mark),
		    "the first one is here");
}

void reader_finish_module(struct reader *reader, const struct yaml_node *node,
			  struct config_module *module)
{
	if (node->kind == YAML_MAPPING) {
		if (!check_source(reader, node)) {
			return;
		}
		check_form(reader, node, module);
		if (module->form == FORM_IN_PROCESS) {
			check_process_keys(reader, node);
		}
	}
	default_name(module);
	/* Without a name what should give one was reported. */
	if (module->form == FORM_IN_PROCESS || !module->name) {
		return;
	}
	set_directory(reader, module);
	if (check_default_name(reader, node, module)) {
		check_unique_name(reader, node, module);
	}
}
