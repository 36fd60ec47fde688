/*
 * The plugins that are known: what they subscribe to, their live copies, and
 * which tasks wait for them.
 *
 * A `plugin` is a name: something is registered under it or not, and whether
 * or not, instances may be there. It stays known for good, since tasks point
 * to it. An `instance` is a live copy that takes tasks.
 *
 * Every change of what is registered makes a new generation. Whoever has
 * pinned one sees the subscriptions as they were, but for the oldest retired
 * ones when there are more than LIMIT_FILTERS_RETIRED of them: those are gone.
 */
#ifndef ENGINE_CATALOG_H
#define ENGINE_CATALOG_H

#include "engine/door.h"
#include "engine/engine.h"

struct plugin_queue;

struct catalog_override {
	char *activity;
	enum choice mandatory;
	int order;
};

struct instance {
	struct slice name; /* shared_text */
	struct plugin *plugin;
	uint32_t max_tasks;
	uint32_t in_use; /* slots: tasks in its hands, and abandoned ones */
	bool draining;
	bool alone; /* what it has must be the only thing: see queue.h */
	struct task_list held;
	struct instance *next;
};

struct plugin {
	char *name;
	uint32_t number; /* see tally.h, as for the next */
	uint64_t entered[TASK_STATES];
	bool registered;
	bool removed; /* was registered: what cannot go on fails */
	bool quarantined;
	bool always_run;  /* also when a run is run again */
	char *quarantine; /* why; NULL unless quarantined */
	struct instance *instances;
	struct task_list ready;
	struct plugin_queue *queue; /* see queue.h; NULL: it has none */
	bool fed;                   /* has, or had, a queue */
	bool
	    hungry; /* in the engine's list of those that may have free slots */
	struct plugin *next_hungry;
	enum reason blocked; /* why its ready tasks wait, as their records
				say */
	bool queued;         /* in the engine's list of plugins to look at */
	struct plugin *next_queued;
	struct catalog_override *overrides; /* by activity */
	size_t override_count;
	struct attendance *first; /* what it subscribes to, or did */
	struct attendance *last;
	struct slice restored; /* an instance of old, by name: shared_text */
	UT_hash_handle by_name;
};

struct catalog {
	struct plugin *plugins;
	uint32_t plugin_count;
	struct door *doors;
	uint64_t generation;
	struct pins pins;
	/* Retired and still kept, the first retired first. */
	struct subscription *first_retired;
	struct subscription *last_retired;
	size_t retired_count;
};

void catalog_fini(struct catalog *catalog);

/* Never NULL: a name that nobody has registered yet gets an entry. */
struct plugin *catalog_plugin(struct catalog *catalog, struct slice name);
struct plugin *catalog_find(const struct catalog *catalog, struct slice name);

/* NULL when nobody subscribes to it, in any generation that is kept. */
struct door *catalog_door(const struct catalog *catalog, struct slice activity,
			  enum phase_kind phase);

/* EVENT_PLUGIN. All or nothing; replaces what was registered before. */
int catalog_register(struct catalog *catalog, const struct event *event,
		     struct err *reterr);
/* Its subscriptions and overrides are no more, but for those who have pinned
 * an older generation. */
void catalog_unregister(struct catalog *catalog, struct plugin *plugin);

/* Keep the newest generation. */
struct pin *catalog_pin(struct catalog *catalog);
void catalog_unpin(struct catalog *catalog, struct pin *pin);

/* The plugin's subscription to the door in that generation, the first one of
 * several; NULL: none. */
const struct subscription *catalog_own(const struct door *door,
				       const struct plugin *plugin,
				       uint64_t generation);

/* NULL when there is none of that name. */
struct instance *plugin_instance(const struct plugin *plugin,
				 struct slice name);
struct instance *plugin_add_instance(struct plugin *plugin, struct slice name);
/* Out of the plugin's list; nothing may be in its hands. */
void instance_destroy(struct instance *instance);

/* Is there an instance that may be given tasks? */
bool plugin_is_live(const struct plugin *plugin);
/* The one with a free slot that has the least to do; NULL: none is free. */
struct instance *plugin_least_loaded(const struct plugin *plugin);

/* One that has nothing at all in its hands; NULL: there is none. */
struct instance *plugin_idle(const struct plugin *plugin);
/* Slots of an instance that may be given tasks. */
uint32_t instance_free_slots(const struct instance *instance);

/* What the config says of the plugin in that activity; NULL: nothing. */
const struct catalog_override *plugin_override(const struct plugin *plugin,
					       struct slice activity);

#endif
