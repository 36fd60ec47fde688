/* States that follow from others; see advance.h. */
#include "engine/advance.h"
#include "engine/pause.h"
#include "engine/scope.h"

bool phase_ended(const struct run *run, uint32_t activity,
		 enum phase_kind phase)
{
	const struct phase_record *record =
	    &run->activities[activity].record.phases[phase];

	return record->opened && record->finished == record->expected;
}

bool activity_in_trouble(const struct activity *activity)
{
	if (activity->record.expired) {
		return true;
	}
	for (int p = 0; p < PHASE_KINDS; p++) {
		if (activity->record.phases[p].state == GROUP_FAILED) {
			return true;
		}
	}
	return false;
}

/* Nothing is in a plugin's hands or could be, only time has to pass. */
static bool only_waits(const struct phase *phase, enum phase_kind kind)
{
	uint32_t waits =
	    phase->counts[TASK_WAITING] + phase->counts[TASK_RETRYING];
	uint32_t works =
	    phase->counts[TASK_RUNNING] + phase->counts[TASK_QUEUED];

	/* In pre and post the pending ones are behind the one that waits. */
	if (kind == PHASE_PARALLEL) {
		works += phase->counts[TASK_PENDING];
	}
	return waits > 0 && works == 0;
}

static enum group_state derive(const struct run *run, const struct phase *phase,
			       const struct phase_record *record,
			       enum phase_kind kind)
{
	/* An empty phase that must not be has failed when it was opened. */
	if (phase->mandatory_failed > 0 || record->state == GROUP_FAILED) {
		return GROUP_FAILED;
	}
	if (record->finished < record->expected) {
		if (run->record.cancel_requested) {
			return GROUP_CANCELLING;
		}
		/* Once it has begun it stays so, also when all come back. */
		if (record->state == GROUP_PENDING &&
		    phase->counts[TASK_PENDING] == record->expected) {
			return GROUP_PENDING;
		}
		return only_waits(phase, kind) ? GROUP_WAITING : GROUP_RUNNING;
	}
	if (phase->counts[TASK_CANCELLED] > 0) {
		return GROUP_CANCELLED;
	}
	return phase->optional_failed ? GROUP_DEGRADED : GROUP_SUCCEEDED;
}

static enum reason reason_of(enum group_state state, bool ended)
{
	switch (state) {
	case GROUP_PENDING:
		return REASON_NO_FREE_SLOT;
	case GROUP_RUNNING:
		return REASON_TASKS_RUNNING;
	case GROUP_WAITING:
		return REASON_UNTIL_TIME;
	case GROUP_CANCELLING:
	case GROUP_CANCELLED:
		return REASON_CANCEL_REQUESTED;
	case GROUP_FAILED:
		return ended ? REASON_MANDATORY_FAILED : REASON_DRAINING;
	case GROUP_DEGRADED:
		return REASON_OPTIONAL_FAILED;
	case GROUP_SUCCEEDED:
	case GROUP_SKIPPED:
	case GROUP_STATES:
		break;
	}
	return REASON_NONE;
}

static bool in_hands(const struct phase *phase)
{
	return phase->counts[TASK_RUNNING] > 0;
}

/* Activity and run show what the phase in progress does. */
static void settle_above(struct engine *engine, struct run *run,
			 uint32_t activity, enum phase_kind kind,
			 enum group_state phase)
{
	enum group_state shown =
	    phase == GROUP_WAITING ? GROUP_WAITING : GROUP_RUNNING;
	enum reason reason = activity_in_trouble(&run->activities[activity])
				 ? REASON_DRAINING
				 : reason_of(shown, false);
	const struct activity_record *record =
	    &run->activities[activity].record;

	if (run_is_paused(engine, run)) {
		shown = in_hands(&run->activities[activity].phases[kind])
			    ? GROUP_RUNNING
			    : GROUP_WAITING;
		reason = REASON_PAUSED;
	}
	if (run->record.cancel_requested) {
		shown = GROUP_CANCELLING;
		reason = REASON_CANCEL_REQUESTED;
	}
	if (record->state != shown && !group_state_final(record->state)) {
		activity_move(engine, run, activity, shown, reason);
	} else if (record->reason != reason) {
		run->activities[activity].record.reason = reason;
		activity_touch(engine, run, activity);
	}
	if (run->record.state != shown) {
		run_move(engine, run, shown,
			 (struct cause){ .reason = reason });
	} else if (run->record.reason != reason) {
		run->record.reason = reason;
		run_touch(engine, run);
	}
}

void phase_settle(struct engine *engine, struct run *run, uint32_t activity,
		  enum phase_kind phase)
{
	struct phase_record *record =
	    &run->activities[activity].record.phases[phase];
	bool ended = record->finished == record->expected;
	enum group_state state = derive(
	    run, &run->activities[activity].phases[phase], record, phase);

	if (state != record->state) {
		phase_move(engine, run, activity, phase, state,
			   reason_of(state, ended));
	} else if (state == GROUP_FAILED && ended &&
		   record->reason == REASON_DRAINING) {
		record->reason = REASON_MANDATORY_FAILED;
		record->ended_us = engine->now_us;
		activity_touch(engine, run, activity);
	}
	if (ended && phase == PHASE_PARALLEL) {
		/* Others see what its tasks have left from now on. */
		scope_outputs_outdated(run);
	}
	settle_above(engine, run, activity, phase, state);
}
