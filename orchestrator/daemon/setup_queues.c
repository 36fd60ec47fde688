/* Whose queue is which, as far as the config and its modules say. */
#include "daemon/setup.h"

#include <string.h>

#include "daemon/registration_queue.h"
#include "host/queue.h"

struct looking {
	const struct config *config;
	struct value owners; /* queue -> plugin */
	struct buf *diagnostics;
	bool good;
};

static void take(struct looking *looking, struct slice queue,
		 struct slice plugin, struct config_place place)
{
	const struct value *owner = value_get_slice(&looking->owners, queue);

	if (!owner) {
		value_set_slice(&looking->owners, queue, value_string(plugin));
		return;
	}
	config_diagnose(looking->config, place, looking->diagnostics,
			"plugin '%.*s': the queue '%.*s' is plugin '%.*s''s "
			"already; a queue belongs to one plugin",
			SLICE_ARG(plugin), SLICE_ARG(queue),
			SLICE_ARG(owner->as.text));
	looking->good = false;
}

/* `module` is the entry, or NULL; the declaration has been checked. */
static void look(struct looking *looking, struct slice plugin,
		 const struct config_module *module,
		 const struct value *declared)
{
	struct config_place place = { 0 };
	struct queue_policy *own;

	if (module) {
		place = module->place;
	}
	if (queue_from(declared, &own, NULL) < 0) {
		return;
	}
	const struct queue_policy *queue =
	    module && module->queue_given ? module->queue : own;

	if (queue) {
		take(looking, queue_policy_name(queue, plugin), plugin, place);
	}
	queue_destroy(own);
}

static void look_at_loaded(struct looking *looking, const struct host *host)
{
	for (size_t i = 0; i < host_plugin_count(host); i++) {
		struct host_plugin_info info = host_plugin_info(host, i);
		struct value declared = host_queue_describe(info.queue);

		look(looking, slice_of(info.name),
		     setup_entry_of(looking->config, &info), &declared);
		value_clear(&declared);
	}
}

static void look_at_described(struct looking *looking,
			      const struct config_module *module,
			      const struct value *description)
{
	const struct value *plugins =
	    description ? value_get(description, "plugins") : NULL;

	for (size_t i = 0; plugins && i < value_len(plugins); i++) {
		const struct value *said = value_at(plugins, i);

		look(looking, value_get_text(said, "name"), module,
		     value_get(said, "queue"));
	}
}

static bool is_loaded(const struct host *host, const char *name)
{
	for (size_t i = 0; i < host_plugin_count(host); i++) {
		if (!strcmp(host_plugin_info(host, i).name, name)) {
			return true;
		}
	}
	return false;
}

static void look_at_announced(struct looking *looking, const struct host *host)
{
	const struct config_module *entry;
	size_t cursor = 0;

	while ((entry = config_next_announced(looking->config, &cursor))) {
		/* What is built in has been looked at. */
		if (!is_loaded(host, entry->plugin)) {
			look(looking, slice_of(entry->plugin), entry, NULL);
		}
	}
}

bool setup_check_queues(const struct config *config, const struct host *host,
			const struct value *isolated, struct buf *diagnostics)
{
	struct looking looking = {
		.config = config,
		.owners = value_map(),
		.diagnostics = diagnostics,
		.good = true,
	};

	look_at_announced(&looking, host);
	for (size_t i = 0; i < config->module_count; i++) {
		const struct config_module *module = &config->modules[i];

		if (module->form == FORM_ISOLATED) {
			look_at_described(&looking, module,
					  value_get(isolated, module->name));
		}
	}
	look_at_loaded(&looking, host);
	value_clear(&looking.owners);
	return looking.good;
}
