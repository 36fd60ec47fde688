#include "daemon/replaced.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"

static void tell(struct daemon *daemon, enum event_kind kind,
		 const char *plugin, const char *instance)
{
	struct event event = {
		.kind = kind,
		.as.instance = {
			.plugin = slice_of(plugin),
			.name = slice_of(instance),
			.message = SLICE("replaced by a newer version"),
		},
	};

	(void)engine_step(daemon->engine, &event, clock_wall_us(),
			  &daemon->output, NULL);
}

void replaced_add(struct daemon *daemon, const char *plugin,
		  const char *instance)
{
	tell(daemon, EVENT_DRAIN, plugin, instance);
	alloc_grow(daemon->replaced, daemon->replaced_count,
		   daemon->replaced_cap);
	daemon->replaced[daemon->replaced_count++] = (struct replaced){
		.plugin = alloc_string(plugin),
		.instance = alloc_string(instance),
	};
}

void replaced_inside(struct daemon *daemon, struct registration *registration)
{
	if (registration->inside) {
		replaced_add(daemon, registration->name, registration->inside);
		free(registration->inside);
		registration->inside = NULL;
	}
}

static void replaced_free(const struct replaced *replaced)
{
	free(replaced->plugin);
	free(replaced->instance);
}

void replaced_reap(struct daemon *daemon)
{
	size_t kept = 0;

	for (size_t i = 0; i < daemon->replaced_count; i++) {
		struct replaced *replaced = &daemon->replaced[i];

		if (engine_in_flight(daemon->engine, slice_of(replaced->plugin),
				     slice_of(replaced->instance))) {
			daemon->replaced[kept++] = *replaced;
			continue;
		}
		tell(daemon, EVENT_GONE, replaced->plugin, replaced->instance);
		replaced_free(replaced);
	}
	if (daemon->replaced_count) {
		(void)host_reap(daemon->host);
	}
	daemon->replaced_count = kept;
}

void replaced_fini(struct daemon *daemon)
{
	for (size_t i = 0; i < daemon->replaced_count; i++) {
		replaced_free(&daemon->replaced[i]);
	}
	free(daemon->replaced);
	daemon->replaced = NULL;
	daemon->replaced_count = 0;
}
