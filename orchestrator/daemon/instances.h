/*
 * The live copies of plugins that this daemon knows of, by name: one for each
 * module in this process, one for each process that said hello.
 */
#ifndef DAEMON_INSTANCES_H
#define DAEMON_INSTANCES_H

#include "daemon/state.h"

enum live_state {
	INSTANCE_GREETED, /* has said hello, takes no tasks yet */
	INSTANCE_READY,
	INSTANCE_DRAINING, /* finishes what it has */
};

struct live_plugin {
	char *name;
	uint32_t max_tasks;
};

struct live_instance {
	char *name;
	char *entry; /* NULL: started by hand */
	enum config_form form;
	enum live_state state;
	int64_t pid;
	int64_t since_us;
	struct live_plugin *plugins;
	size_t plugin_count;
	struct value about; /* processes: what it said at hello */
	UT_hash_handle by_name;
};

struct live_instance *live_instance_find(const struct daemon *daemon,
					 struct slice name);

/* A new entry, greeted. The name must be free. */
struct live_instance *live_instance_add(struct daemon *daemon,
					struct slice name,
					enum config_form form,
					const char *entry, int64_t pid);
void live_instance_add_plugin(struct live_instance *instance, struct slice name,
			      uint32_t max_tasks);

/* It takes tasks from now on; told to the engine. */
void live_instance_ready(struct daemon *daemon, struct live_instance *instance);

/* It gets no more tasks. */
void live_instance_drain(struct daemon *daemon, struct live_instance *instance);

/* It is no more: the engine takes its tasks back, ephemeral registrations end,
 * the entry is freed. */
void live_instance_gone(struct daemon *daemon, struct live_instance *instance,
			bool died, const char *message);

/* Is the plugin one of its? */
bool live_instance_has(const struct live_instance *instance,
		       const char *plugin);

/* Is there a copy of the plugin that takes tasks? */
bool instances_serve(const struct daemon *daemon, const char *plugin);

void instances_fini(struct daemon *daemon);

const char *live_instance_state_name(enum live_state state);

#endif
