#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "host/host.h"
#include "host/loader.h"
#include "host/registry.h"

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

static struct host_plugin_info info_of(const struct host_source *source,
				       const struct host_module *module,
				       const struct tutti_plugin *about)
{
	const char *label = source->label ? source->label : source->path;
	struct host_plugin_info info = {
		.name = about->name,
		.version = text_or_empty(about->version),
		.help = text_or_empty(about->help),
		.module = label ? label : "(linked in)",
		.max_tasks = about->max_tasks,
		.flags = about->flags,
		.subscriptions = about->subscriptions,
		.subscription_count = about->subscription_count,
		.params = about->params,
		.param_count = about->param_count,
		.queue = about->queue,
		.version_number = 1,
	};

	if (source->max_tasks && source->max_tasks < about->max_tasks) {
		info.max_tasks = source->max_tasks;
	}
	memcpy(info.hash, module->hash, sizeof(info.hash));
	return info;
}

static int describe_all(const struct host_source *source,
			const struct host_module *module,
			struct host_plugin_info *plugins, struct err *reterr)
{
	uint32_t count = module->described->plugin_count;

	for (uint32_t i = 0; i < count; i++) {
		struct tutti_plugin about;
		int rc =
		    host_plugin_describe(module->described, i, &about, reterr);

		if (rc < 0) {
			return rc;
		}
		plugins[i] = info_of(source, module, &about);
	}
	return 0;
}

int host_describe_module(const struct host_source *source,
			 struct host_plugin_info **ret_plugins,
			 size_t *ret_count, struct err *reterr)
{
	const char *label = source->label ? source->label : source->path;
	struct host_module *module;
	int rc = host_module_load(source, &module, reterr);

	if (rc == 0) {
		uint32_t count = module->described->plugin_count;
		struct host_plugin_info *plugins =
		    alloc_zeroed(count, sizeof(*plugins));

		rc = describe_all(source, module, plugins, reterr);
		host_module_destroy(module);
		if (rc == 0) {
			*ret_plugins = plugins;
			*ret_count = count;
			return 0;
		}
		free(plugins);
	}
	return err_wrap(reterr, "plugin module '%.120s'",
			label ? label : "(linked in)");
}
