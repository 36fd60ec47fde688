#include "daemon/instances.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "daemon/registrations.h"

struct live_instance *live_instance_find(const struct daemon *daemon,
					 struct slice name)
{
	struct live_instance *instance = NULL;

	HASH_FIND(by_name, daemon->instances, name.ptr, name.len, instance);
	return instance;
}

struct live_instance *live_instance_add(struct daemon *daemon,
					struct slice name,
					enum config_form form,
					const char *entry, int64_t pid)
{
	struct live_instance *instance = alloc_zeroed(1, sizeof(*instance));

	instance->name = slice_dup(name);
	instance->form = form;
	instance->entry = alloc_string(entry);
	instance->pid = pid;
	instance->since_us = clock_wall_us();
	HASH_ADD_KEYPTR(by_name, daemon->instances, instance->name, name.len,
			instance);
	return instance;
}

void live_instance_add_plugin(struct live_instance *instance, struct slice name,
			      uint32_t max_tasks)
{
	instance->plugins =
	    alloc_resize(instance->plugins, instance->plugin_count + 1,
			 sizeof(*instance->plugins));
	instance->plugins[instance->plugin_count++] = (struct live_plugin){
		.name = slice_dup(name),
		.max_tasks = max_tasks,
	};
}

static void live_instance_free(struct daemon *daemon,
			       struct live_instance *instance)
{
	HASH_DELETE(by_name, daemon->instances, instance);
	for (size_t i = 0; i < instance->plugin_count; i++) {
		free(instance->plugins[i].name);
	}
	free(instance->plugins);
	value_clear(&instance->about);
	free(instance->entry);
	free(instance->name);
	free(instance);
}

void instances_fini(struct daemon *daemon)
{
	struct live_instance *instance;
	struct live_instance *next;

	HASH_ITER(by_name, daemon->instances, instance, next)
	{
		live_instance_free(daemon, instance);
	}
}

/* One event for each of its plugins. */
static void tell(struct daemon *daemon, const struct live_instance *instance,
		 enum event_kind kind, bool died, const char *message)
{
	for (size_t i = 0; i < instance->plugin_count; i++) {
		struct event event = {
			.kind = kind,
			.as.instance = {
				.plugin = slice_of(instance->plugins[i].name),
				.name = slice_of(instance->name),
				.max_tasks = instance->plugins[i].max_tasks,
				.died = died,
				.message = slice_of(message),
			},
		};

		(void)engine_step(daemon->engine, &event, clock_wall_us(),
				  &daemon->output, NULL);
	}
}

/* Whoever looks without a daemon sees what is ready. */
static void write_down(struct daemon *daemon,
		       const struct live_instance *instance)
{
	for (size_t i = 0; i < instance->plugin_count; i++) {
		const struct registration *registration = registration_find(
		    daemon, slice_of(instance->plugins[i].name));

		if (registration) {
			registration_write(daemon, registration);
		}
	}
}

void live_instance_ready(struct daemon *daemon, struct live_instance *instance)
{
	instance->state = INSTANCE_READY;
	tell(daemon, instance, EVENT_INSTANCE, false, NULL);
	write_down(daemon, instance);
}

void live_instance_drain(struct daemon *daemon, struct live_instance *instance)
{
	if (instance->state == INSTANCE_READY) {
		instance->state = INSTANCE_DRAINING;
		tell(daemon, instance, EVENT_DRAIN, false, NULL);
		write_down(daemon, instance);
	}
}

/* An ephemeral registration ends with the last of its copies. */
static void end_ephemeral(struct daemon *daemon, struct slice plugin)
{
	struct registration *registration = registration_find(daemon, plugin);

	if (!registration) {
		return;
	}
	if (registration->ephemeral &&
	    !instances_serve(daemon, registration->name)) {
		registration_remove(daemon, registration, SLICE("engine"));
	} else {
		registration_write(daemon, registration);
	}
}

void live_instance_gone(struct daemon *daemon, struct live_instance *instance,
			bool died, const char *message)
{
	bool told = instance->state != INSTANCE_GREETED;
	struct live_plugin *plugins = instance->plugins;
	size_t len = instance->plugin_count;

	if (told) {
		tell(daemon, instance, EVENT_GONE, died, message);
	}
	instance->plugins = NULL;
	instance->plugin_count = 0;
	live_instance_free(daemon, instance);
	for (size_t i = 0; i < len; i++) {
		if (told) {
			end_ephemeral(daemon, slice_of(plugins[i].name));
		}
		free(plugins[i].name);
	}
	free(plugins);
}

bool live_instance_has(const struct live_instance *instance, const char *plugin)
{
	for (size_t i = 0; i < instance->plugin_count; i++) {
		if (!strcmp(instance->plugins[i].name, plugin)) {
			return true;
		}
	}
	return false;
}

bool instances_serve(const struct daemon *daemon, const char *plugin)
{
	for (const struct live_instance *instance = daemon->instances; instance;
	     instance = instance->by_name.next) {
		if (instance->state == INSTANCE_READY &&
		    live_instance_has(instance, plugin)) {
			return true;
		}
	}
	return false;
}

const char *live_instance_state_name(enum live_state state)
{
	switch (state) {
	case INSTANCE_GREETED:
		return "starting";
	case INSTANCE_READY:
		return "ready";
	case INSTANCE_DRAINING:
		break;
	}
	return "draining";
}
