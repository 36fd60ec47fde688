#include "engine/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"

static void plugin_destroy(struct plugin *plugin)
{
	for (size_t i = 0; i < plugin->override_count; i++) {
		free(plugin->overrides[i].activity);
	}
	free(plugin->overrides);
	free(plugin->name);
	free(plugin->instance);
	free(plugin);
}

static void door_destroy(struct door *door)
{
	filter_index_destroy(door->index);
	for (size_t i = 0; i < door->len; i++) {
		filter_destroy(door->subscriptions[i].filter);
	}
	free(door->subscriptions);
	free(door->activity);
	free(door);
}

void catalog_fini(struct catalog *catalog)
{
	struct plugin *plugin;
	struct plugin *next_plugin;
	struct door *door;
	struct door *next_door;

	HASH_ITER(by_key, catalog->doors, door, next_door)
	{
		HASH_DELETE(by_key, catalog->doors, door);
		door_destroy(door);
	}
	HASH_ITER(by_name, catalog->plugins, plugin, next_plugin)
	{
		HASH_DELETE(by_name, catalog->plugins, plugin);
		plugin_destroy(plugin);
	}
}

struct plugin *catalog_find(const struct catalog *catalog, struct slice name)
{
	struct plugin *plugin = NULL;

	HASH_FIND(by_name, catalog->plugins, name.ptr, name.len, plugin);
	return plugin;
}

struct plugin *catalog_plugin(struct catalog *catalog, struct slice name)
{
	struct plugin *plugin = catalog_find(catalog, name);

	if (!plugin) {
		plugin = alloc_zeroed(1, sizeof(*plugin));
		plugin->name = slice_dup(name);
		HASH_ADD_KEYPTR(by_name, catalog->plugins, plugin->name,
				name.len, plugin);
	}
	return plugin;
}

/* The phase's letter, then the activity; returns the length. */
static size_t door_key(struct slice activity, enum phase_kind phase,
		       char key[LIMIT_NAME + 2])
{
	size_t len = activity.len < LIMIT_NAME ? activity.len : LIMIT_NAME;

	key[0] = (char)('0' + phase);
	memcpy(key + 1, activity.ptr, len);
	return len + 1;
}

struct door *catalog_door(const struct catalog *catalog, struct slice activity,
			  enum phase_kind phase)
{
	char key[LIMIT_NAME + 2];
	size_t len = door_key(activity, phase, key);
	struct door *door = NULL;

	HASH_FIND(by_key, catalog->doors, key, len, door);
	return door;
}

static struct door *door_open(struct catalog *catalog, struct slice activity,
			      enum phase_kind phase)
{
	struct door *door = catalog_door(catalog, activity, phase);

	if (!door) {
		door = alloc_zeroed(1, sizeof(*door));
		door->activity = slice_dup(activity);
		door->phase = phase;
		door->index = filter_index_create();
		size_t len = door_key(activity, phase, door->key);

		HASH_ADD_KEYPTR(by_key, catalog->doors, door->key, len, door);
	}
	return door;
}

static void door_add(struct door *door, struct plugin *plugin,
		     const struct engine_subscription *wanted,
		     struct filter *filter)
{
	alloc_grow(door->subscriptions, door->len, door->cap);
	door->subscriptions[door->len] = (struct subscription){
		.plugin = plugin,
		.filter = filter,
		.optional = wanted->optional,
		.order = wanted->order,
	};
	filter_index_add(door->index, filter, (uint32_t)door->len);
	door->len++;
}

static void keep_overrides(struct plugin *plugin, const struct event *event)
{
	size_t len = event->as.plugin.override_count;

	plugin->overrides = alloc_zeroed(len, sizeof(*plugin->overrides));
	plugin->override_count = len;
	for (size_t i = 0; i < len; i++) {
		const struct engine_override *given =
		    &event->as.plugin.overrides[i];

		plugin->overrides[i] = (struct catalog_override){
			.activity = slice_dup(given->activity),
			.mandatory = given->mandatory,
			.order = given->order,
		};
	}
}

static void destroy_filters(struct filter **filters, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		filter_destroy(filters[i]);
	}
	free(filters);
}

int catalog_register(struct catalog *catalog, const struct event *event,
		     struct err *reterr)
{
	struct slice name = event->as.plugin.name;
	size_t count = event->as.plugin.subscription_count;
	const struct engine_subscription *wanted =
	    event->as.plugin.subscriptions;
	struct plugin *plugin = catalog_find(catalog, name);

	if (plugin && plugin->registered) {
		return err_set(reterr, E_CONFLICT,
			       "plugin '%.*s' is registered already",
			       SLICE_ARG(name));
	}
	struct filter **filters = alloc_zeroed(count, sizeof(struct filter *));

	for (size_t i = 0; i < count; i++) {
		int rc = filter_compile(&wanted[i].filter, &filters[i], reterr);

		if (rc < 0) {
			err_wrap(
			    reterr, "plugin '%.*s', subscription to '%.*s'",
			    SLICE_ARG(name), SLICE_ARG(wanted[i].activity));
			destroy_filters(filters, count);
			return rc;
		}
	}
	plugin = catalog_plugin(catalog, name);
	plugin->instance = slice_dup(event->as.plugin.instance);
	plugin->max_tasks = event->as.plugin.max_tasks;
	plugin->registered = true;
	keep_overrides(plugin, event);
	for (size_t i = 0; i < count; i++) {
		door_add(
		    door_open(catalog, wanted[i].activity, wanted[i].phase),
		    plugin, &wanted[i], filters[i]);
	}
	free(filters);
	return 0;
}

const struct catalog_override *plugin_override(const struct plugin *plugin,
					       const char *activity)
{
	for (size_t i = 0; i < plugin->override_count; i++) {
		if (!strcmp(plugin->overrides[i].activity, activity)) {
			return &plugin->overrides[i];
		}
	}
	return NULL;
}
