/*
 * The plugins that are there: what they subscribe to, how many tasks they take
 * at once, and which tasks wait for them.
 *
 * A `door` is one (activity, phase) pair with an index of the filters of all
 * subscriptions to it.
 */
#ifndef ENGINE_CATALOG_H
#define ENGINE_CATALOG_H

#include "base/limits.h"
#include "engine/engine.h"
#include "filter/filter.h"

struct catalog_override {
	char *activity;
	enum choice mandatory;
	int order;
};

struct subscription {
	struct plugin *plugin;
	struct filter *filter;
	bool optional;
	int order;
};

struct plugin {
	char *name;
	char *instance;
	bool registered; /* else only bound by name, nobody takes its tasks */
	uint32_t max_tasks;
	uint32_t in_use;
	struct task *first_ready; /* task::next_ready */
	struct task *last_ready;
	bool queued; /* in the engine's list of plugins to look at */
	struct plugin *next_queued;
	struct catalog_override *overrides;
	size_t override_count;
	UT_hash_handle by_name;
};

struct door {
	char *activity;
	enum phase_kind phase;
	struct filter_index *index;
	struct subscription *subscriptions; /* by id in the index */
	size_t len;
	size_t cap;
	UT_hash_handle by_key;
	char key[LIMIT_NAME + 2];
};

struct catalog {
	struct plugin *plugins;
	struct door *doors;
};

void catalog_fini(struct catalog *catalog);

/* Never NULL: a name that nobody has registered yet gets an entry. */
struct plugin *catalog_plugin(struct catalog *catalog, struct slice name);
struct plugin *catalog_find(const struct catalog *catalog, struct slice name);

/* NULL when nobody subscribes to it. */
struct door *catalog_door(const struct catalog *catalog, struct slice activity,
			  enum phase_kind phase);

/* EVENT_PLUGIN. All or nothing. */
int catalog_register(struct catalog *catalog, const struct event *event,
		     struct err *reterr);

/* What the config says of the plugin in that activity; NULL: nothing. */
const struct catalog_override *plugin_override(const struct plugin *plugin,
					       const char *activity);

#endif
