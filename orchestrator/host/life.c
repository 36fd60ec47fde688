#include "host/inside.h"
#include "host/text.h"

static int refused(const struct host_plugin *plugin, int32_t code,
		   const struct err *complaint, struct err *reterr)
{
	const char *text = host_code_text(code);

	if (complaint->code) {
		return err_set(reterr, E_INVALID,
			       "plugin '%s' of '%.120s' cannot start: %s",
			       plugin->about.name, plugin->module->label,
			       complaint->msg);
	}
	return err_set(reterr, E_INVALID,
		       "plugin '%s' of '%.120s' cannot start: its init() "
		       "returned %s",
		       plugin->about.name, plugin->module->label,
		       text ? text : "what is no result code");
}

int host_plugin_start(struct host_plugin *plugin, struct err *reterr)
{
	struct err complaint = { 0 };
	struct host_scene before;
	int32_t code = TUTTI_OK;

	if (plugin->about.init) {
		plugin->complaint = &complaint;
		host_scene_enter(plugin->blame, NULL, &before);
		code = plugin->about.init(&plugin->door.table, &plugin->self);
		host_scene_leave(&before);
		plugin->complaint = NULL;
	}
	if (code != TUTTI_OK) {
		plugin->self = NULL;
		return refused(plugin, code, &complaint, reterr);
	}
	plugin->state = PLUGIN_STARTED;
	return 0;
}

void host_plugin_stop(struct host_plugin *plugin)
{
	struct host_scene before;

	if (plugin->state != PLUGIN_STARTED) {
		return;
	}
	atomic_store(&plugin->stopping, true);
	if (plugin->about.stop) {
		host_scene_enter(plugin->blame, NULL, &before);
		plugin->about.stop(plugin->self);
		host_scene_leave(&before);
	}
	plugin->state = PLUGIN_STOPPED;
}

void host_plugin_end(struct host_plugin *plugin)
{
	struct host_scene before;

	host_plugin_stop(plugin);
	if (plugin->state == PLUGIN_STOPPED && plugin->about.fini) {
		host_scene_enter(plugin->blame, NULL, &before);
		plugin->about.fini(plugin->self);
		host_scene_leave(&before);
	}
	plugin->self = NULL;
	plugin->state = PLUGIN_LOADED;
	atomic_store(&plugin->stopping, false);
}

bool host_plugin_is_held(struct host_plugin *plugin)
{
	struct host *host = plugin->host;

	(void)pthread_mutex_lock(&host->tasks.lock);
	bool held = plugin->pinned > 0;

	(void)pthread_mutex_unlock(&host->tasks.lock);
	return held || host_workers_busy(&host->workers, &plugin->lane);
}

int host_module_start(struct host_module *module, struct err *reterr)
{
	for (uint32_t i = 0; i < module->described->plugin_count; i++) {
		int rc = host_plugin_start(module->plugins[i], reterr);

		if (rc < 0) {
			while (i-- > 0) {
				host_plugin_end(module->plugins[i]);
			}
			return rc;
		}
	}
	return 0;
}

void host_module_end(struct host_module *module)
{
	uint32_t count = module->described->plugin_count;

	while (count-- > 0) {
		host_plugin_end(module->plugins[count]);
	}
}
