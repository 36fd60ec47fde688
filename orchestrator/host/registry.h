/*
 * Modules and the plugins in them. The lists are the loop thread's; what is in
 * them is constant once it is in there, but for what says otherwise.
 *
 * A module that has been replaced is retired: its plugins are in no list but
 * its own, and it stays until they have nothing in their hands.
 */
#ifndef HOST_REGISTRY_H
#define HOST_REGISTRY_H

#include <stdatomic.h>

#include "host/crash.h"
#include "host/host.h"
#include "host/image.h"
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
	char *path;  /* as it was given, or NULL when linked in */
	char *label; /* how messages call it */
	char hash[65];
	struct host_image *image;             /* NULL when linked in */
	const struct tutti_module *described; /* in the image's memory */
	struct value config;                  /* what it was loaded with */
	uint32_t max_tasks;
	uint32_t version; /* 1, 2, ... */
	bool retired;
	bool leaving;                 /* while its successor is looked at */
	struct host_plugin **plugins; /* described->plugin_count of them */
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
	struct host_blame *blame; /* of its crashes */
	bool
	    suspected; /* not to be quick, although it has TUTTI_QUICK [loop] */
	bool not_quick; /* although it has TUTTI_QUICK [loop] */
	atomic_bool stopping;
	atomic_bool replaced; /* set before `stopping` */
	_Atomic uint64_t misbehaved;
	struct err *complaint; /* of init(), while it runs [loop] */
};

struct host_registry {
	struct host_module **modules;
	struct host_plugin **plugins; /* in order of loading, none retired */
	struct host_plugin **by_name; /* the same, sorted */
	size_t module_count, module_cap;
	size_t plugin_count, plugin_cap, by_name_cap;
};

/* Makes the plugins of the module, whose names may be in use by modules that
 * are leaving alone. */
int host_registry_check(struct host *host, struct host_module *module,
			const struct host_source *source, struct err *reterr);

/* E_CONFLICT when two modules, both checked, have a name in common. */
int host_registry_check_apart(const struct host_module *module,
			      const struct host_module *other,
			      struct err *reterr);

/* Takes the module over, its plugins at this place among the others. */
void host_registry_insert(struct host_registry *registry,
			  struct host_module *module, size_t place);

/* Takes its plugins out of the lists; returns where they were. */
size_t host_registry_retire(struct host_registry *registry,
			    struct host_module *module);

/* The one that is not retired and was loaded from this path, or NULL. */
struct host_module *
host_registry_find_module(const struct host_registry *registry,
			  const char *path);

/* Frees a retired module. */
void host_registry_drop(struct host_registry *registry, size_t index);

/* NULL when there is none. */
struct host_plugin *host_registry_find(const struct host_registry *registry,
				       struct slice name);

void host_registry_fini(struct host_registry *registry);

/* With its plugins. */
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
