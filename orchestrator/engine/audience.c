#include "engine/audience.h"

/* As long as something is registered under its name, its subscriptions count
 * among the door's. */
static size_t count_replaced(const struct subscription *own,
			     uint64_t generation)
{
	size_t count = 0;

	if (!own || !own->attendance->plugin->registered) {
		return 0;
	}
	for (; own; own = own->next) {
		count += subscription_is_seen(own, generation);
	}
	return count;
}

static void ask(const struct catalog *catalog, const struct door *door,
		struct audience *audience, struct plan_plugin *plugin)
{
	if (!plugin->known) {
		plugin->known = catalog_find(catalog, slice_of(plugin->name));
	}
	plugin->own = catalog_own(door, plugin->known, audience->generation);
	audience->replaced += count_replaced(plugin->own, audience->generation);
	if (!plugin->first_open) {
		return;
	}
	if (plugin->own) {
		audience->lent = true;
	} else {
		plugin->next_easy = audience->first_easy;
		audience->first_easy = plugin;
	}
}

const struct audience *audience_of(const struct catalog *catalog,
				   const struct door *door,
				   struct plan_phase *phase,
				   uint64_t generation)
{
	struct audience *audience = &phase->audience;

	if (audience->filled && audience->generation == generation &&
	    audience->newest == catalog->generation) {
		return audience;
	}
	*audience = (struct audience){
		.filled = true,
		.generation = generation,
		.newest = catalog->generation,
	};
	for (struct plan_plugin *plugin = phase->plugins; plugin;
	     plugin = plugin->by_name.next) {
		ask(catalog, door, audience, plugin);
	}
	return audience;
}
