#include "config/config.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "config/expand.h"

static struct value duration(int64_t duration_ms)
{
	char text[CLOCK_TEXT_SIZE];

	duration_format(duration_ms, text);
	return value_text(text);
}

/* Where the document will be read again, is not where it is made. */
static struct value absolute(const char *path)
{
	char *here = path[0] == '/' ? NULL : getcwd(NULL, 0);
	struct buf whole = { 0 };

	if (here) {
		buf_put_text(&whole, here);
		buf_put_byte(&whole, '/');
		while (path[0] == '.' && path[1] == '/') {
			path += 2;
		}
	}
	buf_put_text(&whole, path);
	struct value value = value_string(buf_slice(&whole));

	buf_fini(&whole);
	free(here);
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

static struct value plugins(const struct config *config)
{
	struct value list = value_array();

	for (size_t i = 0; i < config->module_count; i++) {
		const struct config_module *module = &config->modules[i];
		struct value map = value_map();

		value_set(&map, "path", absolute(module->path));
		value_set(&map, "form", value_text("in-process"));
		put_copy(&map, "config", &module->config);
		if (module->max_tasks) {
			value_set(&map, "max_tasks",
				  value_int(module->max_tasks));
		}
		if (module->override_count) {
			value_set(&map, "overrides", overrides(module));
		}
		value_push(&list, map);
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
	if (source->timeout_ms) {
		value_set(&map, "timeout", duration(source->timeout_ms));
	}
	if (phase == PHASE_POST) {
		value_set(&map, "run_on",
			  value_text(run_on_name(source->run_on)));
	}
	return map;
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
		value_set(&map, definition->workflow, workflow);
	}
	return map;
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
	value_set(&map, "durability", value_text("strict"));
	value_set(&map, "grace", duration(config->grace_ms));
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
