/*
 * The engine's own struct, for its files only.
 */
#ifndef ENGINE_STATE_H
#define ENGINE_STATE_H

#include "engine/catalog.h"
#include "engine/engine.h"
#include "engine/plan.h"
#include "engine/timers.h"

/* A task that was given up while a plugin still had it: its slot is taken
 * until the plugin lets go. */
struct abandoned {
	struct id run;
	uint32_t task;
	uint32_t attempt;
	struct plugin *plugin;
	struct abandoned *next;
};

struct engine {
	struct engine_options options;
	struct run *runs;        /* run::by_id */
	struct run *runs_by_uid; /* run::by_uid */
	struct catalog catalog;
	struct plan *plans;
	struct timers timers;
	struct plugin
	    *queued; /* plugin::next_queued; to look at in this step */
	struct abandoned *abandoned;
	bool on_hold;
	/* Of the step in progress. */
	int64_t now_us;
	struct output *out;
};

#endif
