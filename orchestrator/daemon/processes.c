#include "daemon/processes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/shell.h"
#include "daemon/instances.h"
#include "daemon/registrations.h"
#include "daemon/remote.h"

#define SELF "/proc/self/exe"

static int64_t now_ms(void)
{
	return clock_mono_ns() / 1000000;
}

char *processes_command(const struct config_module *module)
{
	struct buf text = { 0 };

	if (module->form == FORM_IN_PROCESS) {
		return NULL;
	}
	if (module->form == FORM_ISOLATED) {
		return alloc_string(module->path);
	}
	for (char **argument = module->argv; *argument; argument++) {
		buf_printf(&text, "%s%s", argument == module->argv ? "" : " ",
			   *argument);
	}
	return buf_take(&text);
}

/* Only what differs from entry to entry; the rest is the daemon's. */
struct command {
	const char *argv[8];
	char max_tasks[16];
	struct buf bus;
	const char **env;
};

static void isolated_argv(const struct config_module *module,
			  struct command *command)
{
	size_t len = 0;

	command->argv[len++] = SELF;
	command->argv[len++] = "plugin-host";
	if (module->max_tasks) {
		(void)snprintf(command->max_tasks, sizeof(command->max_tasks),
			       "%u", module->max_tasks);
		command->argv[len++] = "--max-tasks";
		command->argv[len++] = command->max_tasks;
	}
	command->argv[len++] = module->path;
}

static void fill_env(const struct daemon *daemon,
		     const struct config_module *module,
		     struct command *command)
{
	size_t len = 0;

	while (module->env && module->env[len]) {
		len++;
	}
	command->env = alloc_zeroed(len + 2, sizeof(*command->env));
	for (size_t i = 0; i < len; i++) {
		command->env[i] = module->env[i];
	}
	char *store = realpath(store_directory(daemon->store), NULL);

	buf_printf(&command->bus, "TUTTI_BUS=%s/bus.json",
		   store ? store : store_directory(daemon->store));
	free(store);
	command->env[len] = buf_reserve(&command->bus, 1);
	buf_put_byte(&command->bus, 0);
	command->env[len] = command->bus.data;
}

void processes_set(struct daemon *daemon, const struct config_module *module,
		   enum supervisor_renew renew)
{
	struct command command = { 0 };

	fill_env(daemon, module, &command);
	if (module->form == FORM_ISOLATED) {
		isolated_argv(module, &command);
	}
	struct supervisor_entry entry = {
		.name = module->name,
		.argv = module->form == FORM_ISOLATED
			    ? command.argv
			    : (const char *const *)module->argv,
		.env = command.env,
		.directory = module->directory,
		.instances = module->instances,
		.delay_ms = module->restart.delay_ms,
		.max_ms = module->restart.max_ms,
		.deaths = module->restart.deaths,
		.within_ms = module->restart.within_ms,
	};

	if (!value_get(&daemon->since, module->name)) {
		value_set(&daemon->since, module->name,
			  value_int(clock_wall_us()));
	}
	supervisor_set(daemon->supervisor, &entry, renew, now_ms());
	free(command.env);
	buf_fini(&command.bus);
}

const struct config_module *processes_entry(const struct daemon *daemon,
					    struct slice name)
{
	const struct config *config = daemon->options.config;

	for (size_t i = 0; i < config->module_count; i++) {
		const struct config_module *module = &config->modules[i];

		if (module->form != FORM_IN_PROCESS &&
		    slice_is(name, module->name)) {
			return module;
		}
	}
	return NULL;
}

void processes_retire(struct daemon *daemon, const char *entry)
{
	const char *const *names;
	size_t len = supervisor_surplus(daemon->supervisor, entry, &names);
	char **copies = alloc_zeroed(len, sizeof(char *));

	for (size_t i = 0; i < len; i++) {
		copies[i] = alloc_string(names[i]);
	}
	for (size_t i = 0; i < len; i++) {
		if (live_instance_find(daemon, slice_of(copies[i]))) {
			remote_retire(daemon, copies[i]);
		} else {
			supervisor_end_instance(daemon->supervisor, copies[i],
						now_ms());
		}
		free(copies[i]);
	}
	free(copies);
}

void processes_remove(struct daemon *daemon, const char *entry)
{
	supervisor_remove(daemon->supervisor, entry);
	processes_retire(daemon, entry);
}

/* ---- what code runs ---- */

const char *processes_known_hash(const struct daemon *daemon, const char *entry)
{
	const struct value *hash = value_get(&daemon->hashes, entry);

	return hash ? hash->as.text.ptr : NULL;
}

void processes_keep_hash(struct daemon *daemon,
			 const struct config_module *module)
{
	char *hash = processes_hash(module);

	value_set(&daemon->hashes, module->name, value_text(hash ? hash : ""));
	free(hash);
}

/* ---- windows ---- */

static bool has_registered(const struct daemon *daemon, const char *entry)
{
	for (const struct registration *known = daemon->registrations; known;
	     known = known->by_name.next) {
		if (known->current && known->entry &&
		    !strcmp(known->entry, entry)) {
			return true;
		}
	}
	return false;
}

void processes_expect(struct daemon *daemon)
{
	const struct config *config = daemon->options.config;
	struct event event = { .kind = EVENT_EXPECT };
	int64_t now_us = clock_wall_us();

	for (size_t i = 0; i < config->module_count; i++) {
		const struct config_module *module = &config->modules[i];
		int64_t since_us = value_get_int(&daemon->since, module->name,
						 daemon->started_us);
		int64_t until_us = since_us + module->register_window_ms * 1000;

		if (module->register_window_ms && until_us > now_us &&
		    until_us > event.as.expect.until_us &&
		    !has_registered(daemon, module->name)) {
			event.as.expect.until_us = until_us;
		}
	}
	if (event.as.expect.until_us != daemon->expect_until_us) {
		daemon->expect_until_us = event.as.expect.until_us;
		(void)engine_step(daemon->engine, &event, now_us,
				  &daemon->output, NULL);
	}
}

/* ---- what the supervisor tells ---- */

bool processes_status(const struct daemon *daemon, const char *entry,
		      struct supervisor_status *ret_status)
{
	size_t len =
	    daemon->supervisor ? supervisor_count(daemon->supervisor) : 0;

	for (size_t i = 0; entry && i < len; i++) {
		*ret_status = supervisor_status(daemon->supervisor, i);
		if (!strcmp(ret_status->entry, entry)) {
			return true;
		}
	}
	return false;
}

static void on_line(void *arg, const char *entry, const char *instance,
		    pid_t pid, int stream, struct slice text)
{
	struct daemon *daemon = arg;

	plugin_log_write(daemon->plugin_log,
			 &(struct plugin_log_line){
			     .level = LOG_INFO,
			     .plugin = slice_of(entry),
			     .instance = slice_of(instance),
			     .pid = pid,
			     .stream = stream == 1 ? "stdout" : "stderr",
			     .text = text,
			 });
}

static bool on_died(void *arg, const char *entry, const char *instance)
{
	(void)entry;
	return remote_is_excused(arg, instance);
}

static void on_ended(void *arg, const char *entry, const char *instance,
		     const struct supervisor_exit *how)
{
	struct daemon *daemon = arg;

	plugin_log_write(daemon->plugin_log,
			 &(struct plugin_log_line){
			     .level = how->asked ? LOG_INFO : LOG_WARN,
			     .plugin = slice_of(entry),
			     .instance = slice_of(instance),
			     .pid = how->pid,
			     .stream = "supervisor",
			     .text = slice_of(how->text),
			 });
	if (daemon->link) {
		link_drop(daemon->link, instance);
	}
	remote_gone(daemon, instance, !how->asked, how->text);
	(void)value_remove(&daemon->excused, slice_of(instance));
}

/* A process that could not even be started has no end that is told. */
static void log_not_started(struct daemon *daemon,
			    const struct supervisor_status *status)
{
	struct slice before =
	    value_get_text(&daemon->not_started, status->entry);

	if (status->last.pid != -1 || slice_is(before, status->last.text)) {
		return;
	}
	value_set(&daemon->not_started, status->entry,
		  value_text(status->last.text));
	plugin_log_write(daemon->plugin_log,
			 &(struct plugin_log_line){
			     .level = LOG_ERROR,
			     .plugin = slice_of(status->entry),
			     .stream = "supervisor",
			     .text = slice_of(status->last.text),
			 });
}

/* Said once for each time that it is given up. */
static void on_changed(void *arg, const char *entry)
{
	struct daemon *daemon = arg;
	struct supervisor_status status;

	if (!processes_status(daemon, entry, &status)) {
		return;
	}
	log_not_started(daemon, &status);
	if (status.given_up ==
	    value_get_bool(&daemon->given_up, entry, false)) {
		return;
	}
	value_set(&daemon->given_up, entry, value_bool(status.given_up));
	if (status.given_up) {
		struct buf name = { 0 };

		shell_put_word(&name, slice_of(entry));
		log_error("plugin=%s msg=\"given up after %u deaths, the last "
			  "one: %s; 'tutti plugins release %.*s' starts it "
			  "again\"",
			  entry, status.deaths, status.last.text,
			  SLICE_ARG(buf_slice(&name)));
		buf_fini(&name);
	}
}

/* ---- beginning and end ---- */

static bool wants_bus(const struct config *config)
{
	for (size_t i = 0; i < config->module_count; i++) {
		if (config->modules[i].form != FORM_IN_PROCESS) {
			return true;
		}
	}
	return config->listen != NULL;
}

static int open_link(struct daemon *daemon, struct err *reterr)
{
	const struct config *config = daemon->options.config;
	struct buf file = { 0 };

	buf_printf(&file, "%s/bus.json", store_directory(daemon->store));
	char *path = buf_take(&file);
	struct link_options options = {
		.listen = config->listen ? config->listen : "tcp://127.0.0.1:0",
		.bus_file = path,
		.lease_ms = config->lease_ms,
		.handlers = remote_handlers(daemon),
	};
	int rc = link_create(&options, &daemon->link, reterr);

	free(path);
	return rc;
}

static int make_supervisor(struct daemon *daemon, struct err *reterr)
{
	static const char *const warden[] = { SELF, "plugin-warden", NULL };
	struct supervisor_options options = {
		.callbacks = {
			.arg = daemon,
			.line = on_line,
			.excused = on_died,
			.ended = on_ended,
			.changed = on_changed,
		},
		.warden = warden,
		.grace_ms = daemon->options.config->grace_ms,
	};

	return supervisor_create(&options, &daemon->supervisor, reterr);
}

int processes_prepare(struct daemon *daemon, struct err *reterr)
{
	if (daemon->link || !wants_bus(daemon->options.config)) {
		return 0;
	}
	int rc = open_link(daemon, reterr);

	return rc == 0 ? make_supervisor(daemon, reterr) : rc;
}

void processes_start(struct daemon *daemon)
{
	const struct config *config = daemon->options.config;

	for (size_t i = 0; i < config->module_count; i++) {
		if (config->modules[i].form != FORM_IN_PROCESS) {
			processes_keep_hash(daemon, &config->modules[i]);
			processes_set(daemon, &config->modules[i],
				      SUPERVISOR_KEEP);
		}
	}
}

bool processes_stop(struct daemon *daemon)
{
	return !daemon->supervisor ||
	       supervisor_stop(daemon->supervisor, now_ms());
}
