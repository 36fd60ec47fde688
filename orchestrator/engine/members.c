#include "engine/members.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/audience.h"

#define DEFAULT_ORDER 90

static bool takes_part(enum run_on run_on, enum situation situation)
{
	if (situation == SITUATION_ANY) {
		return true;
	}
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

static bool decide_mandatory(enum choice bound, enum choice override,
			     const struct subscription *own,
			     const struct activity_definition *activity)
{
	if (activity->fail_on_optional_failure) {
		return true;
	}
	if (bound != CHOICE_UNSET) {
		return bound == CHOICE_YES;
	}
	if (override != CHOICE_UNSET) {
		return override == CHOICE_YES;
	}
	return !(own && own->optional);
}

/* Given orders win; without one the place in the config's list decides. */
static void decide_order(struct member *member, int order, uint32_t place)
{
	member->order = order ? order : DEFAULT_ORDER;
	member->rank = order ? 0 : place;
}

static void add(struct members *members, const struct member *member)
{
	alloc_grow(members->list, members->len, members->cap);
	members->list[members->len++] = *member;
}

struct search {
	const struct members_query *query;
	const struct activity_definition *definition;
	struct plan_phase *phase;
	struct door *door;
	struct members *members;
};

/* What the config says of the plugin in this activity; what it subscribes to
 * has been told already. */
static struct catalog_override find_override(const struct search *search,
					     const struct plan_plugin *plugin)
{
	if (plugin->own) {
		return (struct catalog_override){
			.mandatory = plugin->own->mandatory,
			.order = plugin->own->order,
		};
	}
	const struct catalog_override *override =
	    plugin->known ? plugin_override(plugin->known,
					    slice_of(search->definition->name))
			  : NULL;

	return override ? *override : (struct catalog_override){ 0 };
}

static const struct filter *find_filter(const struct plan_binding *binding)
{
	if (binding->filter || !binding->plugin->own) {
		return binding->filter;
	}
	return binding->plugin->own->filter;
}

static void add_binding(const struct search *search, uint32_t index)
{
	const struct binding *binding =
	    &search->definition->phases[search->query->phase].bindings[index];
	const struct plan_plugin *plugin =
	    search->phase->bindings[index].plugin;
	struct catalog_override override = find_override(search, plugin);

	if (!takes_part(binding->run_on, search->query->situation)) {
		return;
	}
	struct member member = {
		.plugin = plugin->known,
		.plugin_name = slice_of(binding->plugin),
		.name = slice_of(binding->name),
		.binding = index,
		.filter = find_filter(&search->phase->bindings[index]),
		.mandatory =
		    decide_mandatory(binding->mandatory, override.mandatory,
				     plugin->own, search->definition),
		.timeout_ms = binding->timeout_ms,
		.run_on = binding->run_on,
	};

	decide_order(&member, binding->order ? binding->order : override.order,
		     index + 1);
	add(search->members, &member);
}

/* The plugin's bindings without a filter of their own. */
static void add_open(const struct search *search,
		     const struct plan_plugin *plugin)
{
	for (const struct plan_binding *open = plugin->first_open; open;
	     open = open->next_open) {
		add_binding(search, (uint32_t)(open - search->phase->bindings));
	}
}

static void add_subscription(const struct search *search,
			     const struct subscription *own)
{
	struct plugin *plugin = own->attendance->plugin;
	struct member member = {
		.plugin = plugin,
		.plugin_name = slice_of(plugin->name),
		.name = slice_of(plugin->name),
		.binding = NO_BINDING,
		.place = own->place,
		.filter = own->filter,
		.mandatory = decide_mandatory(CHOICE_UNSET, own->mandatory, own,
					      search->definition),
		.run_on = RUN_ON_SUCCESS,
	};

	decide_order(&member, own->order, 0);
	add(search->members, &member);
}

static void count_bindings(const struct search *search)
{
	for (int i = 0; i < RUN_ON_KINDS; i++) {
		if (takes_part((enum run_on)i, search->query->situation)) {
			search->members->candidates += search->phase->counts[i];
		}
	}
}

static void find_bindings(const struct search *search,
			  const struct audience *audience)
{
	const uint32_t *ids;
	size_t len = 0;

	count_bindings(search);
	if (search->phase->index) {
		len = filter_index_match_packed(
		    search->phase->index, search->query->attributes, 0, &ids);
	}
	for (size_t i = 0; i < len; i++) {
		add_binding(search, ids[i]);
	}
	for (const struct plan_plugin *plugin = audience->first_easy; plugin;
	     plugin = plugin->next_easy) {
		add_open(search, plugin);
	}
}

static bool subscriptions_count(const struct search *search)
{
	return takes_part(RUN_ON_SUCCESS, search->query->situation);
}

/* A subscription that matches stands for its plugin's bindings without a
 * filter, or for itself. */
static void look_at(const struct search *search,
		    const struct subscription *subscription)
{
	const struct plugin *plugin = subscription->attendance->plugin;
	const struct plan_plugin *bound =
	    plan_plugin(search->phase, slice_of(plugin->name));

	if (bound && bound->own == subscription) {
		add_open(search, bound);
	} else if (!bound && plugin->registered &&
		   subscriptions_count(search)) {
		add_subscription(search, subscription);
	}
}

static void find_subscriptions(const struct search *search,
			       const struct audience *audience)
{
	uint64_t generation = search->query->generation;
	const uint32_t *ids;
	size_t len = 0;

	if (subscriptions_count(search)) {
		search->members->candidates +=
		    door_count(search->door, generation) - audience->replaced;
	}
	if (subscriptions_count(search) || audience->lent) {
		len = filter_index_match_packed(search->door->index,
						search->query->attributes,
						generation, &ids);
	}
	for (size_t i = 0; i < len; i++) {
		look_at(search, search->door->places[ids[i]]);
	}
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

static const struct audience *begin(const struct members_query *query,
				    struct members *members,
				    struct search *ret_search)
{
	const struct activity_definition *definition =
	    &query->plan->definition->activities[query->activity];

	*members = (struct members){ 0 };
	*ret_search = (struct search){
		.query = query,
		.definition = definition,
		.phase = plan_phase(query->plan, query->activity, query->phase),
		.door = catalog_door(query->catalog, slice_of(definition->name),
				     query->phase),
		.members = members,
	};
	return audience_of(query->catalog, ret_search->door, ret_search->phase,
			   query->generation);
}

static void sort(struct members *members)
{
	if (members->len) {
		qsort(members->list, members->len, sizeof(struct member),
		      compare_members);
	}
}

void members_find(const struct members_query *query,
		  struct members *ret_members)
{
	struct search search;
	const struct audience *audience = begin(query, ret_members, &search);

	find_bindings(&search, audience);
	if (search.door) {
		find_subscriptions(&search, audience);
	}
	ret_members->filtered =
	    (uint32_t)(ret_members->candidates - ret_members->len);
	sort(ret_members);
}

static void add_other_bindings(const struct search *search, const bool *taken)
{
	size_t len = search->definition->phases[search->query->phase].len;

	for (size_t i = 0; i < len; i++) {
		if (!taken[i]) {
			add_binding(search, (uint32_t)i);
		}
	}
}

static void add_other_subscriptions(const struct search *search,
				    const bool *taken)
{
	for (size_t i = 0; i < search->door->len; i++) {
		const struct subscription *own = search->door->places[i];

		if (own && !taken[i] &&
		    subscription_is_seen(own, search->query->generation) &&
		    own->attendance->plugin->registered &&
		    !plan_plugin(search->phase,
				 slice_of(own->attendance->plugin->name))) {
			add_subscription(search, own);
		}
	}
}

void members_find_others(const struct members_query *query,
			 const struct members *members,
			 struct members *ret_others)
{
	struct search search;

	(void)begin(query, ret_others, &search);
	size_t bindings = search.definition->phases[query->phase].len;
	size_t places = search.door ? search.door->len : 0;
	bool *taken = alloc_zeroed(bindings + places, sizeof(*taken));

	for (size_t i = 0; i < members->len; i++) {
		const struct member *member = &members->list[i];

		taken[member->binding == NO_BINDING ? bindings + member->place
						    : member->binding] = true;
	}
	add_other_bindings(&search, taken);
	if (search.door && subscriptions_count(&search)) {
		add_other_subscriptions(&search, taken + bindings);
	}
	free(taken);
	sort(ret_others);
}

void members_fini(struct members *members)
{
	free(members->list);
	*members = (struct members){ 0 };
}
