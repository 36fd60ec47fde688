#include "host/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/alloc.h"
#include "host/inside.h"
#include "host/loader.h"

/* Long enough to span the pauses of a busy process. */
#define IDLE_MS 10000

/*
 * A call that took so long may have lost its processor to others, which breaks
 * no promise: the plugin is suspected, and from then on it is looked at whether
 * the thread waited for something, or had the processor all the time. What took
 * the other time is no accident.
 */
#define PROMISE_NS (20 * INT64_C(1000000))
#define BROKEN_NS  (1000 * INT64_C(1000000))

/* More threads for quick calls than one loop has work for. */
#define QUICK_MOST 4

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

/* It will not be called on the loop's thread again. */
static void promise_broken(struct host_plugin *plugin,
			   const struct host_key *key, int64_t took_ns)
{
	const struct host_callbacks *callbacks = &plugin->host->callbacks;
	char text[160];

	plugin->not_quick = true;
	atomic_fetch_add(&plugin->misbehaved, 1);
	if (callbacks->logged) {
		(void)snprintf(text, sizeof(text),
			       "promises to be quick (TUTTI_QUICK), but took "
			       "%lld ms; called on a thread from now on",
			       (long long)(took_ns / 1000000));
		callbacks->logged(callbacks->arg, key,
				  slice_of(plugin->about.name), SLICE(""),
				  LOG_WARN, slice_of(text));
	}
}

/* What this thread has done so far. */
struct record {
	long waits;
	int64_t busy_ns;
};

static int64_t ns_of(struct timeval time)
{
	return time.tv_sec * INT64_C(1000000000) + time.tv_usec * 1000;
}

static struct record record_of(const struct host_plugin *plugin)
{
	struct rusage usage;

	if (!plugin->suspected || getrusage(RUSAGE_THREAD, &usage) != 0) {
		return (struct record){ 0 };
	}
	return (struct record){
		.waits = usage.ru_nvcsw,
		.busy_ns = ns_of(usage.ru_utime) + ns_of(usage.ru_stime),
	};
}

static void judge_promise(struct host_plugin *plugin,
			  const struct host_key *key, int64_t took_ns,
			  const struct record *before)
{
	struct record after = record_of(plugin);
	bool its_own = after.waits > before->waits ||
		       after.busy_ns - before->busy_ns > PROMISE_NS;

	if (took_ns > BROKEN_NS || (took_ns > PROMISE_NS && its_own)) {
		promise_broken(plugin, key, took_ns);
	} else if (took_ns > PROMISE_NS) {
		plugin->suspected = true;
	}
}

/* False: it is to be submitted. */
static bool call_at_once(struct host *host, struct delivery *delivery)
{
	struct host_plugin *plugin = delivery->plugin;
	struct host_key key = delivery->key;
	int64_t took_ns;

	if (!(plugin->about.flags & TUTTI_QUICK) || plugin->not_quick) {
		return false;
	}
	struct record before = record_of(plugin);

	/* For the call; after it nothing of the delivery may be left. */
	atomic_fetch_add(&delivery->references, 1);
	if (!host_workers_call(&host->workers, &plugin->lane, &delivery->work,
			       &took_ns)) {
		atomic_fetch_sub(&delivery->references, 1);
		return false;
	}
	judge_promise(plugin, &key, took_ns, &before);
	return true;
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
	return task->at_once && call_at_once(host, delivery)
		   ? 0
		   : submit(host, delivery, reterr);
}

void host_hold_wakes(struct host *host)
{
	host_workers_hold(&host->workers);
}

void host_wake(struct host *host)
{
	host_workers_wake(&host->workers);
}

/* One processor is the caller's. */
void host_promise_turns(struct host *host)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t threads = processors > 2 ? (size_t)processors - 1 : 1;

	host_workers_allow_quick(&host->workers,
				 threads < QUICK_MOST ? threads : QUICK_MOST);
}

int64_t host_next_due_ns(struct host *host)
{
	return host_workers_relief_due(&host->workers);
}

void host_turn(struct host *host, int64_t now_ns)
{
	host_workers_relieve(&host->workers, now_ns);
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
