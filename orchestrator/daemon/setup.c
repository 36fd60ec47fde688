#include "daemon/setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/near.h"
#include "daemon/deliver.h"
#include "daemon/describe.h"
#include "daemon/registration_queue.h"
#include "daemon/registrations.h"
#include "daemon/replaced.h"
#include "daemon/subscriptions.h"
#include "host/queue.h"

static bool host_has(const struct host *host, const char *name)
{
	for (size_t i = 0; i < host_plugin_count(host); i++) {
		if (!strcmp(host_plugin_info(host, i).name, name)) {
			return true;
		}
	}
	return false;
}

/* The module of that file, when it stays in this process. */
static const struct config_module *find_inside(const struct config *config,
					       const char *path)
{
	for (size_t i = 0; i < config->module_count; i++) {
		const struct config_module *module = &config->modules[i];

		if (module->form == FORM_IN_PROCESS &&
		    !strcmp(module->path, path)) {
			return module;
		}
	}
	return NULL;
}

const struct config_module *setup_entry_of(const struct config *config,
					   const struct host_plugin_info *info)
{
	const struct config_module *module = find_inside(config, info->module);

	return module ? module : config_announced(config, slice_of(info->name));
}

/* ---- what plugins declare ---- */

static bool check_queue(const struct config *config,
			const struct config_module *module, struct slice name,
			const struct value *queue, struct buf *diagnostics)
{
	struct queue_policy *policy;
	struct err err;

	if (queue_from(queue, &policy, &err) < 0) {
		config_diagnose(config, module->place, diagnostics,
				"plugin '%.*s': %s", SLICE_ARG(name), err.msg);
		return false;
	}
	queue_destroy(policy);
	return true;
}

/* `plugin: NAME` is for what comes by itself. */
static bool check_announced(const struct config *config,
			    const struct config_module *module,
			    struct slice name, struct buf *diagnostics)
{
	const struct config_module *entry = config_announced(config, name);

	if (!entry) {
		return true;
	}
	config_diagnose(config, entry->place, diagnostics,
			"plugin '%.*s' is provided by the entry '%s'; what is "
			"to hold for it belongs there",
			SLICE_ARG(name), module->name);
	return false;
}

static bool check_filters(const struct config *config,
			  const struct config_module *module, struct slice name,
			  const struct value *subscriptions,
			  struct buf *diagnostics)
{
	struct err err;

	if (subscriptions_check(subscriptions, config->filter_limits, &err) ==
	    0) {
		return true;
	}
	config_diagnose(config, module->place, diagnostics, "plugin '%.*s': %s",
			SLICE_ARG(name), err.msg);
	return false;
}

bool setup_check_described(const struct config *config,
			   const struct config_module *module,
			   const struct value *description,
			   struct buf *diagnostics)
{
	const struct value *plugins = value_get(description, "plugins");
	bool good = true;

	for (size_t i = 0; i < value_len(plugins); i++) {
		const struct value *said = value_at(plugins, i);

		struct slice name = value_get_text(said, "name");

		good &= check_filters(config, module, name,
				      value_get(said, "subscriptions"),
				      diagnostics);
		good &= check_queue(config, module, name,
				    value_get(said, "queue"), diagnostics);
		good &= check_announced(config, module, name, diagnostics);
	}
	return good;
}

static bool check_loaded(const struct config *config,
			 const struct config_module *module,
			 const struct host_plugin_info *info,
			 struct buf *diagnostics)
{
	struct value subscriptions;
	struct err err;

	if (subscriptions_describe(info->subscriptions,
				   info->subscription_count, &subscriptions,
				   &err) < 0) {
		config_diagnose(config, module->place, diagnostics,
				"plugin '%s': %s", info->name, err.msg);
		return false;
	}
	bool good = check_filters(config, module, slice_of(info->name),
				  &subscriptions, diagnostics);

	struct value queue = host_queue_describe(info->queue);

	good &= check_queue(config, module, slice_of(info->name), &queue,
			    diagnostics);
	good &=
	    check_announced(config, module, slice_of(info->name), diagnostics);
	value_clear(&queue);
	value_clear(&subscriptions);
	return good;
}

bool setup_check_loaded(const struct config *config,
			const struct config_module *module,
			const struct host *host, struct buf *diagnostics)
{
	bool good = true;

	for (size_t i = 0; i < host_plugin_count(host); i++) {
		struct host_plugin_info info = host_plugin_info(host, i);

		if (!strcmp(info.module, module->path)) {
			good &=
			    check_loaded(config, module, &info, diagnostics);
		}
	}
	return good;
}

/* ---- modules in this process ---- */

static bool load_modules(struct host *host, const struct config *config,
			 struct buf *diagnostics)
{
	bool good = true;

	for (size_t i = 0; i < config->module_count; i++) {
		const struct config_module *module = &config->modules[i];
		struct host_source source = {
			.path = module->path,
			.config = &module->config,
			.max_tasks = module->max_tasks,
		};
		struct err err = { 0 };

		if (module->form != FORM_IN_PROCESS) {
			continue;
		}
		if (module->config.type == VALUE_NULL) {
			source.config = NULL;
		}
		if (host_load(host, &source, &err) < 0) {
			config_diagnose(config, module->place, diagnostics,
					"%s", err.msg);
			good = false;
		} else {
			good &= setup_check_loaded(config, module, host,
						   diagnostics);
		}
	}
	return good;
}

/* The entry that has described a plugin of this name; NULL: none. */
static const char *described_by(const struct value *isolated, struct slice name)
{
	for (size_t i = 0; i < value_len(isolated); i++) {
		const struct value_entry *entry = value_entry_at(isolated, i);
		const struct value *plugins =
		    value_get(&entry->value, "plugins");

		for (size_t k = 0; k < value_len(plugins); k++) {
			if (slice_equal(
				value_get_text(value_at(plugins, k), "name"),
				name)) {
				return entry->key.ptr;
			}
		}
	}
	return NULL;
}

static bool load_linked(struct host *host, const struct value *isolated,
			const struct daemon_options *options,
			struct buf *diagnostics)
{
	bool good = true;

	for (size_t i = 0; i < options->module_count; i++) {
		const struct daemon_module *module = &options->modules[i];
		struct host_source source = {
			.entry = module->entry,
			.label = LINKED_IN,
		};
		const struct config_module *entry =
		    config_announced(options->config, slice_of(module->name));
		struct err err = { 0 };

		source.max_tasks = entry ? entry->max_tasks : 0;
		/* A module of the config may bring its own of that name. */
		if (!host_has(host, module->name) &&
		    !described_by(isolated, slice_of(module->name)) &&
		    host_load(host, &source, &err) < 0) {
			config_diagnose(options->config,
					(struct config_place){ 0 }, diagnostics,
					"%s", err.msg);
			good = false;
		}
	}
	return good;
}

/* ---- isolated modules ---- */

/* Does a module that stays in this process have it? */
static bool host_has_file(const struct config *config, const struct host *host,
			  const char *name)
{
	for (size_t i = 0; i < host_plugin_count(host); i++) {
		struct host_plugin_info info = host_plugin_info(host, i);

		if (!strcmp(info.name, name)) {
			return find_inside(config, info.module) != NULL;
		}
	}
	return false;
}

/* Names are unique over all modules. */
static bool check_names(const struct config *config, const struct host *host,
			const struct config_module *module,
			const struct value *isolated,
			const struct value *description,
			struct buf *diagnostics)
{
	const struct value *plugins = value_get(description, "plugins");
	bool good = true;

	for (size_t i = 0; i < value_len(plugins); i++) {
		struct slice name =
		    value_get_text(value_at(plugins, i), "name");
		const char *other = described_by(isolated, name);
		char *text = slice_dup(name);

		if (other || host_has_file(config, host, text)) {
			config_diagnose(config, module->place, diagnostics,
					"plugin '%s' is provided by %s already",
					text, other ? other : "another module");
			good = false;
		}
		free(text);
	}
	return good;
}

int setup_describe(const struct config *config, const struct host *host,
		   struct value *isolated, struct buf *diagnostics)
{
	bool good = true;

	for (size_t i = 0; i < config->module_count; i++) {
		const struct config_module *module = &config->modules[i];
		struct value description = value_null();
		struct err err = { 0 };

		if (module->form != FORM_ISOLATED) {
			continue;
		}
		if (describe_module(module->path, module->env, &description,
				    &err) < 0) {
			config_diagnose(config, module->place, diagnostics,
					"%s", err.msg);
			good = false;
			continue;
		}
		good &= check_names(config, host, module, isolated,
				    &description, diagnostics);
		good &= setup_check_described(config, module, &description,
					      diagnostics);
		value_set(isolated, module->name, description);
	}
	return good ? 0 : E_INVALID;
}

/* ---- what the config binds ---- */

/* Programs say only when they run what they are called. */
static bool programs_expected(const struct config *config)
{
	for (size_t i = 0; i < config->module_count; i++) {
		if (config->modules[i].form == FORM_PROCESS) {
			return true;
		}
	}
	return config->listen != NULL;
}

static bool check_reference(const struct value *provided,
			    const struct config *config,
			    const struct config_reference *reference,
			    struct buf *diagnostics)
{
	struct near near = { 0 };

	if (reference->required || programs_expected(config) ||
	    config_announced(config, slice_of(reference->plugin)) ||
	    value_get(provided, reference->plugin)) {
		return true;
	}
	for (size_t i = 0; i < value_len(provided); i++) {
		near_try(&near, slice_of(reference->plugin),
			 value_entry_at(provided, i)->key.ptr);
	}
	for (size_t i = 0; i < config->announced_count; i++) {
		near_try(&near, slice_of(reference->plugin),
			 config->announced[i].name);
	}
	config_diagnose(config, reference->place, diagnostics,
			"no module provides a plugin '%s'%s%s%s",
			reference->plugin, near.best ? "; did you mean '" : "",
			near.best ? near.best : "", near.best ? "'?" : "");
	return false;
}

int setup_check_references(const struct config *config,
			   const struct value *provided,
			   struct buf *diagnostics)
{
	int unknown = 0;

	for (size_t i = 0;
	     i < config->reference_count && unknown < LIMIT_CONFIG_ERRORS;
	     i++) {
		unknown += !check_reference(
		    provided, config, &config->references[i], diagnostics);
	}
	return unknown ? E_INVALID : 0;
}

/* The names of all plugins that are there before any program registers. */
static struct value names_of(const struct host *host,
			     const struct value *isolated)
{
	struct value names = value_map();

	for (size_t i = 0; i < host_plugin_count(host); i++) {
		value_set(&names, host_plugin_info(host, i).name,
			  value_bool(true));
	}
	for (size_t i = 0; i < value_len(isolated); i++) {
		const struct value *plugins =
		    value_get(&value_entry_at(isolated, i)->value, "plugins");

		for (size_t k = 0; k < value_len(plugins); k++) {
			value_set_slice(
			    &names,
			    value_get_text(value_at(plugins, k), "name"),
			    value_bool(true));
		}
	}
	return names;
}

int setup_plugins(struct host *host, const struct daemon_options *options,
		  struct value *isolated, struct buf *diagnostics)
{
	const struct config *config = options->config;
	bool good = load_modules(host, config, diagnostics);

	good &= setup_describe(config, host, isolated, diagnostics) == 0;
	good &= load_linked(host, isolated, options, diagnostics);
	if (!good) {
		/* A module that is missing explains the names that are. */
		return E_INVALID;
	}
	struct value names = names_of(host, isolated);
	int rc = setup_check_references(config, &names, diagnostics);

	value_clear(&names);
	return setup_check_queues(config, host, isolated, diagnostics)
		   ? rc
		   : E_INVALID;
}

/* ---- told to engine and store ---- */

/* A name is never used again: the one before may still be draining. */
static char *name_inside(const struct daemon *daemon)
{
	struct buf out = { 0 };

	buf_printf(&out, INSIDE_PREFIX "%d", (int)getpid());
	if (daemon->reloads) {
		buf_printf(&out, "/%u", daemon->reloads);
	}
	return buf_take(&out);
}

static void tell_instance(struct daemon *daemon, const char *plugin,
			  const char *name, uint32_t max_tasks)
{
	struct event event = {
		.kind = EVENT_INSTANCE,
		.as.instance = {
			.plugin = slice_of(plugin),
			.name = slice_of(name),
			.max_tasks = max_tasks,
		},
	};

	(void)engine_step(daemon->engine, &event, clock_wall_us(),
			  &daemon->output, NULL);
}

/* From the version before to this one, if it is another. */
static void hand_over(struct daemon *daemon, struct registration *registration,
		      const struct host_plugin_info *info)
{
	if (registration->inside &&
	    registration->inside_version != info->version_number) {
		replaced_inside(daemon, registration);
	}
	if (!registration->inside) {
		registration->inside = name_inside(daemon);
		registration->inside_version = info->version_number;
	}
	tell_instance(daemon, registration->name, registration->inside,
		      info->max_tasks);
}

int setup_register_inside(struct daemon *daemon,
			  const struct host_plugin_info *info,
			  struct err *reterr)
{
	struct value subscriptions;
	int rc = subscriptions_describe(info->subscriptions,
					info->subscription_count,
					&subscriptions, reterr);

	if (rc < 0) {
		return err_wrap(reterr, "plugin '%s'", info->name);
	}
	struct value params = params_describe(info->params, info->param_count);
	struct value queue = host_queue_describe(info->queue);
	struct registration_about about = {
		.name = slice_of(info->name),
		.version = slice_of(info->version),
		.help = slice_of(info->help),
		.module = slice_of(info->module),
		.hash = slice_of(info->hash),
		.form = FORM_IN_PROCESS,
		.source = info->module,
		.max_tasks = info->max_tasks,
		.always_run = info->flags & TUTTI_ALWAYS_RUN,
		.subscriptions = &subscriptions,
		.params = &params,
		.queue = &queue,
	};
	rc = registration_put(daemon, &about, reterr);
	if (rc == 0) {
		struct registration *registration =
		    registration_find(daemon, about.name);

		hand_over(daemon, registration, info);
		registration_write(daemon, registration);
	}
	value_clear(&subscriptions);
	value_clear(&params);
	value_clear(&queue);
	return rc;
}

void setup_linked_again(struct daemon *daemon, const char *name)
{
	for (size_t i = 0; i < host_plugin_count(daemon->host); i++) {
		struct host_plugin_info info =
		    host_plugin_info(daemon->host, i);

		if (!strcmp(info.module, LINKED_IN) &&
		    !strcmp(info.name, name) && !daemon->draining) {
			(void)setup_register_inside(daemon, &info, NULL);
		}
	}
}

int setup_register_isolated(struct daemon *daemon,
			    const struct config_module *module,
			    const struct value *description, struct err *reterr)
{
	const struct value *plugins = value_get(description, "plugins");

	for (size_t i = 0; i < value_len(plugins); i++) {
		const struct value *said = value_at(plugins, i);
		struct value subscriptions =
		    describe_as_recorded(value_get(said, "subscriptions"));
		struct registration_about about = {
			.name = value_get_text(said, "name"),
			.version = value_get_text(said, "version"),
			.help = value_get_text(said, "help"),
			.module = slice_of(module->path),
			.hash = value_get_text(description, "hash"),
			.form = FORM_ISOLATED,
			.entry = module->name,
			.source = module->path,
			.max_tasks =
			    (uint32_t)value_get_int(said, "max_tasks", 1),
			.always_run =
			    value_get_int(said, "flags", 0) & TUTTI_ALWAYS_RUN,
			.subscriptions = &subscriptions,
			.params = value_get(said, "params"),
			.queue = value_get(said, "queue"),
		};
		int rc = registration_check(daemon, &about, reterr);

		if (rc == 0) {
			rc = registration_put(daemon, &about, reterr);
		}
		value_clear(&subscriptions);
		if (rc < 0) {
			return rc;
		}
	}
	return 0;
}

int setup_register(struct daemon *daemon, const struct value *isolated,
		   struct err *reterr)
{
	const struct config *config = daemon->options.config;
	int rc = registrations_recall(daemon, reterr);

	for (size_t i = 0; rc == 0 && i < host_plugin_count(daemon->host);
	     i++) {
		struct host_plugin_info info =
		    host_plugin_info(daemon->host, i);

		rc = setup_register_inside(daemon, &info, reterr);
	}
	for (size_t i = 0; rc == 0 && i < config->module_count; i++) {
		if (config->modules[i].form == FORM_ISOLATED) {
			rc = setup_register_isolated(
			    daemon, &config->modules[i],
			    value_get(isolated, config->modules[i].name),
			    reterr);
		}
	}
	if (rc == 0) {
		registrations_announce(daemon);
		registrations_log_unnamed(daemon);
	}
	return rc;
}
