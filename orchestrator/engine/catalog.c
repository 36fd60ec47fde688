#include "engine/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"

static void drop_overrides(struct plugin *plugin)
{
	for (size_t i = 0; i < plugin->override_count; i++) {
		free(plugin->overrides[i].activity);
	}
	free(plugin->overrides);
	plugin->overrides = NULL;
	plugin->override_count = 0;
}

static void instance_free(struct instance *instance)
{
	free(instance->name);
	free(instance);
}

static void plugin_destroy(struct plugin *plugin)
{
	while (plugin->instances) {
		struct instance *instance = plugin->instances;

		plugin->instances = instance->next;
		instance_free(instance);
	}
	drop_overrides(plugin);
	free(plugin->quarantine);
	free(plugin->name);
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
		plugin->blocked = REASON_NO_PLUGIN;
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
		door->index = filter_index_create(0);
		size_t len = door_key(activity, phase, door->key);

		HASH_ADD_KEYPTR(by_key, catalog->doors, door->key, len, door);
	}
	return door;
}

static size_t free_place(struct door *door)
{
	size_t place = 0;

	if (door->free == 0) {
		alloc_grow(door->subscriptions, door->len, door->cap);
		return door->len++;
	}
	while (door->subscriptions[place].plugin) {
		place++;
	}
	door->free--;
	return place;
}

static void door_add(struct door *door, struct plugin *plugin,
		     const struct engine_subscription *wanted,
		     struct filter *filter)
{
	size_t place = free_place(door);

	door->subscriptions[place] = (struct subscription){
		.plugin = plugin,
		.filter = filter,
		.optional = wanted->optional,
		.order = wanted->order,
	};
	filter_index_add(door->index, filter, (uint32_t)place, 0);
}

static void door_leave(struct door *door, const struct plugin *plugin)
{
	for (size_t i = 0; i < door->len; i++) {
		struct subscription *subscription = &door->subscriptions[i];

		if (subscription->plugin == plugin) {
			(void)filter_index_remove(door->index, (uint32_t)i);
			filter_destroy(subscription->filter);
			*subscription = (struct subscription){ 0 };
			door->free++;
		}
	}
}

void catalog_unregister(struct catalog *catalog, struct plugin *plugin)
{
	struct door *door;
	struct door *next;

	if (!plugin->registered) {
		return;
	}
	HASH_ITER(by_key, catalog->doors, door, next)
	{
		door_leave(door, plugin);
		if (door->free == door->len) {
			HASH_DELETE(by_key, catalog->doors, door);
			door_destroy(door);
		}
	}
	drop_overrides(plugin);
	plugin->registered = false;
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
	struct plugin *plugin = catalog_plugin(catalog, name);

	catalog_unregister(catalog, plugin);
	plugin->registered = true;
	plugin->removed = false;
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

struct instance *plugin_instance(const struct plugin *plugin, struct slice name)
{
	struct instance *instance = plugin->instances;

	while (instance && !slice_is(name, instance->name)) {
		instance = instance->next;
	}
	return instance;
}

struct instance *plugin_add_instance(struct plugin *plugin, struct slice name)
{
	struct instance *instance = alloc_zeroed(1, sizeof(*instance));
	struct instance **end = &plugin->instances;

	instance->name = slice_dup(name);
	instance->plugin = plugin;
	while (*end) {
		end = &(*end)->next;
	}
	*end = instance;
	return instance;
}

void instance_destroy(struct instance *instance)
{
	struct instance **link = &instance->plugin->instances;

	while (*link != instance) {
		link = &(*link)->next;
	}
	*link = instance->next;
	instance_free(instance);
}

bool plugin_is_live(const struct plugin *plugin)
{
	const struct instance *instance = plugin->instances;

	while (instance && instance->draining) {
		instance = instance->next;
	}
	return instance != NULL;
}

struct instance *plugin_least_loaded(const struct plugin *plugin)
{
	struct instance *least = NULL;

	for (struct instance *instance = plugin->instances; instance;
	     instance = instance->next) {
		if (!instance->draining &&
		    instance->in_use < instance->max_tasks &&
		    (!least || instance->in_use < least->in_use)) {
			least = instance;
		}
	}
	return least;
}
