#include "host/host.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "host/inside.h"
#include "host/loader.h"

/* Long enough to span the pauses of a busy process. */
#define IDLE_MS 10000

struct host *host_create(const struct host_callbacks *callbacks)
{
	struct host *host = alloc_zeroed(1, sizeof(*host));

	host->callbacks = *callbacks;
	host_tasks_init(&host->tasks);
	host_workers_init(&host->workers, IDLE_MS);
	return host;
}

int host_module_refused(const struct host_source *source,
			struct host_module *module, struct err *reterr)
{
	const char *label = source->label ? source->label : source->path;

	host_module_destroy(module);
	return err_wrap(reterr, "plugin module '%.120s'",
			label ? label : "(linked in)");
}

int host_load(struct host *host, const struct host_source *source,
	      struct err *reterr)
{
	struct host_module *module = NULL;
	int rc = host_module_load(source, &module, reterr);

	if (rc == 0) {
		rc = host_registry_check(host, module, source, reterr);
	}
	if (rc < 0) {
		return host_module_refused(source, module, reterr);
	}
	if (host->state == HOST_RUNNING) {
		rc = host_module_start(module, reterr);
	}
	if (rc < 0) {
		host_module_destroy(module);
		return rc;
	}
	host_registry_insert(&host->registry, module,
			     host->registry.plugin_count);
	return 0;
}

size_t host_plugin_count(const struct host *host)
{
	return host->registry.plugin_count;
}

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

struct host_plugin_info host_plugin_info(const struct host *host, size_t index)
{
	struct host_plugin *plugin = host->registry.plugins[index];
	struct host *shared = plugin->host;
	struct host_plugin_info info = {
		.name = plugin->about.name,
		.version = text_or_empty(plugin->about.version),
		.help = text_or_empty(plugin->about.help),
		.module = plugin->module->label,
		.max_tasks = plugin->max_tasks,
		.flags = plugin->about.flags,
		.subscriptions = plugin->about.subscriptions,
		.subscription_count = plugin->about.subscription_count,
		.params = plugin->about.params,
		.param_count = plugin->about.param_count,
		.queue = plugin->about.queue,
		.version_number = plugin->module->version,
		.misbehaved = atomic_load(&plugin->misbehaved),
	};

	memcpy(info.hash, plugin->module->hash, sizeof(info.hash));
	(void)pthread_mutex_lock(&shared->tasks.lock);
	info.in_flight = plugin->in_flight;
	(void)pthread_mutex_unlock(&shared->tasks.lock);
	return info;
}

int host_start(struct host *host, struct err *reterr)
{
	host->loop = pthread_self();
	for (size_t i = 0; i < host->registry.plugin_count; i++) {
		int rc = host_plugin_start(host->registry.plugins[i], reterr);

		if (rc < 0) {
			while (i-- > 0) {
				host_plugin_end(host->registry.plugins[i]);
			}
			return rc;
		}
	}
	host->state = HOST_RUNNING;
	return 0;
}

static int submit(struct host *host, struct delivery *delivery,
		  struct err *reterr)
{
	/* For the worker; without one, ours. */
	atomic_fetch_add(&delivery->references, 1);
	int rc = host_workers_submit(&host->workers, &delivery->plugin->lane,
				     &delivery->work, reterr);

	if (rc < 0) {
		(void)host_tasks_take(&host->tasks, delivery);
		host_delivery_unref(delivery);
		host_delivery_unref(delivery);
	}
	return rc;
}

int host_deliver(struct host *host, const struct host_task *task,
		 struct err *reterr)
{
	struct host_plugin *plugin =
	    host_registry_find(&host->registry, task->plugin);

	if (!plugin) {
		return err_set(reterr, E_NOT_FOUND, "there is no plugin '%.*s'",
			       SLICE_ARG(task->plugin));
	}
	if (host->state != HOST_RUNNING) {
		return err_set(
		    reterr, E_BUSY, "plugin '%s' %s", plugin->about.name,
		    host->state == HOST_LOADING ? "has not been started"
						: "is being stopped");
	}
	struct delivery *delivery = host_delivery_create(plugin, task);
	int rc = host_tasks_add(&host->tasks, delivery, reterr);

	if (rc < 0) {
		host_delivery_unref(delivery);
		return rc;
	}
	return submit(host, delivery, reterr);
}

void host_cancel(struct host *host, const struct host_key *key, int32_t cause)
{
	struct delivery *delivery = host_tasks_find_key(&host->tasks, key);
	int expected = TUTTI_NOT_CANCELLED;

	if (!delivery) {
		return;
	}
	struct host_plugin *plugin = delivery->plugin;

	(void)atomic_compare_exchange_strong(&delivery->cause, &expected,
					     cause);
	if (plugin->about.cancel) {
		struct host_scene before;

		host_scene_enter(plugin->blame, &delivery->key, &before);
		plugin->about.cancel(plugin->self, delivery->task.id, cause);
		host_scene_leave(&before);
	}
	host_delivery_unref(delivery);
}

void host_stop(struct host *host)
{
	host->state = HOST_STOPPING;
	for (size_t i = host->registry.plugin_count; i-- > 0;) {
		host_plugin_stop(host->registry.plugins[i]);
	}
}

bool host_drained(const struct host *host)
{
	return atomic_load(&host->tasks.pinned) == 0;
}

/* What plugins still hold must stay reachable, for them and leak checkers. */
static void leave_behind(struct host *host)
{
	static struct host *stuck;

	host->stuck_next = stuck;
	stuck = host;
}

/* Retired modules are in the list of modules alone. */
static void end_retired(struct host *host, bool drained)
{
	for (size_t i = 0; i < host->registry.module_count; i++) {
		struct host_module *module = host->registry.modules[i];

		for (uint32_t j = 0;
		     module->retired && j < module->described->plugin_count;
		     j++) {
			if (drained ||
			    !host_plugin_is_held(module->plugins[j])) {
				host_plugin_end(module->plugins[j]);
			}
		}
	}
}

void host_destroy(struct host *host)
{
	if (!host) {
		return;
	}
	host_stop(host);
	bool drained = host_drained(host);

	if (drained) {
		/* Before fini: thread-local data of plugins goes with them. */
		host_workers_fini(&host->workers);
	}
	for (size_t i = host->registry.plugin_count; i-- > 0;) {
		struct host_plugin *plugin = host->registry.plugins[i];

		if (drained || !host_plugin_is_held(plugin)) {
			host_plugin_end(plugin);
		}
	}
	end_retired(host, drained);
	if (!drained) {
		leave_behind(host);
		return;
	}
	if (host->watches) {
		host_unwatch_crashes();
	}
	host_registry_fini(&host->registry);
	host_tasks_fini(&host->tasks);
	free(host);
}
