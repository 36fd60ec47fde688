/*
 * Modules and the plugins in them. Filled by the loop thread before anything
 * starts, constant from then on, but for what says otherwise.
 */
#ifndef HOST_REGISTRY_H
#define HOST_REGISTRY_H

#include <stdatomic.h>

#include "host/host.h"
#include "host/params.h"
#include "host/workers.h"

/*
 * What a plugin holds as `struct tutti_host`: its own door to the host. Each
 * delivery goes with a door of its own, which is how a call tells which of two
 * attempts of one task it is about. Doors are used again, never freed before
 * the plugin's fini: a plugin that keeps one too long meets an error code.
 */
struct host_door {
	struct tutti_host table; /* `ctx` is the door */
	struct host_plugin *plugin;
	struct delivery *delivery; /* whose it is now, or NULL [tasks lock] */
	struct host_door *next;    /* among the free ones [tasks lock] */
};

struct host_module {
	char *path;  /* real path, or NULL when linked in */
	char *label; /* how messages call it */
	char hash[65];
	const struct tutti_module *described; /* in the module's memory */
};

enum host_plugin_state { PLUGIN_LOADED, PLUGIN_STARTED, PLUGIN_STOPPED };

struct host_plugin {
	struct host *host;
	struct host_module *module;
	struct tutti_plugin about; /* copy; what it points to is the module's */
	struct host_params params;
	uint32_t max_tasks;
	enum host_plugin_state state; /* [loop] */
	void *self;
	struct host_door door;       /* the one for init() */
	struct host_door *free_door; /* [tasks lock] */
	uint32_t in_flight;          /* deliveries not completed [tasks lock] */
	uint32_t pinned;             /* deliveries in memory [tasks lock] */
	struct host_lane lane;
	atomic_bool stopping;
	_Atomic uint64_t misbehaved;
	struct err *complaint; /* of init(), while it runs [loop] */
};

struct host_registry {
	struct host_module **modules;
	struct host_plugin **plugins; /* in order of loading */
	struct host_plugin **by_name; /* the same, sorted */
	size_t module_count, module_cap;
	size_t plugin_count, plugin_cap, by_name_cap;
};

/* Checks and adds all plugins of the module, or none; takes `module` over on
 * success. */
int host_registry_add(struct host *host, struct host_module *module,
		      const struct host_source *source, struct err *reterr);

/* NULL when there is none. */
struct host_plugin *host_registry_find(const struct host_registry *registry,
				       struct slice name);

void host_registry_fini(struct host_registry *registry);

void host_module_destroy(struct host_module *module);

/*
 * The descriptor of plugin `index` in the module as this host knows it: as much
 * of it as both sides know, the rest zero. E_INVALID when it breaks a rule.
 */
int host_plugin_describe(const struct tutti_module *module, uint32_t index,
			 struct tutti_plugin *ret_about, struct err *reterr);

/* The table of functions for plugins. */
void host_door_init(struct host_door *door, struct host_plugin *plugin);

#endif
