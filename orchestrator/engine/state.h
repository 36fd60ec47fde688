/*
 * The engine's own struct, for its files only.
 */
#ifndef ENGINE_STATE_H
#define ENGINE_STATE_H

#include "engine/catalog.h"
#include "engine/engine.h"
#include "engine/pause.h"
#include "engine/plan.h"
#include "engine/tally.h"
#include "engine/timers.h"

/* A task that was given up while an instance still had it: its slot is taken
 * until the instance lets go, or is no more. */
struct abandoned {
	struct id run;
	uint32_t task;
	uint32_t attempt;
	struct instance *instance;
	/* For the history, should a completion still come. */
	uint32_t activity;
	enum phase_kind phase;
	enum task_state state;
	bool deleted; /* its run: there is no history any more */
	struct abandoned *next;
};

struct engine {
	struct engine_options options;
	struct run *runs;        /* run::by_id */
	struct run *runs_by_uid; /* run::by_uid */
	struct catalog catalog;
	struct plans plans;
	struct timers timers;
	struct plugin
	    *queued; /* plugin::next_queued; to look at in this step */
	struct plugin *hungry; /* plugin::next_hungry; to be fed by queues */
	struct abandoned *abandoned;
	/* Runs that wait before a phase, the longest waiting first. */
	struct run *first_gated;
	struct run *last_gated;
	int64_t expect_until_us; /* no phase opens before */
	struct pauses pauses;
	bool on_hold;
	struct engine_totals totals;
	/* Of the step in progress. */
	int64_t now_us;
	struct output *out;
};

#endif
