#include "config/config.h"

#include <stdarg.h>
#include <stdlib.h>

#include "config/report.h"

static void texts_free(char **texts)
{
	for (size_t i = 0; texts && texts[i]; i++) {
		free(texts[i]);
	}
	free(texts);
}

static void module_fini(struct config_module *module)
{
	for (size_t i = 0; i < module->override_count; i++) {
		free(module->overrides[i].activity);
	}
	free(module->overrides);
	free(module->name);
	free(module->path);
	free(module->plugin);
	free(module->directory);
	texts_free(module->argv);
	texts_free(module->env);
	value_clear(&module->config);
	if (module->queue) {
		queue_policy_fini(module->queue);
		free(module->queue);
	}
}

static void lists_fini(struct config *config)
{
	for (size_t i = 0; i < config->module_count; i++) {
		module_fini(&config->modules[i]);
	}
	for (size_t i = 0; i < config->announced_count; i++) {
		module_fini(&config->announced[i]);
	}
	for (size_t i = 0; i < config->activity_count; i++) {
		activity_definition_fini(&config->activities[i]);
	}
	for (size_t i = 0; i < config->workflow_count; i++) {
		definition_unref(config->workflows[i]);
	}
	for (size_t i = 0; i < config->reference_count; i++) {
		free(config->references[i].plugin);
	}
}

void config_destroy(struct config *config)
{
	if (!config) {
		return;
	}
	lists_fini(config);
	free(config->modules);
	free(config->announced);
	free(config->activities);
	free(config->workflows);
	free(config->references);
	free(config->file);
	free(config->source);
	free(config->store);
	free(config->control);
	free(config->listen);
	free(config);
}

struct definition *config_workflow(const struct config *config,
				   struct slice name)
{
	for (size_t i = 0; i < config->workflow_count; i++) {
		if (slice_is(name, config->workflows[i]->workflow)) {
			return config->workflows[i];
		}
	}
	return NULL;
}

const struct config_module *config_next_announced(const struct config *config,
						  size_t *cursor)
{
	while (*cursor < config->module_count) {
		const struct config_module *module =
		    &config->modules[(*cursor)++];

		if (module->plugin) {
			return module;
		}
	}
	size_t index = *cursor - config->module_count;

	if (index == config->announced_count) {
		return NULL;
	}
	(*cursor)++;
	return &config->announced[index];
}

const struct config_module *config_announced(const struct config *config,
					     struct slice name)
{
	const struct config_module *entry;
	size_t cursor = 0;

	while ((entry = config_next_announced(config, &cursor))) {
		if (slice_is(name, entry->plugin)) {
			return entry;
		}
	}
	return NULL;
}

bool config_is_started(const struct config_module *announced)
{
	return announced->argv != NULL;
}

bool config_lacks_plugin(const struct config_module *module)
{
	return module->argv && module->queue && !module->plugin;
}

void config_diagnose(const struct config *config, struct config_place place,
		     struct buf *diagnostics, const char *format, ...)
{
	struct slice source = source_text(slice_of(config->source));
	struct span span = { 0 };
	struct buf sentence = { 0 };
	va_list args;

	if (place.line) {
		span = source_word(
		    source, (struct yaml_mark){ place.line, place.column });
	}
	va_start(args, format);
	buf_vprintf(&sentence, format, args);
	va_end(args);
	diagnostic_put(diagnostics, config->file ? config->file : "config",
		       source, span, "error", buf_slice(&sentence));
	buf_fini(&sentence);
}
