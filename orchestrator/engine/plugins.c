#include "engine/plugins.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/advance.h"
#include "engine/cancel.h"
#include "engine/complete.h"
#include "engine/dispatch.h"
#include "engine/gate.h"
#include "engine/give_back.h"

int plugin_registered(struct engine *engine, const struct event *event,
		      struct err *reterr)
{
	int rc = catalog_register(&engine->catalog, event, reterr);

	if (rc == 0) {
		dispatch_changed(engine, catalog_find(&engine->catalog,
						      event->as.plugin.name));
		gate_review(engine);
	}
	return rc;
}

/* NULL, and a sentence in *reterr, when it is not registered. */
static struct plugin *find_plugin(const struct engine *engine,
				  struct slice name, struct err *reterr)
{
	struct plugin *plugin = catalog_find(&engine->catalog, name);

	if (plugin && plugin->registered) {
		return plugin;
	}
	(void)err_set(reterr, E_NOT_FOUND, "no plugin '%.*s' is registered",
		      SLICE_ARG(name));
	return NULL;
}

/* It has not ended, nobody has it, and it does not sleep. */
static bool is_stranded(const struct task *task, const struct plugin *plugin)
{
	return task->plugin == plugin && !task->instance &&
	       !task_state_final(task->record.state) &&
	       task->record.wake_us == 0;
}

/* Returns how many there were. */
static uint32_t fail_stranded(struct engine *engine, struct run *run,
			      enum phase_kind kind, const struct plugin *plugin,
			      struct slice message)
{
	struct activity *activity = &run->activities[run->current];
	const struct phase_record *record = &activity->record.phases[kind];
	uint32_t count = 0;

	if (!record->opened || record->finished == record->expected) {
		return 0;
	}
	for (uint32_t i = 0; i < record->expected; i++) {
		struct task *task = &activity->phases[kind].tasks[i];

		if (is_stranded(task, plugin)) {
			task_fail(engine, task, TASK_FAILED,
				  (struct cause){ .reason = REASON_REMOVED,
						  .message = message });
			count++;
		}
	}
	if (count) {
		phase_settle(engine, run, run->current, kind);
	}
	return count;
}

static void strand_run(struct engine *engine, struct run *run,
		       const struct plugin *plugin, struct slice message)
{
	uint32_t count = 0;

	if (group_state_final(run->record.state)) {
		return;
	}
	for (int p = 0; p < PHASE_KINDS; p++) {
		count += fail_stranded(engine, run, (enum phase_kind)p, plugin,
				       message);
	}
	if (count) {
		run_advance(engine, run);
	}
}

static void set_quarantine(struct plugin *plugin, bool on, struct slice message)
{
	free(plugin->quarantine);
	plugin->quarantined = on;
	plugin->quarantine = on ? slice_dup(message) : NULL;
}

int plugin_removed(struct engine *engine, const struct event *event,
		   struct err *reterr)
{
	struct plugin *plugin =
	    find_plugin(engine, event->as.remove.name, reterr);
	char message[LIMIT_NAME + 40];

	if (!plugin) {
		return E_NOT_FOUND;
	}
	catalog_unregister(&engine->catalog, plugin);
	plugin->removed = true;
	/* Whoever registers under its name later has done nothing yet. */
	set_quarantine(plugin, false, SLICE(""));
	(void)snprintf(message, sizeof(message), "plugin '%s' was removed",
		       plugin->name);
	for (struct run *run = engine->runs; run; run = run->by_id.next) {
		strand_run(engine, run, plugin, slice_of(message));
	}
	dispatch_changed(engine, plugin);
	return 0;
}

int plugin_quarantined(struct engine *engine, const struct event *event,
		       struct err *reterr)
{
	struct slice name = event->as.quarantine.name;
	struct plugin *plugin = catalog_find(&engine->catalog, name);

	if (!plugin && !event->as.quarantine.on) {
		return err_set(reterr, E_NOT_FOUND, "no plugin '%.*s' is known",
			       SLICE_ARG(name));
	}
	plugin = catalog_plugin(&engine->catalog, name);
	set_quarantine(plugin, event->as.quarantine.on,
		       event->as.quarantine.message);
	dispatch_look(engine, plugin);
	return 0;
}

int instance_joined(struct engine *engine, const struct event *event,
		    struct err *reterr)
{
	struct plugin *plugin =
	    catalog_plugin(&engine->catalog, event->as.instance.plugin);
	struct slice name = event->as.instance.name;
	struct instance *instance = plugin_instance(plugin, name);

	(void)reterr;
	if (!instance) {
		instance = plugin_add_instance(plugin, name);
	}
	instance->max_tasks = event->as.instance.max_tasks;
	dispatch_changed(engine, plugin);
	return 0;
}

/* As find_plugin(). */
static struct instance *find_instance(const struct engine *engine,
				      const struct event *event,
				      struct err *reterr)
{
	struct slice name = event->as.instance.name;
	struct plugin *plugin =
	    catalog_find(&engine->catalog, event->as.instance.plugin);
	struct instance *instance =
	    plugin ? plugin_instance(plugin, name) : NULL;

	if (!instance) {
		(void)err_set(
		    reterr, E_NOT_FOUND, "plugin '%.*s' has no instance '%.*s'",
		    SLICE_ARG(event->as.instance.plugin), SLICE_ARG(name));
	}
	return instance;
}

int instance_drained(struct engine *engine, const struct event *event,
		     struct err *reterr)
{
	struct instance *instance = find_instance(engine, event, reterr);

	if (!instance) {
		return E_NOT_FOUND;
	}
	instance->draining = true;
	dispatch_changed(engine, instance->plugin);
	return 0;
}

int instance_gone(struct engine *engine, const struct event *event,
		  struct err *reterr)
{
	struct instance *instance = find_instance(engine, event, reterr);

	if (!instance) {
		return E_NOT_FOUND;
	}
	struct plugin *plugin = instance->plugin;

	/* It takes nothing more, whatever follows from the tasks' ends. */
	instance->draining = true;
	dispatch_changed(engine, plugin);
	/* From the last on, each before all others: their order stays. */
	while (instance->held.last) {
		give_back(
		    engine, instance->held.last, event->as.instance.died,
		    (struct cause){ .reason = REASON_INSTANCE_LOST,
				    .actor = event->actor,
				    .message = event->as.instance.message });
	}
	cancel_forget_abandoned(engine, instance);
	instance_destroy(instance);
	return 0;
}

void plugins_expected(struct engine *engine, const struct event *event)
{
	engine->expect_until_us = event->as.expect.until_us;
	gate_review(engine);
}
