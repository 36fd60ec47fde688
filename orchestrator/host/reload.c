#include <stdlib.h>
#include <string.h>

#include "host/inside.h"
#include "host/loader.h"

static int check_running(const struct host *host, struct err *reterr)
{
	if (host->state == HOST_RUNNING) {
		return 0;
	}
	return err_set(reterr, E_BUSY, "the plugins %s",
		       host->state == HOST_LOADING ? "have not been started"
						   : "are being stopped");
}

static int no_module(const char *path, struct err *reterr)
{
	return err_set(reterr, E_NOT_FOUND,
		       "no plugin module is loaded from '%.200s'",
		       path ? path : "(linked in)");
}

static bool same_config(const struct host_module *module,
			const struct value *given)
{
	const struct value none = value_null();

	return value_equal(&module->config, given ? given : &none);
}

static bool is_unchanged(const struct host_module *old,
			 const struct host_module *new,
			 const struct host_source *source)
{
	return strcmp(old->hash, new->hash) == 0 &&
	       old->max_tasks ==
		   new->max_tasks &&same_config(old, source->config);
}

/* Its plugins get no more tasks; those in their hands finish there. */
static size_t retire(struct host *host, struct host_module *module)
{
	uint32_t count = module->described->plugin_count;
	size_t place = host_registry_retire(&host->registry, module);

	while (count-- > 0) {
		atomic_store(&module->plugins[count]->replaced, true);
		host_plugin_stop(module->plugins[count]);
	}
	return place;
}

static int load_next(struct host *host, const struct host_source *source,
		     const struct host_module *old,
		     struct host_module **ret_new, struct err *reterr)
{
	struct host_module *new = NULL;
	int rc = host_module_load(source, &new, reterr);

	if (rc == 0 && is_unchanged(old, new, source)) {
		rc = err_set(reterr, E_UNCHANGED, "its content is the same");
	}
	if (rc == 0) {
		rc = host_registry_check(host, new, source, old, reterr);
	}
	if (rc < 0) {
		return host_module_refused(source, new, reterr);
	}
	rc = host_module_start(new, reterr);
	if (rc < 0) {
		host_module_destroy(new);
		return rc;
	}
	new->version = old->version + 1;
	*ret_new = new;
	return 0;
}

int host_reload(struct host *host, const struct host_source *source,
		struct err *reterr)
{
	struct host_module *old = NULL;
	struct host_module *new = NULL;
	int rc = check_running(host, reterr);

	if (rc < 0) {
		return rc;
	}
	if (source->path && !source->entry) {
		old = host_registry_find_module(&host->registry, source->path);
	}
	if (!old) {
		return no_module(source->path, reterr);
	}
	rc = load_next(host, source, old, &new, reterr);
	if (rc == 0) {
		host_registry_insert(&host->registry, new, retire(host, old));
	}
	return rc;
}

int host_unload(struct host *host, const char *path, struct err *reterr)
{
	struct host_module *module =
	    host_registry_find_module(&host->registry, path);
	int rc = check_running(host, reterr);

	if (rc < 0) {
		return rc;
	}
	if (!module) {
		return no_module(path, reterr);
	}
	(void)retire(host, module);
	return 0;
}

/* Those without tasks end, even if another of the module has some. */
static bool end_idle(struct host_module *module)
{
	bool all = true;

	for (uint32_t i = 0; i < module->described->plugin_count; i++) {
		if (host_plugin_is_held(module->plugins[i])) {
			all = false;
		} else {
			host_plugin_end(module->plugins[i]);
		}
	}
	return all;
}

bool host_reap(struct host *host)
{
	struct host_registry *registry = &host->registry;
	bool none_left = true;

	for (size_t i = registry->module_count; i-- > 0;) {
		if (!registry->modules[i]->retired) {
			continue;
		}
		if (end_idle(registry->modules[i])) {
			host_registry_drop(registry, i);
		} else {
			none_left = false;
		}
	}
	return none_left;
}
