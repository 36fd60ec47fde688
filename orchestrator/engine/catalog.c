#include "engine/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "engine/queue.h"
#include "engine/shared_text.h"

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
	shared_text_unref(&instance->name);
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
	queue_fini(plugin);
	shared_text_unref(&plugin->restored);
	free(plugin->quarantine);
	free(plugin->name);
	free(plugin);
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
		plugin->number = catalog->plugin_count++;
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
		door = door_create();
		size_t len = door_key(activity, phase, door->key);

		HASH_ADD_KEYPTR(by_key, catalog->doors, door->key, len, door);
	}
	return door;
}

/* ---- generations ---- */

static void leave(struct catalog *catalog, struct attendance *attendance)
{
	struct plugin *plugin = attendance->plugin;
	struct door *door = attendance->door;

	if (attendance->previous) {
		attendance->previous->next = attendance->next;
	} else {
		plugin->first = attendance->next;
	}
	if (attendance->next) {
		attendance->next->previous = attendance->previous;
	} else {
		plugin->last = attendance->previous;
	}
	attendance_destroy(attendance);
	if (door_is_empty(door)) {
		HASH_DELETE(by_key, catalog->doors, door);
		door_destroy(door);
	}
}

static void discard(struct catalog *catalog, struct subscription *subscription)
{
	struct attendance *attendance = subscription->attendance;

	door_remove(subscription, attendance->plugin->registered);
	if (!attendance->first) {
		leave(catalog, attendance);
	}
}

static void discard_first(struct catalog *catalog)
{
	struct subscription *first = catalog->first_retired;

	catalog->first_retired = first->next_retired;
	if (!catalog->first_retired) {
		catalog->last_retired = NULL;
	}
	catalog->retired_count--;
	discard(catalog, first);
}

/* Those that nobody sees any more, and those beyond the limit. */
static void sweep(struct catalog *catalog)
{
	while (catalog->first_retired &&
	       (catalog->retired_count > LIMIT_FILTERS_RETIRED ||
		!catalog->pins.oldest ||
		catalog->pins.oldest->generation >=
		    catalog->first_retired->retired)) {
		discard_first(catalog);
	}
}

static void retire(struct catalog *catalog, struct subscription *subscription)
{
	door_retire(subscription, catalog->generation, &catalog->pins);
	if (!catalog->pins.newest ||
	    catalog->pins.newest->generation < subscription->born) {
		discard(catalog, subscription);
		return;
	}
	if (catalog->last_retired) {
		catalog->last_retired->next_retired = subscription;
	} else {
		catalog->first_retired = subscription;
	}
	catalog->last_retired = subscription;
	catalog->retired_count++;
}

static void retire_all(struct catalog *catalog, struct plugin *plugin)
{
	struct attendance *next_attendance;
	struct subscription *next;

	for (struct attendance *attendance = plugin->first; attendance;
	     attendance = next_attendance) {
		next_attendance = attendance->next;
		for (struct subscription *subscription = attendance->first;
		     subscription; subscription = next) {
			next = subscription->next;
			if (subscription->retired == NOT_RETIRED) {
				retire(catalog, subscription);
			}
		}
	}
}

/* Whether the retired ones count goes by whether the plugin is there. */
static void count_retired(struct plugin *plugin, bool counted)
{
	for (struct attendance *attendance = plugin->first; attendance;
	     attendance = attendance->next) {
		for (struct subscription *subscription = attendance->first;
		     subscription; subscription = subscription->next) {
			door_count_retired(subscription, counted);
		}
	}
}

struct pin *catalog_pin(struct catalog *catalog)
{
	return pins_take(&catalog->pins, catalog->generation);
}

void catalog_unpin(struct catalog *catalog, struct pin *pin)
{
	pins_release(&catalog->pins, pin);
	sweep(catalog);
}

const struct subscription *catalog_own(const struct door *door,
				       const struct plugin *plugin,
				       uint64_t generation)
{
	const struct attendance *attendance =
	    door && plugin ? door_attendance(door, plugin) : NULL;
	const struct subscription *own = attendance ? attendance->first : NULL;

	while (own && !subscription_is_seen(own, generation)) {
		own = own->next;
	}
	return own;
}

/* ---- registering ---- */

void catalog_unregister(struct catalog *catalog, struct plugin *plugin)
{
	if (!plugin->registered) {
		return;
	}
	catalog->generation++;
	retire_all(catalog, plugin);
	count_retired(plugin, false);
	plugin->registered = false;
	drop_overrides(plugin);
	queue_fini(plugin);
	sweep(catalog);
}

static int compare_overrides(const void *a, const void *b)
{
	return strcmp(((const struct catalog_override *)a)->activity,
		      ((const struct catalog_override *)b)->activity);
}

static void keep_overrides(struct plugin *plugin, const struct event *event)
{
	size_t len = event->as.plugin.override_count;

	drop_overrides(plugin);
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
	qsort(plugin->overrides, len, sizeof(*plugin->overrides),
	      compare_overrides);
}

static void subscribe(struct catalog *catalog, struct plugin *plugin,
		      const struct engine_subscription *wanted,
		      struct filter *filter)
{
	struct door *door = door_open(catalog, wanted->activity, wanted->phase);
	struct attendance *attendance;
	struct subscription *subscription =
	    door_add(door, plugin, filter, catalog->generation, &catalog->pins,
		     &attendance);
	const struct catalog_override *override =
	    plugin_override(plugin, wanted->activity);

	subscription->optional = wanted->optional;
	subscription->order = wanted->order;
	if (override) {
		subscription->mandatory = override->mandatory;
		subscription->order =
		    override->order ? override->order : wanted->order;
	}
	if (!attendance) {
		return;
	}
	attendance->previous = plugin->last;
	if (plugin->last) {
		plugin->last->next = attendance;
	} else {
		plugin->first = attendance;
	}
	plugin->last = attendance;
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
	int rc = queue_set(plugin, event->as.plugin.queue, reterr);

	if (rc < 0) {
		destroy_filters(filters, count);
		return rc;
	}
	catalog->generation++;
	if (plugin->registered) {
		retire_all(catalog, plugin);
	} else {
		count_retired(plugin, true);
	}
	plugin->registered = true;
	plugin->removed = false;
	plugin->always_run = event->as.plugin.always_run;
	keep_overrides(plugin, event);
	for (size_t i = 0; i < count; i++) {
		subscribe(catalog, plugin, &wanted[i], filters[i]);
	}
	free(filters);
	sweep(catalog);
	return 0;
}

const struct catalog_override *plugin_override(const struct plugin *plugin,
					       struct slice activity)
{
	size_t low = 0;
	size_t high = plugin->override_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = slice_compare(
		    activity, slice_of(plugin->overrides[middle].activity));

		if (order == 0) {
			return &plugin->overrides[middle];
		}
		if (order < 0) {
			high = middle;
		} else {
			low = middle + 1;
		}
	}
	return NULL;
}

struct instance *plugin_instance(const struct plugin *plugin, struct slice name)
{
	struct instance *instance = plugin->instances;

	while (instance && !slice_equal(name, instance->name)) {
		instance = instance->next;
	}
	return instance;
}

struct instance *plugin_add_instance(struct plugin *plugin, struct slice name)
{
	struct instance *instance = alloc_zeroed(1, sizeof(*instance));
	struct instance **end = &plugin->instances;

	instance->name = shared_text_make(name);
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

uint32_t instance_free_slots(const struct instance *instance)
{
	return instance->draining || instance->alone ||
		       instance->in_use >= instance->max_tasks
		   ? 0
		   : instance->max_tasks - instance->in_use;
}

struct instance *plugin_least_loaded(const struct plugin *plugin)
{
	struct instance *least = NULL;

	for (struct instance *instance = plugin->instances; instance;
	     instance = instance->next) {
		if (instance_free_slots(instance) &&
		    (!least || instance->in_use < least->in_use)) {
			least = instance;
		}
	}
	return least;
}

struct instance *plugin_idle(const struct plugin *plugin)
{
	struct instance *least = plugin_least_loaded(plugin);

	return least && least->in_use == 0 ? least : NULL;
}
