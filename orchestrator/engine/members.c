#include "engine/members.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "document/pack.h"

#define DEFAULT_ORDER 90

static bool takes_part(enum run_on run_on, enum situation situation)
{
	switch (run_on) {
	case RUN_ON_ALWAYS:
		return true;
	case RUN_ON_FAILURE:
		return situation == SITUATION_FAILED;
	case RUN_ON_SUCCESS:
	case RUN_ON_KINDS:
		break;
	}
	return situation == SITUATION_WELL;
}

/* The plugin's own subscription to the same door, for what a binding leaves
 * open; NULL when it has none. */
static const struct subscription *own_subscription(const struct door *door,
						   const struct plugin *plugin)
{
	for (size_t i = 0; door && i < door->len; i++) {
		if (door->subscriptions[i].plugin == plugin) {
			return &door->subscriptions[i];
		}
	}
	return NULL;
}

static bool decide_mandatory(enum choice bound,
			     const struct catalog_override *override,
			     const struct subscription *own,
			     const struct activity_definition *activity)
{
	if (activity->fail_on_optional_failure) {
		return true;
	}
	if (bound != CHOICE_UNSET) {
		return bound == CHOICE_YES;
	}
	if (override && override->mandatory != CHOICE_UNSET) {
		return override->mandatory == CHOICE_YES;
	}
	return !(own && own->optional);
}

/* Given orders win; without one the place in the config's list decides. */
static void decide_order(struct member *member, int bound,
			 const struct catalog_override *override,
			 const struct subscription *own, uint32_t place)
{
	int order = bound;

	if (!order && override) {
		order = override->order;
	}
	if (!order && own) {
		order = own->order;
	}
	member->order = order ? order : DEFAULT_ORDER;
	member->rank = order ? 0 : place;
}

static void add(struct members *members, const struct member *member)
{
	alloc_grow(members->list, members->len, members->cap);
	members->list[members->len++] = *member;
}

struct search {
	struct engine *engine;
	const struct run *run;
	uint32_t activity;
	enum phase_kind phase;
	const struct activity_definition *definition;
	const struct door *door;
	const struct value *attributes;
};

static void add_binding(const struct search *search, uint32_t index,
			struct members *members)
{
	const struct binding *binding =
	    &search->definition->phases[search->phase].bindings[index];
	const struct plan_binding *compiled = &plan_bindings(
	    search->run->plan, search->activity, search->phase)[index];
	struct plugin *plugin =
	    catalog_plugin(&search->engine->catalog, slice_of(binding->plugin));
	const struct subscription *own = own_subscription(search->door, plugin);
	const struct catalog_override *override =
	    plugin_override(plugin, search->definition->name);
	const struct filter *filter = compiled->filter;

	if (!filter && own) {
		filter = own->filter;
	}
	if (!filter_match(filter, search->attributes)) {
		return;
	}
	struct member member = {
		.plugin = plugin,
		.name = slice_of(binding->name),
		.binding = index,
		.mandatory = decide_mandatory(binding->mandatory, override, own,
					      search->definition),
		.timeout_ms = binding->timeout_ms,
		.run_on = binding->run_on,
	};

	decide_order(&member, binding->order, override, own, index + 1);
	add(members, &member);
}

static void add_subscription(const struct search *search,
			     const struct subscription *own,
			     struct members *members)
{
	const struct catalog_override *override =
	    plugin_override(own->plugin, search->definition->name);
	struct member member = {
		.plugin = own->plugin,
		.name = slice_of(own->plugin->name),
		.binding = NO_BINDING,
		.mandatory = decide_mandatory(CHOICE_UNSET, override, own,
					      search->definition),
		.run_on = RUN_ON_SUCCESS,
	};

	decide_order(&member, 0, override, own, 0);
	add(members, &member);
}

static int compare_pointers(const void *a, const void *b)
{
	uintptr_t x = (uintptr_t) * (const struct plugin *const *)a;
	uintptr_t y = (uintptr_t) * (const struct plugin *const *)b;

	return (x > y) - (x < y);
}

/* The plugins that the config binds here, sorted by address. */
static const struct plugin **bound_plugins(const struct search *search,
					   size_t len)
{
	const struct binding *bindings =
	    search->definition->phases[search->phase].bindings;
	const struct plugin **plugins =
	    alloc_zeroed(len, sizeof(const struct plugin *));

	for (size_t i = 0; i < len; i++) {
		plugins[i] = catalog_plugin(&search->engine->catalog,
					    slice_of(bindings[i].plugin));
	}
	qsort(plugins, len, sizeof(*plugins), compare_pointers);
	return plugins;
}

static void add_bindings(const struct search *search, enum situation situation,
			 struct members *members)
{
	const struct phase_definition *bound =
	    &search->definition->phases[search->phase];

	for (size_t i = 0; i < bound->len; i++) {
		if (takes_part(bound->bindings[i].run_on, situation)) {
			members->candidates++;
			add_binding(search, (uint32_t)i, members);
		}
	}
}

static void add_subscriptions(const struct search *search,
			      struct members *members)
{
	size_t bound_len = search->definition->phases[search->phase].len;
	const struct plugin **bound = bound_plugins(search, bound_len);
	const uint32_t *ids;
	size_t len = filter_index_match(search->door->index, search->attributes,
					0, &ids);
	size_t own = search->door->len - search->door->free;

	for (size_t i = 0; i < len; i++) {
		const struct subscription *subscription =
		    &search->door->subscriptions[ids[i]];

		if (!bsearch(&subscription->plugin, bound, bound_len,
			     sizeof(*bound), compare_pointers)) {
			add_subscription(search, subscription, members);
		}
	}
	/* Those that a binding replaces were counted with the bindings. */
	for (size_t i = 0; i < search->door->len; i++) {
		if (bound_len &&
		    bsearch(&search->door->subscriptions[i].plugin, bound,
			    bound_len, sizeof(*bound), compare_pointers)) {
			own--;
		}
	}
	members->candidates += own;
	free(bound);
}

static int compare_members(const void *a, const void *b)
{
	const struct member *x = a;
	const struct member *y = b;

	if (x->order != y->order) {
		return x->order < y->order ? -1 : 1;
	}
	if (x->rank != y->rank) {
		return x->rank < y->rank ? -1 : 1;
	}
	return slice_compare(x->name, y->name);
}

void members_find(struct engine *engine, const struct run *run,
		  uint32_t activity, enum phase_kind phase,
		  enum situation situation, struct members *ret_members)
{
	const struct activity_definition *definition =
	    run_activity_definition(run, activity);
	struct value attributes = value_null();
	struct search search = {
		.engine = engine,
		.run = run,
		.activity = activity,
		.phase = phase,
		.definition = definition,
		.door = catalog_door(&engine->catalog,
				     slice_of(definition->name), phase),
		.attributes = &attributes,
	};

	*ret_members = (struct members){ 0 };
	(void)pack_read(blob_slice(run->attributes), NULL, &attributes, NULL);
	add_bindings(&search, situation, ret_members);
	if (search.door && situation == SITUATION_WELL) {
		add_subscriptions(&search, ret_members);
	}
	ret_members->filtered =
	    (uint32_t)(ret_members->candidates - ret_members->len);
	if (ret_members->len) {
		qsort(ret_members->list, ret_members->len,
		      sizeof(struct member), compare_members);
	}
	value_clear(&attributes);
}

void members_fini(struct members *members)
{
	free(members->list);
	*members = (struct members){ 0 };
}
