#include <stddef.h>

#include "host/inside.h"
#include "host/text.h"

/* The plugin broke a rule, if it still has not finished. */
static void judge_mistake(struct delivery *delivery, int32_t returned)
{
	const char *name = delivery->plugin->about.name;

	if (returned == TUTTI_OK) {
		(void)host_delivery_end(delivery, TUTTI_FAILED,
					HOST_PLUGINS_FAULT,
					"plugin '%s' returned TUTTI_OK without "
					"having finished the task",
					name);
	} else {
		(void)host_delivery_end(delivery, TUTTI_FAILED,
					HOST_PLUGINS_FAULT,
					"plugin '%s' returned %d, which is no "
					"result code",
					name, (int)returned);
	}
}

/* What the plugin was told when it tried to finish says more than a code. */
static void judge_failure(struct delivery *delivery, int32_t returned)
{
	/* What there was no memory for may well go another time. */
	int32_t outcome = returned == TUTTI_EAGAIN || returned == TUTTI_ENOMEM
			      ? TUTTI_RETRYABLE
			      : TUTTI_FAILED;
	const char *name = delivery->plugin->about.name;
	struct err refusal;

	(void)pthread_mutex_lock(&delivery->lock);
	refusal = delivery->refusal;
	(void)pthread_mutex_unlock(&delivery->lock);
	if (refusal.code) {
		(void)host_delivery_end(delivery, outcome, HOST_NOBODYS_FAULT,
					"the result of plugin '%s' was "
					"refused: %s",
					name, refusal.msg);
	} else {
		(void)host_delivery_end(delivery, outcome, HOST_NOBODYS_FAULT,
					"plugin '%s' returned %s", name,
					host_code_text(returned));
	}
}

static void call(struct delivery *delivery)
{
	struct host_plugin *plugin = delivery->plugin;
	struct host_scene before;

	host_scene_enter(plugin->blame, &delivery->key, &before);
	int32_t returned = plugin->about.handle(plugin->self, &delivery->task);

	host_scene_leave(&before);

	if (returned == TUTTI_PENDING ||
	    !host_tasks_listed(&plugin->host->tasks, delivery)) {
		return;
	}
	if (returned < 0 && host_code_text(returned)) {
		judge_failure(delivery, returned);
	} else {
		judge_mistake(delivery, returned);
	}
}

void host_delivery_run(struct host_work *work)
{
	struct delivery *delivery =
	    (void *)((char *)work - offsetof(struct delivery, work));
	struct host_plugin *plugin = delivery->plugin;
	int32_t cause = atomic_load(&delivery->cause);

	if (atomic_load(&plugin->stopping)) {
		(void)host_delivery_end(delivery, TUTTI_RETRYABLE,
					HOST_NEVER_CALLED,
					atomic_load(&plugin->replaced)
					    ? "plugin '%s' was replaced before "
					      "it was called"
					    : "the orchestrator stopped before "
					      "plugin '%s' was called",
					plugin->about.name);
	} else if (cause != TUTTI_NOT_CANCELLED) {
		(void)host_delivery_end(
		    delivery, TUTTI_FAILED, HOST_NOBODYS_FAULT,
		    "%s before plugin '%s' was called",
		    cause == TUTTI_TIMED_OUT ? "timed out" : "cancelled",
		    plugin->about.name);
	} else {
		call(delivery);
	}
	host_delivery_unref(delivery);
}
