/*
 * A `door` is one (activity, phase) pair with an index of the filters of all
 * subscriptions to it. A subscription is there from the generation it was born
 * in until the one it was retired in; retired ones stay as long as a run keeps
 * a generation that sees them.
 *
 * Adding, retiring and removing one cost the same however many others there
 * are.
 */
#ifndef ENGINE_DOOR_H
#define ENGINE_DOOR_H

#include "base/hash.h"
#include <uthash.h>

#include "base/limits.h"
#include "engine/engine.h"
#include "engine/generation.h"
#include "filter/filter.h"

struct attendance;
struct door;
struct plugin;

#define NOT_RETIRED UINT64_MAX

struct subscription {
	struct attendance *attendance;
	struct filter *filter;
	bool optional;
	enum choice mandatory; /* as the config overrides it */
	int order;             /* 0: the default */
	uint32_t place;        /* its id in the door's index */
	uint64_t born;
	uint64_t retired; /* or NOT_RETIRED */
	/* Of the plugin at this door, in the order in which they came. */
	struct subscription *previous;
	struct subscription *next;
	/* Of all that are retired and kept: retired later. */
	struct subscription *next_retired;
};

/* What one plugin has at one door. */
struct attendance {
	struct plugin *plugin;
	struct door *door;
	struct subscription *first;
	struct subscription *last;
	/* Of the plugin. */
	struct attendance *previous;
	struct attendance *next;
	UT_hash_handle by_plugin;
};

/* How many subscriptions of registered plugins a generation sees. */
struct door_count {
	uint64_t generation; /* from this one on */
	size_t len;
};

struct door {
	struct filter_index *index;
	struct subscription **places; /* by id in the index; NULL: free */
	size_t len;
	size_t cap;
	uint32_t *free; /* places that are */
	size_t free_len;
	size_t free_cap;
	struct attendance *attendances;
	struct door_count *counts; /* by generation, ascending */
	size_t count_len;
	size_t count_cap;
	UT_hash_handle by_key;
	char key[LIMIT_NAME + 2];
};

struct door *door_create(void);
void door_destroy(struct door *door);

/* Nothing is there, not even retired. */
bool door_is_empty(const struct door *door);

/* NULL when the plugin has nothing there. */
struct attendance *door_attendance(const struct door *door,
				   const struct plugin *plugin);

/*
 * A subscription from `generation` on, of a registered plugin. The filter
 * becomes the door's. *ret_attendance: the plugin's, if it is new.
 */
struct subscription *door_add(struct door *door, struct plugin *plugin,
			      struct filter *filter, uint64_t generation,
			      const struct pins *pins,
			      struct attendance **ret_attendance);

/* Seen no more from `generation` on. */
void door_retire(struct subscription *subscription, uint64_t generation,
		 const struct pins *pins);

/* No generation sees it any more; a retired one. `counted`: its plugin is
 * registered. */
void door_remove(struct subscription *subscription, bool counted);

/* The plugin has nothing there any more. */
void attendance_destroy(struct attendance *attendance);

/* The plugin of this retired one is registered again, or no longer: it counts
 * or does not in the generations that see it. */
void door_count_retired(const struct subscription *subscription, bool counted);

/* Subscriptions of registered plugins that the generation sees. */
size_t door_count(const struct door *door, uint64_t generation);

bool subscription_is_seen(const struct subscription *subscription,
			  uint64_t generation);

#endif
