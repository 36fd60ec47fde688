#include "config/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "config/expand.h"
#include "config/path.h"
#include "config/queue.h"

static struct value duration(int64_t duration_ms)
{
	char text[CLOCK_TEXT_SIZE];

	duration_format(duration_ms, text);
	return value_text(text);
}

/* Where the document will be read again, is not where it is made. */
static struct value absolute(const char *path)
{
	char *whole = path_absolute(path);
	struct value value = value_text(whole);

	free(whole);
	return value;
}

static void put_choice(struct value *map, enum choice mandatory)
{
	if (mandatory != CHOICE_UNSET) {
		value_set(map, "mandatory",
			  value_bool(mandatory == CHOICE_YES));
	}
}

static void put_order(struct value *map, int order)
{
	if (order) {
		value_set(map, "order", value_int(order));
	}
}

static void put_copy(struct value *map, const char *key,
		     const struct value *document)
{
	if (document->type != VALUE_NULL) {
		value_set(map, key, value_copy(document));
	}
}

static struct value overrides(const struct config_module *module)
{
	struct value map = value_map();

	for (size_t i = 0; i < module->override_count; i++) {
		const struct config_override *override = &module->overrides[i];
		struct value entry = value_map();

		put_choice(&entry, override->mandatory);
		put_order(&entry, override->order);
		value_set(&map, override->activity, entry);
	}
	return map;
}

/* A program that is looked for in PATH stays as it is. */
static struct value command(const struct config_module *module)
{
	struct value list = value_array();

	for (size_t i = 0; module->argv[i]; i++) {
		bool file = i == 0 && strchr(module->argv[0], '/');

		value_push(&list, file ? absolute(module->argv[0])
				       : value_text(module->argv[i]));
	}
	return list;
}

static struct value environment(char *const *env)
{
	struct value map = value_map();

	for (; *env; env++) {
		size_t len = strcspn(*env, "=");

		value_set_slice(&map, (struct slice){ *env, len },
				value_text(*env + len + 1));
	}
	return map;
}

static struct value restart(const struct config_restart *source)
{
	struct value map = value_map();

	value_set(&map, "delay", duration(source->delay_ms));
	value_set(&map, "max", duration(source->max_ms));
	value_set(&map, "deaths", value_int(source->deaths));
	value_set(&map, "within", duration(source->within_ms));
	return map;
}

/* Of those of which there may be none. */
static void put_time(struct value *map, const char *key, int64_t time_ms)
{
	if (time_ms) {
		value_set(map, key, duration(time_ms));
	}
}

static void put_window(struct value *map, int64_t window_ms)
{
	put_time(map, "register_window", window_ms);
}

static void put_process(struct value *map, const struct config_module *module)
{
	value_set(map, "instances", value_int(module->instances));
	if (module->env) {
		value_set(map, "env", environment(module->env));
	}
	value_set(map, "restart", restart(&module->restart));
	put_window(map, module->register_window_ms);
}

static void put_queue(struct value *map, const struct config_module *module)
{
	if (module->queue_given) {
		value_set(map, "queue",
			  module->queue ? queue_document(module->queue)
					: value_bool(false));
	}
}

/* What may be said of each plugin, whoever starts it. */
static void put_conditions(struct value *map,
			   const struct config_module *module)
{
	if (module->max_tasks) {
		value_set(map, "max_tasks", value_int(module->max_tasks));
	}
	if (module->override_count) {
		value_set(map, "overrides", overrides(module));
	}
	put_queue(map, module);
}

static struct value plugin(const struct config_module *module)
{
	static const char *const forms[] = {
		[FORM_IN_PROCESS] = "in-process",
		[FORM_ISOLATED] = "isolated",
		[FORM_PROCESS] = "process",
	};
	struct value map = value_map();

	if (module->argv) {
		value_set(&map, "exec", command(module));
	} else {
		value_set(&map, "path", absolute(module->path));
	}
	if (module->plugin) {
		value_set(&map, "plugin", value_text(module->plugin));
	}
	value_set(&map, "name", value_text(module->name));
	value_set(&map, "form", value_text(forms[module->form]));
	if (module->form != FORM_IN_PROCESS) {
		put_process(&map, module);
	}
	put_copy(&map, "config", &module->config);
	put_conditions(&map, module);
	return map;
}

static struct value announced(const struct config_module *module)
{
	struct value map = value_map();

	value_set(&map, "plugin", value_text(module->name));
	put_conditions(&map, module);
	return map;
}

static struct value plugins(const struct config *config)
{
	struct value list = value_array();

	for (size_t i = 0; i < config->module_count; i++) {
		value_push(&list, plugin(&config->modules[i]));
	}
	for (size_t i = 0; i < config->announced_count; i++) {
		value_push(&list, announced(&config->announced[i]));
	}
	return list;
}

static struct value binding(const struct binding *source, enum phase_kind phase)
{
	struct value map = value_map();

	value_set(&map, "plugin", value_text(source->plugin));
	value_set(&map, "as", value_text(source->name));
	put_copy(&map, "filter", &source->filter);
	put_copy(&map, "with", &source->with);
	put_choice(&map, source->mandatory);
	put_order(&map, source->order);
	put_time(&map, "timeout", source->timeout_ms);
	put_time(&map, "deadline", source->deadline_ms);
	if (source->retry.attempts) {
		value_set(&map, "retry", retry_document(&source->retry));
	}
	if (phase == PHASE_POST) {
		value_set(&map, "run_on",
			  value_text(run_on_name(source->run_on)));
	}
	return map;
}

static void put_require(struct value *map,
			const struct activity_definition *source)
{
	struct value list = value_array();

	for (size_t i = 0; i < source->require_len; i++) {
		value_push(&list, value_text(source->require[i]));
	}
	if (source->require_len) {
		value_set(map, "require", list);
	} else {
		value_clear(&list);
	}
}

static struct value activity(const struct activity_definition *source)
{
	struct value map = value_map();

	for (enum phase_kind phase = 0; phase < PHASE_KINDS; phase++) {
		const struct phase_definition *bound = &source->phases[phase];
		struct value list = value_array();

		for (size_t i = 0; i < bound->len; i++) {
			value_push(&list, binding(&bound->bindings[i], phase));
		}
		value_set(&map, phase_kind_name(phase), list);
	}
	put_require(&map, source);
	put_window(&map, source->register_window_ms);
	put_time(&map, "deadline", source->deadline_ms);
	value_set(&map, "on_failure",
		  value_text(source->on_failure == ON_FAILURE_CANCEL
				 ? "cancel"
				 : "drain"));
	value_set(&map, "on_empty",
		  value_text(source->fail_on_empty ? "fail" : "succeed"));
	value_set(
	    &map, "optional_failure",
	    value_text(source->fail_on_optional_failure ? "fail" : "degrade"));
	return map;
}

static struct value activities(const struct config *config)
{
	struct value map = value_map();

	for (size_t i = 0; i < config->activity_count; i++) {
		value_set(&map, config->activities[i].name,
			  activity(&config->activities[i]));
	}
	return map;
}

static const struct activity_definition *
find_activity(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->activity_count; i++) {
		if (!strcmp(config->activities[i].name, name)) {
			return &config->activities[i];
		}
	}
	return NULL;
}

/* A window that an activity has only in the workflow is the workflow's. */
static int64_t workflow_window(const struct config *config,
			       const struct definition *definition)
{
	for (size_t i = 0; i < definition->len; i++) {
		const struct activity_definition *it =
		    &definition->activities[i];
		const struct activity_definition *own =
		    it->register_window_ms ? find_activity(config, it->name)
					   : NULL;

		if (own && own->register_window_ms == 0) {
			return it->register_window_ms;
		}
	}
	return 0;
}

static struct value workflows(const struct config *config)
{
	struct value map = value_map();

	for (size_t i = 0; i < config->workflow_count; i++) {
		const struct definition *definition = config->workflows[i];
		struct value workflow = value_map();
		struct value list = value_array();

		for (size_t j = 0; j < definition->len; j++) {
			value_push(&list,
				   value_text(definition->activities[j].name));
		}
		value_set(&workflow, "activities", list);
		put_window(&workflow, workflow_window(config, definition));
		put_time(&workflow, "deadline", definition->deadline_ms);
		value_set(&map, definition->workflow, workflow);
	}
	return map;
}

/* Nothing when everything is kept for ever. */
static void put_retain(struct value *map, const struct config *config)
{
	struct value retain = value_map();

	for (int state = 0; state < GROUP_STATES; state++) {
		if (config->retain_ms[state]) {
			value_set(&retain,
				  group_state_name((enum group_state)state),
				  duration(config->retain_ms[state]));
		}
	}
	if (value_len(&retain)) {
		value_set(map, "retain", retain);
	} else {
		value_clear(&retain);
	}
}

/* The value with every string such that it is read back as it is now. */
static struct value escaped(const struct value *value)
{
	struct buf text = { 0 };
	struct value copy;

	switch (value->type) {
	case VALUE_STRING:
		expand_escape(value->as.text, &text);
		copy = value_string(buf_slice(&text));
		buf_fini(&text);
		return copy;
	case VALUE_ARRAY:
		copy = value_array();
		for (size_t i = 0; i < value_len(value); i++) {
			value_push(&copy, escaped(value_at(value, i)));
		}
		return copy;
	case VALUE_MAP:
		copy = value_map();
		for (size_t i = 0; i < value_len(value); i++) {
			const struct value_entry *entry =
			    value_entry_at(value, i);

			value_set_slice(&copy, entry->key,
					escaped(&entry->value));
		}
		return copy;
	default:
		return value_copy(value);
	}
}

struct value config_to_value(const struct config *config)
{
	struct value map = value_map();

	value_set(&map, "store", absolute(config->store));
	value_set(&map, "control", absolute(config->control));
	if (config->listen) {
		value_set(&map, "listen", value_text(config->listen));
	}
	value_set(&map, "lease", duration(config->lease_ms));
	value_set(&map, "crash_limit", value_int(config->crash_limit));
	value_set(&map, "filter_limits",
		  value_text(filter_limits_name(config->filter_limits)));
	value_set(&map, "durability",
		  value_text(durability_name(config->durability)));
	value_set(&map, "grace", duration(config->grace_ms));
	put_retain(&map, config);
	value_set(&map, "plugins", plugins(config));
	if (config->activity_count) {
		value_set(&map, "activities", activities(config));
	}
	if (config->workflow_count) {
		value_set(&map, "workflows", workflows(config));
	}
	struct value document = escaped(&map);

	value_clear(&map);
	return document;
}
