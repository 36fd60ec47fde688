#include "daemon/remote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "daemon/commit.h"
#include "daemon/instances.h"
#include "daemon/metrics.h"
#include "daemon/processes.h"
#include "daemon/registrations.h"

/* ---- hello ---- */

static struct value subscriptions_of(const struct wire_plugin *plugin)
{
	struct value list = value_array();

	for (size_t i = 0; i < plugin->subscription_count; i++) {
		const struct wire_subscription *given =
		    &plugin->subscriptions[i];
		struct value one = value_map();

		value_set(&one, "activity", value_string(given->activity));
		value_set(
		    &one, "phase",
		    value_text(phase_kind_name((enum phase_kind)given->phase)));
		value_set(&one, "order",
			  value_int(given->order ? given->order : 90));
		value_set(&one, "mandatory", value_bool(!given->optional));
		value_set(&one, "filter", value_copy(&given->filter));
		value_push(&list, one);
	}
	return list;
}

static struct value params_of(const struct wire_plugin *plugin)
{
	struct value list = value_array();

	for (size_t i = 0; i < plugin->param_count; i++) {
		const struct wire_param *given = &plugin->params[i];
		struct value one = value_map();

		value_set(&one, "name", value_string(given->name));
		value_set(&one, "type", value_string(given->type));
		value_set(&one, "fallback",
			  given->fallback.ptr ? value_string(given->fallback)
					      : value_null());
		value_set(&one, "help", value_string(given->help));
		value_push(&list, one);
	}
	return list;
}

/* The entry that a supervised process belongs to: its name up to the '#'. */
static int find_entry(const struct daemon *daemon, struct slice name,
		      const struct config_module **ret_module,
		      struct err *reterr)
{
	const char *end = name.len ? memrchr(name.ptr, '#', name.len) : NULL;
	struct slice entry = { name.ptr, end ? (size_t)(end - name.ptr) : 0 };

	*ret_module = NULL;
	if (name.len == 0) {
		return 0;
	}
	*ret_module = end ? processes_entry(daemon, entry) : NULL;
	if (!*ret_module ||
	    !supervisor_has_instance(daemon->supervisor, name)) {
		return err_set(reterr, E_NOT_FOUND,
			       "no process '%.*s' was started by this "
			       "orchestrator: unset TUTTI_INSTANCE to register "
			       "by hand",
			       SLICE_ARG(name));
	}
	if (live_instance_find(daemon, name)) {
		return err_set(reterr, E_CONFLICT,
			       "'%.*s' is connected already", SLICE_ARG(name));
	}
	return 0;
}

static void name_instance(struct daemon *daemon, const struct wire_hello *hello,
			  struct buf *ret_name)
{
	if (hello->name.len) {
		buf_put_slice(ret_name, hello->name);
		return;
	}
	do {
		buf_clear(ret_name);
		buf_printf(ret_name, "%.*s@%lld.%u",
			   SLICE_ARG(hello->plugins[0].name),
			   (long long)hello->pid, ++daemon->instances_named);
	} while (live_instance_find(daemon, buf_slice(ret_name)));
}

static void add_activity(struct value *activities, struct slice name)
{
	for (size_t i = 0; i < value_len(activities); i++) {
		if (slice_equal(value_at(activities, i)->as.text, name)) {
			return;
		}
	}
	value_push(activities, value_string(name));
}

static bool binds(const struct activity_definition *activity,
		  struct slice plugin)
{
	const struct phase_definition *phase =
	    &activity->phases[PHASE_PARALLEL];

	for (size_t i = 0; i < phase->len; i++) {
		if (slice_is(plugin, phase->bindings[i].plugin)) {
			return true;
		}
	}
	return false;
}

/* What it subscribes to and what the config binds it to. */
static void add_activities(const struct daemon *daemon,
			   const struct wire_plugin *plugin,
			   struct value *activities)
{
	const struct config *config = daemon->options.config;

	for (size_t i = 0; i < plugin->subscription_count; i++) {
		add_activity(activities, plugin->subscriptions[i].activity);
	}
	for (size_t i = 0; i < config->activity_count; i++) {
		if (binds(&config->activities[i], plugin->name)) {
			add_activity(activities,
				     slice_of(config->activities[i].name));
		}
	}
}

static uint32_t lower(uint32_t own, const struct config_module *module)
{
	own = own ? own : 1;
	return module && module->max_tasks && module->max_tasks < own
		   ? module->max_tasks
		   : own;
}

/* Until it is ready only what it said is kept, as a document. */
static struct value remember(const struct wire_hello *hello)
{
	struct value list = value_array();

	for (size_t i = 0; i < hello->plugin_count; i++) {
		const struct wire_plugin *plugin = &hello->plugins[i];
		struct value one = value_map();

		value_set(&one, "name", value_string(plugin->name));
		value_set(&one, "version", value_string(plugin->version));
		value_set(&one, "help", value_string(plugin->help));
		value_set(&one, "hash", value_string(plugin->hash));
		value_set(&one, "max_tasks", value_int(plugin->max_tasks));
		value_set(&one, "flags", value_int(plugin->flags));
		value_set(&one, "ephemeral", value_bool(hello->ephemeral));
		value_set(&one, "subscriptions", subscriptions_of(plugin));
		value_set(&one, "params", params_of(plugin));
		value_set(&one, "queue", value_copy(&plugin->queue));
		value_push(&list, one);
	}
	return list;
}

/* Who speaks: a process of an entry, or one started by hand. */
struct speaker {
	enum config_form form;
	const char *entry;                  /* NULL: by hand */
	const struct config_module *module; /* NULL: not in the config */
};

/* What it said as a registration. `command` is the module's, or NULL. */
static struct registration_about about_of(const struct value *said,
					  const struct speaker *speaker,
					  const char *command)
{
	return (struct registration_about){
		.name = value_get_text(said, "name"),
		.version = value_get_text(said, "version"),
		.help = value_get_text(said, "help"),
		.module = slice_of(command ? command : REGISTERS_ITSELF),
		.hash = value_get_text(said, "hash"),
		.form = speaker->form,
		.entry = speaker->entry,
		.source = speaker->module ? speaker->module->path : NULL,
		.max_tasks = (uint32_t)value_get_int(said, "max_tasks", 1),
		.ephemeral = value_get_bool(said, "ephemeral", false) &&
			     !speaker->module,
		.always_run =
		    value_get_int(said, "flags", 0) & TUTTI_ALWAYS_RUN,
		.subscriptions = value_get(said, "subscriptions"),
		.params = value_get(said, "params"),
		.queue = value_get(said, "queue"),
	};
}

/* Each plugin in the document of remember() through one of the functions of
 * registrations.h. */
static int check_about(struct daemon *daemon,
		       const struct registration_about *about,
		       struct err *reterr)
{
	return registration_check(daemon, about, reterr);
}

static int put_about(struct daemon *daemon,
		     const struct registration_about *about, struct err *reterr)
{
	int rc = registration_check(daemon, about, reterr);

	return rc < 0 ? rc : registration_put(daemon, about, reterr);
}

static int for_each_plugin(struct daemon *daemon, const struct value *list,
			   const struct speaker *speaker,
			   int (*each)(struct daemon *daemon,
				       const struct registration_about *about,
				       struct err *reterr),
			   struct err *reterr)
{
	char *command =
	    speaker->module ? processes_command(speaker->module) : NULL;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < value_len(list); i++) {
		struct registration_about about =
		    about_of(value_at(list, i), speaker, command);

		rc = each(daemon, &about, reterr);
	}
	free(command);
	return rc;
}

static int on_hello(void *arg, const struct wire_hello *hello,
		    struct buf *ret_name, struct value *ret_activities,
		    struct value *ret_config, struct err *reterr)
{
	struct daemon *daemon = arg;
	const struct config_module *module;

	if (daemon->draining) {
		return err_set(reterr, E_UNREACHABLE,
			       "the orchestrator is stopping");
	}
	if (hello->plugin_count == 0) {
		return err_set(reterr, E_INVALID, "it has no plugins");
	}
	int rc = find_entry(daemon, hello->name, &module, reterr);

	if (rc < 0) {
		return rc;
	}
	struct value about = remember(hello);
	const struct speaker speaker = {
		.form = module ? module->form : FORM_PROCESS,
		.entry = module ? module->name : NULL,
		.module = module,
	};

	rc = for_each_plugin(daemon, &about, &speaker, check_about, reterr);
	if (rc < 0) {
		value_clear(&about);
		return rc;
	}
	name_instance(daemon, hello, ret_name);
	struct live_instance *instance = live_instance_add(
	    daemon, buf_slice(ret_name), module ? module->form : FORM_PROCESS,
	    module ? module->name : NULL, hello->pid);

	for (size_t i = 0; i < hello->plugin_count; i++) {
		const struct wire_plugin *plugin = &hello->plugins[i];

		live_instance_add_plugin(
		    instance, plugin->name,
		    lower(plugin->max_tasks,
			  module ? module
				 : config_announced(daemon->options.config,
						    plugin->name)));
		add_activities(daemon, plugin, ret_activities);
	}
	instance->about = about;
	if (module) {
		*ret_config = value_copy(&module->config);
	}
	return 0;
}

/* ---- ready and gone ---- */

static void note(struct daemon *daemon, const struct live_instance *instance,
		 enum log_level level, const char *text)
{
	plugin_log_write(daemon->plugin_log,
			 &(struct plugin_log_line){
			     .level = level,
			     .plugin = slice_of(instance->plugin_count
						    ? instance->plugins[0].name
						    : instance->entry),
			     .instance = slice_of(instance->name),
			     .pid = (pid_t)instance->pid,
			     .stream = "supervisor",
			     .text = slice_of(text),
			 });
}

static int register_all(struct daemon *daemon,
			const struct live_instance *instance,
			struct err *reterr)
{
	const struct speaker speaker = {
		.form = instance->form,
		.entry = instance->entry,
		.module =
		    instance->entry
			? processes_entry(daemon, slice_of(instance->entry))
			: NULL,
	};

	return for_each_plugin(daemon, &instance->about, &speaker, put_about,
			       reterr);
}

/* Its entry names a plugin, and it has brought others: tasks of that one would
 * wait for ever. */
static void warn_of_other_names(struct daemon *daemon,
				const struct live_instance *instance)
{
	const struct config_module *module =
	    instance->entry ? processes_entry(daemon, slice_of(instance->entry))
			    : NULL;
	struct buf text = { 0 };

	if (!module || !module->plugin ||
	    live_instance_has(instance, module->plugin)) {
		return;
	}
	buf_printf(&text,
		   "entry '%s' says that it brings the plugin '%s', and it has "
		   "brought '%s'%s",
		   instance->entry, module->plugin, instance->plugins[0].name,
		   instance->plugin_count > 1 ? " and others" : "");
	buf_put_byte(&text, 0);
	note(daemon, instance, LOG_WARN, text.data);
	buf_fini(&text);
}

static void on_ready(void *arg, const char *name, struct slice error)
{
	struct daemon *daemon = arg;
	struct live_instance *instance =
	    live_instance_find(daemon, slice_of(name));
	struct buf text = { 0 };
	struct err err = { 0 };

	if (!instance) {
		return;
	}
	if (error.len) {
		buf_printf(&text, "cannot work: %.*s", SLICE_ARG(error));
	} else if (register_all(daemon, instance, &err) < 0) {
		buf_printf(&text, "cannot be registered: %s", err.msg);
		link_stop(daemon->link, name);
	}
	if (text.len) {
		char *line = buf_take(&text);

		note(daemon, instance, LOG_ERROR, line);
		if (instance->entry) {
			supervisor_end_instance(daemon->supervisor, name,
						clock_mono_ns() / 1000000);
		}
		live_instance_gone(daemon, instance, false, line);
		free(line);
		return;
	}
	live_instance_ready(daemon, instance);
	processes_expect(daemon);
	note(daemon, instance, LOG_INFO, "ready");
	warn_of_other_names(daemon, instance);
	if (instance->entry) {
		supervisor_ready(daemon->supervisor, name);
		processes_retire(daemon, instance->entry);
	}
}

static bool holds_failed(const struct daemon *daemon,
			 const struct live_instance *instance)
{
	for (size_t i = 0; i < instance->plugin_count; i++) {
		if (engine_holds_failed(daemon->engine,
					slice_of(instance->plugins[i].name),
					slice_of(instance->name))) {
			return true;
		}
	}
	return false;
}

bool remote_is_excused(struct daemon *daemon, const char *name)
{
	const struct live_instance *instance =
	    live_instance_find(daemon, slice_of(name));

	/* The end of its connection may have been noticed first. */
	return instance ? holds_failed(daemon, instance)
			: value_remove(&daemon->excused, slice_of(name));
}

void remote_gone(struct daemon *daemon, const char *name, bool died,
		 const char *message)
{
	struct live_instance *instance =
	    live_instance_find(daemon, slice_of(name));
	struct buf text = { 0 };

	if (!instance) {
		return;
	}
	buf_printf(&text, "%s: %s", name, message);
	char *line = buf_take(&text);

	if (died && instance->entry && holds_failed(daemon, instance)) {
		value_set(&daemon->excused, name, value_bool(true));
	}
	live_instance_gone(daemon, instance, died, line);
	free(line);
}

static void on_gone(void *arg, const char *name, bool orderly,
		    const char *message)
{
	struct daemon *daemon = arg;
	struct live_instance *instance =
	    live_instance_find(daemon, slice_of(name));
	/* One that hangs, or was told to leave and has: its process goes too.
	 */
	bool end = instance && instance->entry &&
		   (!orderly || instance->state == INSTANCE_DRAINING);

	if (instance) {
		note(daemon, instance, orderly ? LOG_INFO : LOG_WARN, message);
	}
	remote_gone(daemon, name, !orderly, message);
	if (end) {
		supervisor_end_instance(daemon->supervisor, name,
					clock_mono_ns() / 1000000);
	}
}

void remote_retire(struct daemon *daemon, const char *name)
{
	struct live_instance *instance =
	    live_instance_find(daemon, slice_of(name));

	if (instance && instance->state != INSTANCE_DRAINING) {
		if (instance->state == INSTANCE_READY) {
			live_instance_drain(daemon, instance);
		}
		link_stop(daemon->link, name);
	}
}

static uint32_t in_hand(const struct daemon *daemon,
			const struct live_instance *instance)
{
	uint32_t total = 0;

	for (size_t i = 0; i < instance->plugin_count; i++) {
		total += engine_in_flight(daemon->engine,
					  slice_of(instance->plugins[i].name),
					  slice_of(instance->name));
	}
	return total;
}

bool remote_drained(const struct daemon *daemon)
{
	for (const struct live_instance *instance = daemon->instances; instance;
	     instance = instance->by_name.next) {
		if (in_hand(daemon, instance)) {
			return false;
		}
	}
	return true;
}

/* ---- tasks ---- */

static const struct task *task_of(const struct daemon *daemon,
				  const struct wire_key *key)
{
	const struct run *run = engine_run(daemon->engine, &key->run);

	return run && key->task < run->record.task_count ? run->tasks[key->task]
							 : NULL;
}

static struct blob *blob_of(struct slice bytes)
{
	return bytes.len ? blob_make(bytes) : NULL;
}

static void on_completed(void *arg, const char *instance,
			 const struct link_done *done)
{
	static const enum completion outcomes[] = {
		[TUTTI_SUCCEEDED] = COMPLETION_SUCCEEDED,
		[TUTTI_FAILED] = COMPLETION_FAILED,
		[TUTTI_RETRYABLE] = COMPLETION_RETRYABLE,
		[TUTTI_PARKED] = COMPLETION_PARKED,
	};
	struct daemon *daemon = arg;
	const struct task *task = task_of(daemon, &done->key);
	struct buf actor = { 0 };

	commit_answered(daemon);
	metrics_task_answered(daemon->metrics, task ? task->run : NULL,
			      done->key.task, done->key.attempt);
	if (task) {
		buf_put_text(&actor, "plugin ");
		buf_put_slice(&actor, task->record.plugin);
	}
	struct event event = {
		.kind = EVENT_COMPLETED,
		.actor = buf_slice(&actor),
		.run = done->key.run,
		.as.completed = {
			.task = done->key.task,
			.attempt = done->key.attempt,
			.outcome = outcomes[done->outcome],
			.message = done->message,
			.output = blob_of(done->output),
			.patch = blob_of(done->patch),
			.until_us = done->until_us,
			.late = done->late,
		},
	};

	if (done->fault) {
		log_warn("actor=\"%.*s\" instance=%s msg=\"broke a rule of the "
			 "SDK: %.*s\"",
			 SLICE_ARG(event.actor), instance,
			 SLICE_ARG(done->message));
	}
	(void)engine_step(daemon->engine, &event, clock_wall_us(),
			  &daemon->output, NULL);
	blob_unref(event.as.completed.output);
	blob_unref(event.as.completed.patch);
	buf_fini(&actor);
}

static void on_returned(void *arg, const char *instance,
			const struct wire_key *key)
{
	struct daemon *daemon = arg;
	struct event event = {
		.kind = EVENT_RETURNED,
		.run = key->run,
		.as.returned = { .task = key->task, .attempt = key->attempt },
	};

	(void)instance;
	(void)engine_step(daemon->engine, &event, clock_wall_us(),
			  &daemon->output, NULL);
}

static void on_progressed(void *arg, const char *instance,
			  const struct wire_key *key, double fraction,
			  struct slice text)
{
	struct daemon *daemon = arg;
	struct event event = {
		.kind = EVENT_PROGRESS,
		.run = key->run,
		.as.progress = {
			.task = key->task,
			.attempt = key->attempt,
			.fraction = fraction,
			.note = text,
		},
	};

	(void)instance;
	(void)engine_step(daemon->engine, &event, clock_wall_us(),
			  &daemon->output, NULL);
}

static void on_logged(void *arg, const char *name, const struct wire_item *line)
{
	struct daemon *daemon = arg;
	const struct live_instance *instance =
	    live_instance_find(daemon, slice_of(name));

	plugin_log_write(daemon->plugin_log,
			 &(struct plugin_log_line){
			     .level = (enum log_level)line->level,
			     .plugin = line->plugin,
			     .instance = slice_of(name),
			     .pid = instance ? (pid_t)instance->pid : 0,
			     .stream = "log",
			     .run = line->key.attempt ? &line->key.run : NULL,
			     .task = line->task,
			     .text = line->text,
			 });
}

static void on_complained(void *arg, const char *text)
{
	struct buf line = { 0 };

	(void)arg;
	log_put_quoted(&line, slice_of(text));
	log_warn("room=bus msg=%.*s", SLICE_ARG(buf_slice(&line)));
	buf_fini(&line);
}

static void on_wake(void *arg)
{
	struct daemon *daemon = arg;

	inbox_wake(&daemon->inbox);
}

struct link_handlers remote_handlers(struct daemon *daemon)
{
	return (struct link_handlers){
		.arg = daemon,
		.hello = on_hello,
		.ready = on_ready,
		.gone = on_gone,
		.completed = on_completed,
		.returned = on_returned,
		.progressed = on_progressed,
		.logged = on_logged,
		.complained = on_complained,
		.wake = on_wake,
	};
}
