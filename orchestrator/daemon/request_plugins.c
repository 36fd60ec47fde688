/* What clients ask about plugins and their processes. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/near.h"
#include "daemon/call.h"
#include "daemon/instances.h"
#include "daemon/processes.h"
#include "daemon/registrations.h"
#include "daemon/reload.h"
#include "daemon/remote.h"

#define CHECK_MS 300

struct value describe_bus(const struct daemon *daemon)
{
	struct value bus = value_map();
	struct err err = { 0 };

	if (!daemon->link) {
		value_clear(&bus);
		return value_null();
	}
	struct link_addresses addresses = link_addresses(daemon->link);
	struct link_stats stats = link_stats(daemon->link);
	bool dead = link_check(daemon->link, CHECK_MS, &err) < 0;

	value_set(&bus, "requests", value_text(addresses.requests));
	value_set(&bus, "work", value_text(addresses.work));
	value_set(&bus, "events", value_text(addresses.events));
	value_set(&bus, "instances", value_uint(stats.instances));
	value_set(&bus, "malformed", value_uint(stats.malformed));
	value_set(&bus, "refused", value_uint(stats.refused));
	value_set(&bus, "redelivered", value_uint(stats.redelivered));
	value_set(&bus, "lost", value_uint(stats.lost));
	value_set(&bus, "error", dead ? value_text(err.msg) : value_null());
	return bus;
}

/* ---- plugins ---- */

static struct value describe_instance(const struct daemon *daemon,
				      const struct live_instance *instance,
				      const struct live_plugin *plugin)
{
	struct value one = value_map();
	char since[CLOCK_TEXT_SIZE];

	clock_format(instance->since_us, since);
	value_set(&one, "name", value_text(instance->name));
	value_set(&one, "pid", value_int(instance->pid));
	value_set(&one, "state",
		  value_text(live_instance_state_name(instance->state)));
	value_set(
	    &one, "in_flight",
	    value_int(engine_in_flight(daemon->engine, slice_of(plugin->name),
				       slice_of(instance->name))));
	value_set(&one, "max_tasks", value_int(plugin->max_tasks));
	value_set(&one, "since", value_text(since));
	return one;
}

static struct value describe_inside(const struct daemon *daemon,
				    const struct registration *registration)
{
	struct value one = value_map();
	char since[CLOCK_TEXT_SIZE];

	clock_format(daemon->started_us, since);
	value_set(&one, "name", value_text(registration->inside));
	value_set(&one, "pid", value_int(getpid()));
	value_set(&one, "state", value_text("ready"));
	value_set(&one, "in_flight",
		  value_int(engine_in_flight(daemon->engine,
					     slice_of(registration->name),
					     slice_of(registration->inside))));
	value_set(&one, "max_tasks", value_int(registration->max_tasks));
	value_set(&one, "since", value_text(since));
	return one;
}

static struct value describe_instances(const struct daemon *daemon,
				       const struct registration *registration)
{
	struct value list = value_array();

	if (registration->inside) {
		value_push(&list, describe_inside(daemon, registration));
	}
	for (const struct live_instance *instance = daemon->instances; instance;
	     instance = instance->by_name.next) {
		for (size_t i = 0; i < instance->plugin_count; i++) {
			if (!strcmp(instance->plugins[i].name,
				    registration->name)) {
				value_push(&list, describe_instance(
						      daemon, instance,
						      &instance->plugins[i]));
			}
		}
	}
	return list;
}

/* A plugin without a live copy: is one coming? */
static const char *state_of(const struct daemon *daemon,
			    const struct registration *registration)
{
	const char *state = registration_state(daemon, registration);
	struct supervisor_status status;

	if (strcmp(state, "no instance") != 0 ||
	    !processes_status(daemon, registration->entry, &status)) {
		return state;
	}
	return status.given_up ? "gave up" : status.wanted ? "starting" : state;
}

static uint64_t misbehaved(const struct daemon *daemon, const char *name)
{
	for (size_t i = 0; i < host_plugin_count(daemon->host); i++) {
		struct host_plugin_info info =
		    host_plugin_info(daemon->host, i);

		if (!strcmp(info.name, name)) {
			return info.misbehaved;
		}
	}
	return 0;
}

static int64_t sum(const struct value *instances, const char *key)
{
	int64_t total = 0;

	for (size_t i = 0; i < value_len(instances); i++) {
		const struct value *instance = value_at(instances, i);

		if (!slice_is(value_get_text(instance, "state"), "starting")) {
			total += value_get_int(instance, key, 0);
		}
	}
	return total;
}

static struct value describe_plugin(const struct daemon *daemon,
				    const struct registration *registration)
{
	struct value one = value_map();
	struct value instances = describe_instances(daemon, registration);

	value_set(&one, "name", value_text(registration->name));
	value_set(&one, "version", value_text(registration->version));
	value_set(&one, "help", value_text(registration->help));
	value_set(&one, "module", value_text(registration->module));
	value_set(&one, "hash", value_text(registration->hash));
	value_set(&one, "form",
		  value_text(registration_form_name(registration->form)));
	value_set(&one, "state", value_text(state_of(daemon, registration)));
	value_set(&one, "message", value_text(registration->message));
	value_set(&one, "max_tasks", value_int(registration->max_tasks));
	value_set(&one, "in_flight", value_int(sum(&instances, "in_flight")));
	value_set(&one, "misbehaved",
		  value_uint(misbehaved(daemon, registration->name)));
	value_set(&one, "crashes", value_int(registration->crashes));
	value_set(&one, "quarantined", value_bool(registration->quarantined));
	value_set(&one, "ephemeral", value_bool(registration->ephemeral));
	value_set(&one, "entry", value_text(registration->entry));
	value_set(&one, "queue",
		  registration->queue
		      ? queue_policy_to_value(registration->queue)
		      : value_null());
	value_set(&one, "instances", instances);
	return one;
}

static struct value describe_process(const struct daemon *daemon,
				     const struct supervisor_status *status)
{
	const struct config_module *module =
	    processes_entry(daemon, slice_of(status->entry));
	char *command = module ? processes_command(module) : NULL;
	int64_t now_ms = clock_mono_ns() / 1000000;
	struct value one = value_map();

	value_set(&one, "entry", value_text(status->entry));
	value_set(&one, "command",
		  value_text(command ? command : status->command));
	value_set(&one, "form",
		  value_text(module ? registration_form_name(module->form)
				    : "process"));
	value_set(&one, "wanted", value_int(status->wanted));
	value_set(&one, "actual", value_int(status->actual));
	value_set(&one, "ready", value_int(status->ready));
	value_set(&one, "deaths", value_int(status->deaths));
	value_set(&one, "given_up", value_bool(status->given_up));
	value_set(&one, "next_start_in_ms",
		  status->next_start_ms
		      ? value_int(status->next_start_ms > now_ms
				      ? status->next_start_ms - now_ms
				      : 0)
		      : value_null());
	value_set(&one, "last_exit",
		  *status->last.text ? value_text(status->last.text)
				     : value_null());
	free(command);
	return one;
}

static struct value describe_processes(const struct daemon *daemon)
{
	struct value list = value_array();

	for (size_t i = 0;
	     daemon->supervisor && i < supervisor_count(daemon->supervisor);
	     i++) {
		struct supervisor_status status =
		    supervisor_status(daemon->supervisor, i);

		value_push(&list, describe_process(daemon, &status));
	}
	return list;
}

static int compare_names(const struct registration *a,
			 const struct registration *b)
{
	return strcmp(a->name, b->name);
}

int request_plugins(struct call *call, struct err *reterr)
{
	struct daemon *daemon = call->daemon;
	struct value list = value_array();
	struct value result = value_map();

	(void)reterr;
	HASH_SRT(by_name, daemon->registrations, compare_names);
	for (const struct registration *registration = daemon->registrations;
	     registration; registration = registration->by_name.next) {
		/* Else only its crashes are remembered. */
		if (registration->subscriptions) {
			value_push(&list,
				   describe_plugin(daemon, registration));
		}
	}
	value_set(&result, "plugins", list);
	value_set(&result, "processes", describe_processes(daemon));
	value_set(&result, "bus", describe_bus(daemon));
	call_answer(call, result);
	return 0;
}

/* ---- remove, release, scale ---- */

static int find_plugin(const struct daemon *daemon, struct slice name,
		       struct registration **ret_registration,
		       struct err *reterr)
{
	struct near near = { 0 };

	*ret_registration = registration_find(daemon, name);
	if (*ret_registration) {
		return 0;
	}
	for (const struct registration *known = daemon->registrations; known;
	     known = known->by_name.next) {
		near_try(&near, name, known->name);
	}
	return err_set(reterr, E_NOT_FOUND, "there is no plugin '%.*s'%s%s%s",
		       SLICE_ARG(name), near.best ? "; did you mean '" : "",
		       near.best ? near.best : "", near.best ? "'?" : "");
}

/* Its copies finish what they have and leave. */
static struct value retire_copies(struct daemon *daemon, const char *plugin,
				  bool dry_run)
{
	struct value names = value_array();
	struct live_instance *instance;
	struct live_instance *next;

	HASH_ITER(by_name, daemon->instances, instance, next)
	{
		for (size_t i = 0; i < instance->plugin_count; i++) {
			if (!strcmp(instance->plugins[i].name, plugin)) {
				value_push(&names, value_text(instance->name));
			}
		}
	}
	for (size_t i = 0; !dry_run && i < value_len(&names); i++) {
		remote_retire(daemon, value_at(&names, i)->as.text.ptr);
	}
	return names;
}

int request_plugin_remove(struct call *call, struct err *reterr)
{
	struct daemon *daemon = call->daemon;
	const struct value *args = &call->request->args;
	bool dry_run = value_get_bool(args, "dry_run", false);
	struct slice name = value_get_text(args, "plugin");
	struct registration *registration;
	int rc = find_plugin(daemon, name, &registration, reterr);

	if (rc < 0) {
		return rc;
	}
	if (registration->form != FORM_PROCESS || registration->entry ||
	    !strcmp(registration->module, ANNOUNCED)) {
		return err_set(reterr, E_CONFLICT,
			       "the config provides plugin '%s' (%s): take it "
			       "out there, then 'tutti reload'",
			       registration->name, registration->module);
	}
	struct value result = value_map();

	value_set(&result, "plugin", value_string(name));
	value_set(&result, "instances",
		  retire_copies(daemon, registration->name, dry_run));
	if (!dry_run) {
		registration_remove(daemon, registration,
				    slice_of(call->actor));
	}
	call_defer(call, result);
	return 0;
}

static void start_again(struct daemon *daemon, struct slice entry)
{
	const struct config_module *module = processes_entry(daemon, entry);

	if (module) {
		processes_set(daemon, module, SUPERVISOR_KEEP);
	}
}

int request_plugin_release(struct call *call, struct err *reterr)
{
	struct daemon *daemon = call->daemon;
	const struct value *args = &call->request->args;
	bool dry_run = value_get_bool(args, "dry_run", false);
	struct slice name = value_get_text(args, "plugin");
	struct slice entry = value_get_text(args, "entry");
	struct registration *registration = registration_find(daemon, name);
	struct supervisor_status status = { 0 };

	if (entry.len == 0) {
		entry = registration && registration->entry
			    ? slice_of(registration->entry)
			    : name;
	}
	const struct config_module *module = processes_entry(daemon, entry);
	bool given_up = module &&
			processes_status(daemon, module->name, &status) &&
			status.given_up;
	bool quarantined = registration && registration->quarantined;

	if (!registration && !module) {
		return find_plugin(daemon, name, &registration, reterr);
	}
	if (!given_up && !quarantined) {
		return err_set(reterr, E_UNCHANGED,
			       "'%.*s' is neither quarantined nor given up",
			       SLICE_ARG(name.len ? name : entry));
	}
	if (!dry_run && quarantined) {
		registration_quarantine(daemon, registration, false, NULL);
	}
	if (!dry_run && given_up) {
		start_again(daemon, entry);
	}
	struct value result = value_map();

	value_set(&result, "plugin", value_string(name.len ? name : entry));
	value_set(&result, "released", value_bool(true));
	call_defer(call, result);
	return 0;
}

static int find_entry(const struct daemon *daemon, struct slice name,
		      struct config_module **ret_module, struct err *reterr)
{
	const struct config *config = daemon->options.config;
	struct near near = { 0 };

	for (size_t i = 0; i < config->module_count; i++) {
		struct config_module *module = &config->modules[i];

		if (module->form == FORM_IN_PROCESS) {
			continue;
		}
		if (slice_is(name, module->name)) {
			*ret_module = module;
			return 0;
		}
		near_try(&near, name, module->name);
	}
	return err_set(reterr, E_NOT_FOUND,
		       "no isolated or process entry of the config is called "
		       "'%.*s'%s%s%s",
		       SLICE_ARG(name), near.best ? "; did you mean '" : "",
		       near.best ? near.best : "", near.best ? "'?" : "");
}

int request_scale(struct call *call, struct err *reterr)
{
	struct daemon *daemon = call->daemon;
	const struct value *args = &call->request->args;
	int64_t wanted = value_get_int(args, "instances", -1);
	struct config_module *module = NULL;
	int rc =
	    find_entry(daemon, value_get_text(args, "entry"), &module, reterr);

	if (rc < 0) {
		return rc;
	}
	if (wanted < 0 || wanted > LIMIT_INSTANCES) {
		return err_set(reterr, E_INVALID, "instances must be 0 to %d",
			       LIMIT_INSTANCES);
	}
	if (wanted == (int64_t)module->instances) {
		return err_set(reterr, E_UNCHANGED,
			       "'%s' has %u instances already", module->name,
			       module->instances);
	}
	struct value result = value_map();

	value_set(&result, "entry", value_text(module->name));
	value_set(&result, "before", value_int(module->instances));
	value_set(&result, "after", value_int(wanted));
	if (!value_get_bool(args, "dry_run", false)) {
		/* Until the next reload: the file says otherwise. */
		module->instances = (uint32_t)wanted;
		processes_set(daemon, module, SUPERVISOR_KEEP);
		processes_retire(daemon, module->name);
	}
	call_answer(call, result);
	return 0;
}

int request_reload(struct call *call, struct err *reterr)
{
	struct value result = value_map();
	bool dry_run = value_get_bool(&call->request->args, "dry_run", false);
	int rc = reload(call->daemon, dry_run, &result, reterr);

	if (rc < 0) {
		value_clear(&result);
		return rc;
	}
	call_defer(call, result);
	return 0;
}
