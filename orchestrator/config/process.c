/* Entries of `plugins` that run in processes of their own. */
#include "config/reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"

#define DEATHS_MAX   100000
#define DELAY_MIN_MS 1
#define TIME_MAX_MS  (24 * 3600 * (int64_t)1000)

const struct config_restart reader_restart_default = {
	.delay_ms = 1000,
	.max_ms = 30000,
	.deaths = 5,
	.within_ms = 60000,
};

static const char argument[] = "a text, in quotes if it looks otherwise";

static void free_texts(char **texts)
{
	for (size_t i = 0; texts[i]; i++) {
		free(texts[i]);
	}
	free(texts);
}

/* A program with a slash is a file beside this one; others are looked for in
 * PATH. */
static char *read_program(struct reader *reader, const struct yaml_node *node)
{
	char *text = reader_text(reader, node, "a program");

	if (!text || !strchr(text, '/')) {
		return text;
	}
	char *path = reader_join(reader, text);

	free(text);
	return path;
}

static char *read_argument(struct reader *reader, const struct yaml_node *list,
			   size_t index)
{
	const struct yaml_node *item = list->items[index];

	return index == 0 ? read_program(reader, item)
			  : reader_any_text(reader, item, argument);
}

static bool check_exec(struct reader *reader, const struct yaml_node *node)
{
	if (node->kind == YAML_SCALAR && node->scalar.type == VALUE_STRING) {
		report_error(&reader->report, span_of(node),
			     "expected a list of the program and its "
			     "arguments; write exec: [%.*s]",
			     SLICE_ARG(node->text));
		return false;
	}
	if (!reader_is(reader, node, YAML_SEQUENCE,
		       "a list of the program and its arguments")) {
		return false;
	}
	if (node->len == 0 || node->len > LIMIT_ARGUMENTS) {
		report_error(&reader->report, span_of(node),
			     "expected a program and at most %d arguments",
			     LIMIT_ARGUMENTS - 1);
		return false;
	}
	return true;
}

void reader_exec(struct reader *reader, const struct yaml_node *node,
		 void *target)
{
	struct config_module *module = target;
	size_t len = 0;

	if (!check_exec(reader, node)) {
		return;
	}
	char **argv = alloc_zeroed(node->len + 1, sizeof(*argv));

	for (size_t i = 0; i < node->len; i++) {
		argv[len] = read_argument(reader, node, i);
		len += argv[len] != NULL;
	}
	if (len < node->len) {
		free_texts(argv);
	} else {
		module->argv = argv;
	}
}

static bool check_variable(struct reader *reader, const struct yaml_node *key)
{
	struct slice name = key->text;

	if (name.len == 0 || memchr(name.ptr, '=', name.len) ||
	    memchr(name.ptr, '\0', name.len)) {
		report_error(&reader->report, span_of(key),
			     "a variable has a name, without '='");
		return false;
	}
	if (slice_is(name, "TUTTI_BUS") || slice_is(name, "TUTTI_INSTANCE")) {
		report_error(&reader->report, span_of(key),
			     "'%.*s' is set by the orchestrator",
			     SLICE_ARG(name));
		return false;
	}
	return true;
}

static char *read_variable(struct reader *reader, const struct yaml_node *map,
			   size_t index)
{
	struct buf whole = { 0 };
	char *value = check_variable(reader, map->keys[index])
			  ? reader_any_text(reader, map->items[index], argument)
			  : NULL;

	if (!value) {
		return NULL;
	}
	buf_printf(&whole, "%.*s=%s", SLICE_ARG(map->keys[index]->text), value);
	free(value);
	return buf_take(&whole);
}

void reader_env(struct reader *reader, const struct yaml_node *node,
		void *target)
{
	struct config_module *module = target;
	size_t len = 0;

	if (!reader_is(reader, node, YAML_MAPPING,
		       "a map from variable to text")) {
		return;
	}
	if (node->len > LIMIT_ARGUMENTS) {
		report_error(&reader->report, span_of(node),
			     "more than %d variables", LIMIT_ARGUMENTS);
		return;
	}
	module->env = alloc_zeroed(node->len + 1, sizeof(*module->env));
	for (size_t i = 0; i < node->len; i++) {
		module->env[len] = read_variable(reader, node, i);
		len += module->env[len] != NULL;
	}
}

void reader_instances(struct reader *reader, const struct yaml_node *node,
		      void *target)
{
	struct config_module *module = target;
	int64_t number;

	if (reader_integer(reader, node, 0, LIMIT_INSTANCES, &number)) {
		module->instances = (uint32_t)number;
	}
}

void reader_entry_window(struct reader *reader, const struct yaml_node *node,
			 void *target)
{
	struct config_module *module = target;

	reader_some_time(reader, node, "register_window",
			 &module->register_window_ms);
}

static void read_time(struct reader *reader, const struct yaml_node *node,
		      int64_t *ret_ms)
{
	(void)reader_duration_within(reader, node, DELAY_MIN_MS, TIME_MAX_MS,
				     "a duration from 1ms to 1d", ret_ms);
}

static void read_delay(struct reader *reader, const struct yaml_node *node,
		       void *target)
{
	struct config_restart *restart = target;

	read_time(reader, node, &restart->delay_ms);
}

static void read_max(struct reader *reader, const struct yaml_node *node,
		     void *target)
{
	struct config_restart *restart = target;

	read_time(reader, node, &restart->max_ms);
}

static void read_deaths(struct reader *reader, const struct yaml_node *node,
			void *target)
{
	struct config_restart *restart = target;
	int64_t number;

	if (reader_integer(reader, node, 1, DEATHS_MAX, &number)) {
		restart->deaths = (uint32_t)number;
	}
}

static void read_within(struct reader *reader, const struct yaml_node *node,
			void *target)
{
	struct config_restart *restart = target;

	read_time(reader, node, &restart->within_ms);
}

static const struct config_key restart_keys[] = {
	{
	    .name = "delay",
	    .read = read_delay,
	    .help = "After the first death; doubles with each in a row. 1s by "
		    "default.",
	},
	{
	    .name = "max",
	    .read = read_max,
	    .help = "The longest delay; 30s by default.",
	},
	{
	    .name = "deaths",
	    .read = read_deaths,
	    .help = "After so many deaths within the time of 'within' it is "
		    "given up; 5 by default.",
	},
	{
	    .name = "within",
	    .read = read_within,
	    .help = "The time in which deaths are counted; 1m by default.",
	},
};

const struct config_mapping config_restart_mapping = {
	.name = "restart",
	.title = "'restart'",
	.keys = restart_keys,
	.len = sizeof(restart_keys) / sizeof(restart_keys[0]),
};

void reader_restart(struct reader *reader, const struct yaml_node *node,
		    void *target)
{
	struct config_module *module = target;
	struct config_restart *restart = &module->restart;

	if (!reader_is(reader, node, YAML_MAPPING,
		       "a map with delay, max, deaths or within")) {
		return;
	}
	reader_mapping(reader, node, &config_restart_mapping, restart);
	if (restart->max_ms < restart->delay_ms) {
		/* One that is given alone moves the other's default along. */
		if (!yaml_get(node, "max")) {
			restart->max_ms = restart->delay_ms;
		} else if (!yaml_get(node, "delay")) {
			restart->delay_ms = restart->max_ms;
		} else {
			report_error(&reader->report,
				     span_of(yaml_get(node, "max")),
				     "'max' is shorter than 'delay'");
		}
	}
}
