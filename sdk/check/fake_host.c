#include "tutti/fake_host.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "check/fake_inside.h"
#include "document/json.h"
#include "host/registry.h"

#define END_MS 10000

/* 2026-01-01T00:00:00Z */
#define FIRST_WALL_US INT64_C(1767225600000000)
#define FIRST_NOW_NS  INT64_C(1000000000)

static void init_locks(struct tutti_fake_host *host)
{
	pthread_mutexattr_t recursive;
	pthread_condattr_t monotonic;

	(void)pthread_mutexattr_init(&recursive);
	(void)pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
	(void)pthread_mutex_init(&host->lock, &recursive);
	(void)pthread_mutexattr_destroy(&recursive);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&host->changed, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
}

static int check_module(const struct tutti_module *module, struct err *reterr)
{
	if (!module || module->magic != TUTTI_MAGIC ||
	    module->size < sizeof(*module)) {
		return err_set(reterr, E_INVALID,
			       "this does not describe a module: use "
			       "TUTTI_MODULE");
	}
	if (module->abi_major != TUTTI_ABI_MAJOR) {
		return err_set(reterr, E_VERSION,
			       "the module is for ABI %u, this host speaks %d",
			       module->abi_major, TUTTI_ABI_MAJOR);
	}
	if (module->plugin_count < 1 || !module->plugins) {
		return err_set(reterr, E_INVALID,
			       "there is no plugin in the module");
	}
	return 0;
}

static int describe(struct tutti_fake_host *host)
{
	const struct tutti_module *module = host->module;
	int rc = check_module(module, &host->error);

	if (rc < 0) {
		return rc;
	}
	host->plugins =
	    alloc_zeroed(module->plugin_count, sizeof(*host->plugins));
	for (uint32_t i = 0; i < module->plugin_count && rc == 0; i++) {
		struct fake_plugin *plugin = &host->plugins[i];

		plugin->host = host;
		rc = host_plugin_describe(module, i, &plugin->about,
					  &host->error);
		host->plugin_count += rc == 0;
	}
	return rc;
}

struct tutti_fake_host *tutti_fake_host_new(const struct tutti_module *module)
{
	struct tutti_fake_host *host = alloc_zeroed(1, sizeof(*host));

	init_locks(host);
	host->module = module;
	host->now_ns = FIRST_NOW_NS;
	host->wall_us = FIRST_WALL_US;
	host->config = value_map();
	host->refused = describe(host) < 0;
	return host;
}

/* The declared parameters with what the config gives. */
static int read_params(struct tutti_fake_host *host)
{
	for (size_t i = 0; i < host->plugin_count; i++) {
		struct fake_plugin *plugin = &host->plugins[i];
		struct host_params params;
		int rc = host_params_read(plugin->about.params,
					  plugin->about.param_count,
					  &host->config, &params, &host->error);

		if (rc < 0) {
			return err_wrap(&host->error, "plugin '%s'",
					plugin->about.name);
		}
		host_params_fini(&plugin->params);
		plugin->params = params;
	}
	return 0;
}

static int check_unknown(struct tutti_fake_host *host,
			 const struct value *config)
{
	struct tutti_plugin *abouts =
	    alloc_zeroed(host->plugin_count, sizeof(*abouts));

	for (size_t i = 0; i < host->plugin_count; i++) {
		abouts[i] = host->plugins[i].about;
	}
	int rc = host_params_unknown(abouts, host->plugin_count, config,
				     &host->error);

	free(abouts);
	return rc;
}

int32_t tutti_fake_host_params(struct tutti_fake_host *host, const char *json)
{
	struct value config;

	if (host->refused || host->started ||
	    json_read(slice_of(json), NULL, &config, &host->error) < 0) {
		return TUTTI_EINVAL;
	}
	if (config.type == VALUE_MAP && check_unknown(host, &config) == 0) {
		value_clear(&host->config);
		host->config = config;
		return read_params(host) < 0 ? TUTTI_EINVAL : TUTTI_OK;
	}
	value_clear(&config);
	return TUTTI_EINVAL;
}

static const char *last_complaint(const struct tutti_fake_host *host,
				  size_t from)
{
	for (size_t i = host->log_len; i > from; i--) {
		if (!strncmp(host->log[i - 1], "error: ", 7)) {
			return host->log[i - 1] + 7;
		}
	}
	return "it did not say why: tutti_say() at TUTTI_ERROR in init() would";
}

static int32_t init_plugin(struct fake_plugin *plugin)
{
	struct tutti_fake_host *host = plugin->host;
	size_t lines = host->log_len;
	int32_t code = TUTTI_OK;

	fake_table_init(plugin);
	if (plugin->about.init) {
		code = plugin->about.init(plugin->table, &plugin->self);
	}
	plugin->started = code == TUTTI_OK;
	if (code != TUTTI_OK) {
		(void)err_set(&host->error, E_INVALID,
			      "init() of plugin '%s' returned %d: %s",
			      plugin->about.name, (int)code,
			      last_complaint(host, lines));
	}
	return code;
}

int32_t tutti_fake_host_start(struct tutti_fake_host *host)
{
	int32_t code = TUTTI_OK;

	if (host->refused || host->started || read_params(host) < 0) {
		return TUTTI_EINVAL;
	}
	for (size_t i = 0; i < host->plugin_count && code == TUTTI_OK; i++) {
		code = init_plugin(&host->plugins[i]);
	}
	if (code != TUTTI_OK) {
		fake_host_stop_plugins(host);
		fake_host_fini_plugins(host);
		return code < 0 ? code : TUTTI_EFAILED;
	}
	host->started = true;
	host->stopped = false;
	return TUTTI_OK;
}

const char *tutti_fake_host_error(const struct tutti_fake_host *host)
{
	return host->error.msg;
}

struct fake_plugin *fake_plugin_find(struct tutti_fake_host *host,
				     const char *name)
{
	for (size_t i = 0; i < host->plugin_count; i++) {
		if (!name || !strcmp(host->plugins[i].about.name, name)) {
			return &host->plugins[i];
		}
	}
	return NULL;
}

/* A task whose deadline has passed and that was not told so, marked as told. */
static struct tutti_fake_task *next_late(struct tutti_fake_host *host)
{
	for (struct tutti_fake_task *task = host->tasks; task;
	     task = task->next) {
		int64_t deadline = task->inside.task.deadline_ns;

		if (task->state == FAKE_TASK_RUNNING && !task->told &&
		    deadline && host->now_ns >= deadline) {
			task->told = true;
			return task;
		}
	}
	return NULL;
}

void tutti_fake_host_advance(struct tutti_fake_host *host, int64_t ms)
{
	struct tutti_fake_task *late;

	(void)pthread_mutex_lock(&host->lock);
	host->now_ns += ms * 1000000;
	host->wall_us += ms * 1000;
	late = next_late(host);
	(void)pthread_mutex_unlock(&host->lock);
	while (late) {
		tutti_fake_task_cancel(late, TUTTI_TIMED_OUT);
		(void)pthread_mutex_lock(&host->lock);
		late = next_late(host);
		(void)pthread_mutex_unlock(&host->lock);
	}
}

void fake_mistake(struct tutti_fake_host *host, const char *rule,
		  const char *format, ...)
{
	struct buf text = { 0 };
	va_list args;

	va_start(args, format);
	buf_vprintf(&text, format, args);
	va_end(args);
	(void)pthread_mutex_lock(&host->lock);
	alloc_grow(host->mistakes, host->mistake_len, host->mistake_cap);
	host->mistakes[host->mistake_len++] =
	    (struct fake_mistake){ .rule = rule, .text = buf_take(&text) };
	(void)pthread_mutex_unlock(&host->lock);
}

size_t fake_host_in_hand(struct tutti_fake_host *host)
{
	size_t count = 0;

	(void)pthread_mutex_lock(&host->lock);
	for (size_t i = 0; i < host->plugin_count; i++) {
		count += host->plugins[i].in_hand;
	}
	(void)pthread_mutex_unlock(&host->lock);
	return count;
}

void fake_host_stop_plugins(struct tutti_fake_host *host)
{
	host->stopped = true;
	for (size_t i = host->plugin_count; i > 0; i--) {
		struct fake_plugin *plugin = &host->plugins[i - 1];

		if (plugin->started && plugin->about.stop) {
			plugin->about.stop(plugin->self);
		}
	}
}

void fake_host_fini_plugins(struct tutti_fake_host *host)
{
	for (size_t i = host->plugin_count; i > 0; i--) {
		struct fake_plugin *plugin = &host->plugins[i - 1];

		if (plugin->started && plugin->about.fini) {
			plugin->about.fini(plugin->self);
		}
		plugin->started = false;
		plugin->self = NULL;
	}
	host->started = false;
}

void fake_host_destroy(struct tutti_fake_host *host)
{
	while (host->tasks) {
		struct tutti_fake_task *next = host->tasks->next;

		fake_task_join(host->tasks);
		fake_task_destroy(host->tasks);
		host->tasks = next;
	}
	for (size_t i = 0; i < host->plugin_count; i++) {
		host_params_fini(&host->plugins[i].params);
		fake_region_fini(&host->plugins[i].table_region);
	}
	for (size_t i = 0; i < host->log_len; i++) {
		free(host->log[i]);
	}
	for (size_t i = 0; i < host->mistake_len; i++) {
		free(host->mistakes[i].text);
	}
	free(host->log);
	free(host->mistakes);
	free(host->plugins);
	value_clear(&host->config);
	(void)pthread_mutex_destroy(&host->lock);
	(void)pthread_cond_destroy(&host->changed);
	free(host);
}

void tutti_fake_host_stop(struct tutti_fake_host *host)
{
	if (host->started && !host->stopped) {
		fake_host_stop_plugins(host);
	}
}

/* False when a task did not come back. */
static bool wait_for_all(struct tutti_fake_host *host)
{
	bool back = true;

	for (struct tutti_fake_task *task = host->tasks; task;
	     task = task->next) {
		if (task->state != FAKE_TASK_NEW &&
		    tutti_fake_task_wait(task, back ? END_MS : 0) != TUTTI_OK) {
			back = false;
			fake_mistake(
			    host, "completion.ends",
			    "task %llu did not come back: finish it "
			    "after stop() and cancel() at the latest",
			    (unsigned long long)task->inside.task.id.number);
		}
	}
	return back;
}

size_t tutti_fake_host_end(struct tutti_fake_host *host)
{
	if (!host) {
		return 0;
	}
	tutti_fake_host_stop(host);
	bool back = wait_for_all(host);
	size_t count = host->mistake_len;

	for (size_t i = 0; i < count; i++) {
		(void)fprintf(stderr, "tutti_fake_host: %s\n",
			      host->mistakes[i].text);
	}
	if (back) {
		fake_host_fini_plugins(host);
		fake_host_destroy(host);
	}
	return count;
}
