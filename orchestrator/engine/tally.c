#include "engine/tally.h"

#include <string.h>

#include "engine/state.h"

const struct engine_totals *engine_totals(const struct engine *engine)
{
	return &engine->totals;
}

static void add_instances(const struct plugin *plugin,
			  struct engine_tally *tally)
{
	for (const struct instance *instance = plugin->instances; instance;
	     instance = instance->next) {
		tally->in_flight += instance->in_use;
		tally->capacity += instance->draining ? 0 : instance->max_tasks;
	}
}

void engine_each_tally(const struct engine *engine,
		       void (*each)(void *arg,
				    const struct engine_tally *tally),
		       void *arg)
{
	for (const struct plugin *plugin = engine->catalog.plugins; plugin;
	     plugin = plugin->by_name.next) {
		struct engine_tally tally = {
			.name = plugin->name,
			.number = plugin->number,
		};

		memcpy(tally.tasks, plugin->entered, sizeof(tally.tasks));
		add_instances(plugin, &tally);
		each(arg, &tally);
	}
}

uint32_t engine_plugin_number(const struct task *task)
{
	return task->plugin->number;
}
