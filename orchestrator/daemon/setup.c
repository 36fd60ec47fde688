#include "daemon/setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/near.h"
#include "document/json.h"

static bool host_has(const struct host *host, const char *name)
{
	for (size_t i = 0; i < host_plugin_count(host); i++) {
		if (!strcmp(host_plugin_info(host, i).name, name)) {
			return true;
		}
	}
	return false;
}

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

		if (module->config.type == VALUE_NULL) {
			source.config = NULL;
		}
		if (host_load(host, &source, &err) < 0) {
			config_diagnose(config, module->place, diagnostics,
					"%s", err.msg);
			good = false;
		}
	}
	return good;
}

static bool load_linked(struct host *host, const struct daemon_options *options,
			struct buf *diagnostics)
{
	bool good = true;

	for (size_t i = 0; i < options->module_count; i++) {
		const struct daemon_module *module = &options->modules[i];
		struct host_source source = {
			.entry = module->entry,
			.label = "tutti",
		};
		struct err err = { 0 };

		/* A module of the config may bring its own of that name. */
		if (!host_has(host, module->name) &&
		    host_load(host, &source, &err) < 0) {
			config_diagnose(options->config,
					(struct config_place){ 0 }, diagnostics,
					"%s", err.msg);
			good = false;
		}
	}
	return good;
}

static bool check_reference(const struct host *host,
			    const struct config *config,
			    const struct config_reference *reference,
			    struct buf *diagnostics)
{
	struct near near = { 0 };

	for (size_t i = 0; i < host_plugin_count(host); i++) {
		const char *name = host_plugin_info(host, i).name;

		if (!strcmp(name, reference->plugin)) {
			return true;
		}
		near_try(&near, slice_of(reference->plugin), name);
	}
	config_diagnose(config, reference->place, diagnostics,
			"no module provides a plugin '%s'%s%s%s",
			reference->plugin, near.best ? "; did you mean '" : "",
			near.best ? near.best : "", near.best ? "'?" : "");
	return false;
}

int setup_plugins(struct host *host, const struct daemon_options *options,
		  struct buf *diagnostics)
{
	const struct config *config = options->config;
	bool good = load_modules(host, config, diagnostics);

	good &= load_linked(host, options, diagnostics);
	if (!good) {
		/* A module that is missing explains the names that are. */
		return E_INVALID;
	}
	for (size_t i = 0; i < config->reference_count; i++) {
		good &= check_reference(host, config, &config->references[i],
					diagnostics);
	}
	return good ? 0 : E_INVALID;
}

/* A subscription's filter is JSON text in the descriptor. */
static int read_subscriptions(const struct host_plugin_info *info,
			      struct engine_subscription *subscriptions,
			      struct err *reterr)
{
	for (uint32_t i = 0; i < info->subscription_count; i++) {
		const struct tutti_subscription *given =
		    &info->subscriptions[i];
		struct engine_subscription *wanted = &subscriptions[i];

		*wanted = (struct engine_subscription){
			.activity = slice_of(given->activity),
			.phase = (enum phase_kind)given->phase,
			.optional = given->mandatory == TUTTI_OPTIONAL,
			.order = given->order,
		};
		int rc = given->filter
			     ? json_read(slice_of(given->filter), NULL,
					 &wanted->filter, reterr)
			     : 0;

		if (rc < 0) {
			err_wrap(reterr,
				 "plugin '%s', filter of its subscription to "
				 "'%s'",
				 info->name, given->activity);
			return rc;
		}
	}
	return 0;
}

static const struct config_module *module_of(const struct config *config,
					     const char *path)
{
	for (size_t i = 0; i < config->module_count; i++) {
		if (!strcmp(config->modules[i].path, path)) {
			return &config->modules[i];
		}
	}
	return NULL;
}

/* The config's overrides for the module that the plugin came from. */
static struct engine_override *read_overrides(const struct config *config,
					      const char *path, size_t *ret_len)
{
	const struct config_module *module = module_of(config, path);
	size_t len = module ? module->override_count : 0;
	struct engine_override *overrides =
	    alloc_zeroed(len, sizeof(*overrides));

	for (size_t i = 0; i < len; i++) {
		overrides[i] = (struct engine_override){
			.activity = slice_of(module->overrides[i].activity),
			.mandatory = module->overrides[i].mandatory,
			.order = module->overrides[i].order,
		};
	}
	*ret_len = len;
	return overrides;
}

static int register_plugin(struct daemon *daemon,
			   const struct host_plugin_info *info,
			   struct err *reterr)
{
	struct engine_subscription *subscriptions =
	    alloc_zeroed(info->subscription_count, sizeof(*subscriptions));
	size_t override_count;
	struct engine_override *overrides = read_overrides(
	    daemon->options.config, info->module, &override_count);
	char instance[48];
	int rc = read_subscriptions(info, subscriptions, reterr);

	(void)snprintf(instance, sizeof(instance), "in-process:%d",
		       (int)getpid());
	if (rc == 0) {
		struct event event = {
			.kind = EVENT_PLUGIN,
			.as.plugin = {
				.name = slice_of(info->name),
				.instance = slice_of(instance),
				.max_tasks = info->max_tasks,
				.subscriptions = subscriptions,
				.subscription_count = info->subscription_count,
				.overrides = overrides,
				.override_count = override_count,
			},
		};

		rc = engine_step(daemon->engine, &event, clock_wall_us(),
				 &daemon->output, reterr);
	}
	for (uint32_t i = 0; i < info->subscription_count; i++) {
		value_clear(&subscriptions[i].filter);
	}
	free(subscriptions);
	free(overrides);
	return rc;
}

/* [{activity, phase, order, mandatory, filter}] as JSON text; free() it. */
static char *describe_subscriptions(const struct host_plugin_info *info)
{
	struct value list = value_array();
	struct buf text = { 0 };

	for (uint32_t i = 0; i < info->subscription_count; i++) {
		const struct tutti_subscription *given =
		    &info->subscriptions[i];
		struct value one = value_map();
		struct value filter = value_null();

		if (given->filter) {
			(void)json_read(slice_of(given->filter), NULL, &filter,
					NULL);
		}
		value_set(&one, "activity", value_text(given->activity));
		value_set(
		    &one, "phase",
		    value_text(phase_kind_name((enum phase_kind)given->phase)));
		value_set(&one, "order",
			  value_int(given->order ? given->order : 90));
		value_set(&one, "mandatory",
			  value_bool(given->mandatory != TUTTI_OPTIONAL));
		value_set(&one, "filter", filter);
		value_push(&list, one);
	}
	json_write(&text, &list, JSON_COMPACT);
	value_clear(&list);
	return buf_take(&text);
}

static void write_down(struct daemon *daemon)
{
	size_t len = host_plugin_count(daemon->host);
	struct plugin_record *records = alloc_zeroed(len, sizeof(*records));
	char **texts = alloc_zeroed(len, sizeof(char *));
	struct host_plugin_info *infos = alloc_zeroed(len, sizeof(*infos));

	for (size_t i = 0; i < len; i++) {
		infos[i] = host_plugin_info(daemon->host, i);
		texts[i] = describe_subscriptions(&infos[i]);
		records[i] = (struct plugin_record){
			.name = slice_of(infos[i].name),
			.version = slice_of(infos[i].version),
			.help = slice_of(infos[i].help),
			.module = slice_of(infos[i].module),
			.hash = slice_of(infos[i].hash),
			.form = SLICE("in-process"),
			.state = SLICE("ready"),
			.max_tasks = infos[i].max_tasks,
			.subscriptions = slice_of(texts[i]),
		};
	}
	store_put_plugins(daemon->store, records, len);
	for (size_t i = 0; i < len; i++) {
		free(texts[i]);
	}
	free(texts);
	free(infos);
	free(records);
}

int setup_register(struct daemon *daemon, struct err *reterr)
{
	for (size_t i = 0; i < host_plugin_count(daemon->host); i++) {
		struct host_plugin_info info =
		    host_plugin_info(daemon->host, i);
		int rc = register_plugin(daemon, &info, reterr);

		if (rc < 0) {
			return rc;
		}
	}
	write_down(daemon);
	return 0;
}
