#include "engine/gate.h"

#include "engine/advance.h"

static bool is_reached_only(const struct activity_record *activity)
{
	for (int p = 0; p < PHASE_KINDS; p++) {
		if (activity->phases[p].opened) {
			return false;
		}
	}
	return true;
}

static bool all_registered(const struct engine *engine,
			   const struct activity_definition *activity)
{
	for (size_t i = 0; i < activity->require_len; i++) {
		if (!engine_has_plugin(engine,
				       slice_of(activity->require[i]))) {
			return false;
		}
	}
	return true;
}

/* Records of older stores do not say it. */
static int64_t window_of(const struct activity_record *record,
			 const struct activity_definition *activity)
{
	return record->window_us
		   ? record->window_us
		   : record->started_us + activity->register_window_ms * 1000;
}

/* REASON_NONE when nothing keeps it; *ret_until_us 0: no time ends it. */
static enum reason find_reason(const struct engine *engine,
			       const struct run *run, int64_t *ret_until_us)
{
	const struct activity_record *record =
	    &run->activities[run->current].record;
	const struct activity_definition *activity =
	    run_activity_definition(run, run->current);
	int64_t until_us = engine->expect_until_us;

	*ret_until_us = 0;
	if (is_reached_only(record)) {
		int64_t window_us = window_of(record, activity);

		if (!all_registered(engine, activity)) {
			return REASON_NO_PLUGIN;
		}
		until_us = window_us > until_us ? window_us : until_us;
	}
	if (until_us <= engine->now_us) {
		return REASON_NONE;
	}
	*ret_until_us = until_us;
	return REASON_REGISTER_WINDOW;
}

static void enter(struct engine *engine, struct run *run)
{
	if (run->gated) {
		return;
	}
	run->gated = true;
	run->next_gated = NULL;
	run->previous_gated = engine->last_gated;
	if (engine->last_gated) {
		engine->last_gated->next_gated = run;
	} else {
		engine->first_gated = run;
	}
	engine->last_gated = run;
}

void gate_leave(struct engine *engine, struct run *run)
{
	if (!run->gated) {
		return;
	}
	run->gated = false;
	timers_set(&engine->timers, &run->timer, 0);
	if (run->previous_gated) {
		run->previous_gated->next_gated = run->next_gated;
	} else {
		engine->first_gated = run->next_gated;
	}
	if (run->next_gated) {
		run->next_gated->previous_gated = run->previous_gated;
	} else {
		engine->last_gated = run->previous_gated;
	}
}

void gate_show(struct engine *engine, struct run *run, enum reason reason)
{
	struct activity_record *activity =
	    &run->activities[run->current].record;

	if (activity->state != GROUP_WAITING) {
		activity_move(engine, run, run->current, GROUP_WAITING, reason);
	} else if (activity->reason != reason) {
		activity->reason = reason;
		activity_touch(engine, run, run->current);
	}
	if (run->record.state != GROUP_WAITING) {
		run_move(engine, run, GROUP_WAITING,
			 (struct cause){ .reason = reason });
	} else if (run->record.reason != reason) {
		run->record.reason = reason;
		run_touch(engine, run);
	}
}

/* It waited for plugins, so it looks at those that are there now. */
static void see_who_came(struct engine *engine, struct run *run)
{
	if (run->gated) {
		catalog_unpin(&engine->catalog, run->pin);
		run->pin = NULL;
	}
}

bool gate_closed(struct engine *engine, struct run *run)
{
	int64_t until_us;
	enum reason reason = find_reason(engine, run, &until_us);

	if (reason == REASON_NONE) {
		see_who_came(engine, run);
		return false;
	}
	gate_show(engine, run, reason);
	enter(engine, run);
	timers_set(&engine->timers, &run->timer, until_us);
	return true;
}

void gate_review(struct engine *engine)
{
	struct run *next;

	for (struct run *run = engine->first_gated; run; run = next) {
		next = run->next_gated;
		run_advance(engine, run);
	}
}
