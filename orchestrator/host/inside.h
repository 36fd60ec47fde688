/*
 * The host itself, for the files of this room.
 */
#ifndef HOST_INSIDE_H
#define HOST_INSIDE_H

#include "host/delivery.h"
#include "host/registry.h"
#include "host/tasks.h"
#include "host/workers.h"

/*
 *	LOADING ──start──> RUNNING ──stop──> STOPPING
 *	   ^                  |
 *	   └── an init fails ─┘
 */
enum host_state { HOST_LOADING, HOST_RUNNING, HOST_STOPPING };

struct host {
	struct host_callbacks callbacks;
	enum host_state state; /* [loop] */
	pthread_t loop;        /* the thread in host_start() [loop] */
	struct host_registry registry;
	struct host_tasks tasks;
	struct host_workers workers;
	struct host *stuck_next; /* in the list of those left behind */
	bool watches;            /* crashes */
};

/* One plugin's life. [loop] */
int host_plugin_start(struct host_plugin *plugin, struct err *reterr);
void host_plugin_stop(struct host_plugin *plugin);
/* Stops it first; harmless for one that has not been started. */
void host_plugin_end(struct host_plugin *plugin);
/* Has it tasks in its hands, or handlers that have not returned? */
bool host_plugin_is_held(struct host_plugin *plugin);

/* init() of all plugins of a module, or of none. */
int host_module_start(struct host_module *module, struct err *reterr);
/* stop() and fini() of all plugins of a module that has got no task yet. */
void host_module_end(struct host_module *module);

/* "plugin module 'x': " before the sentence; `module` (or NULL) goes. */
int host_module_refused(const struct host_source *source,
			struct host_module *module, struct err *reterr);

#endif
