#include "engine/advance.h"

#include "engine/dispatch.h"
#include "engine/gate.h"
#include "engine/open.h"

static enum situation situation_of(const struct run *run)
{
	if (activity_in_trouble(&run->activities[run->current])) {
		return SITUATION_FAILED;
	}
	return run->record.cancel_requested ? SITUATION_CANCELLED
					    : SITUATION_WELL;
}

/* The phase that is open or must be opened next; PHASE_KINDS: none is left. */
static enum phase_kind phase_in_progress(const struct run *run,
					 enum situation situation)
{
	const struct activity *activity = &run->activities[run->current];

	for (int p = 0; p < PHASE_KINDS; p++) {
		const struct phase_record *record = &activity->record.phases[p];

		if (record->opened) {
			if (record->finished < record->expected) {
				return (enum phase_kind)p;
			}
		} else if (p == PHASE_POST || situation == SITUATION_WELL) {
			return (enum phase_kind)p;
		}
	}
	return PHASE_KINDS;
}

bool task_runs_after_failure(const struct task *task)
{
	return task->record.phase == PHASE_POST &&
	       task->run_on != RUN_ON_SUCCESS;
}

/* Pre and post: let the next task go when none is in progress. */
static void start_next(struct engine *engine, struct run *run,
		       enum phase_kind kind)
{
	struct phase *phase = &run->activities[run->current].phases[kind];
	const struct phase_record *record =
	    &run->activities[run->current].record.phases[kind];

	for (; phase->next < record->expected; phase->next++) {
		struct task *task = &phase->tasks[phase->next];

		if (task_state_final(task->record.state)) {
			continue;
		}
		if (task->record.state != TASK_PENDING ||
		    phase->mandatory_failed == 0 ||
		    task_runs_after_failure(task)) {
			if (task->record.state == TASK_PENDING) {
				dispatch_ready(engine, task);
			}
			return;
		}
		task_move(engine, task, TASK_SKIPPED,
			  (struct cause){ .reason = REASON_MANDATORY_FAILED });
	}
}

static void end_run(struct engine *engine, struct run *run,
		    enum group_state state, enum reason reason)
{
	run_move(
	    engine, run, state,
	    (struct cause){ .reason = reason, .message = run->record.message });
}

static enum group_state activity_outcome(const struct run *run)
{
	const struct activity *activity = &run->activities[run->current];
	enum group_state outcome = GROUP_SUCCEEDED;

	if (activity_in_trouble(activity)) {
		return GROUP_FAILED;
	}
	for (int p = 0; p < PHASE_KINDS; p++) {
		const struct phase_record *record = &activity->record.phases[p];

		if (!record->opened || record->curtailed ||
		    record->state == GROUP_CANCELLED) {
			return GROUP_CANCELLED;
		}
		if (record->state == GROUP_DEGRADED) {
			outcome = GROUP_DEGRADED;
		}
	}
	return outcome;
}

static enum reason outcome_reason(enum group_state outcome)
{
	switch (outcome) {
	case GROUP_FAILED:
		return REASON_MANDATORY_FAILED;
	case GROUP_DEGRADED:
		return REASON_OPTIONAL_FAILED;
	case GROUP_CANCELLED:
		return REASON_CANCEL_REQUESTED;
	default:
		return REASON_NONE;
	}
}

/* The current activity has no phase left. */
static void end_activity(struct engine *engine, struct run *run)
{
	enum group_state outcome = activity_outcome(run);
	bool last = run->current + 1 == run->record.activity_count;

	activity_move(engine, run, run->current, outcome,
		      outcome_reason(outcome));
	run->optional_failed |= outcome == GROUP_DEGRADED;
	if (outcome == GROUP_FAILED || outcome == GROUP_CANCELLED) {
		end_run(engine, run, outcome, outcome_reason(outcome));
	} else if (!last && run->record.cancel_requested) {
		end_run(engine, run, GROUP_CANCELLED, REASON_CANCEL_REQUESTED);
	} else if (last) {
		outcome =
		    run->optional_failed ? GROUP_DEGRADED : GROUP_SUCCEEDED;
		end_run(engine, run, outcome, outcome_reason(outcome));
	} else {
		run->current++;
	}
}

/* One step of a run; false when it must wait. */
static bool advance_once(struct engine *engine, struct run *run)
{
	struct activity *activity = &run->activities[run->current];
	enum situation situation = situation_of(run);
	enum phase_kind phase = phase_in_progress(run, situation);

	if (activity->record.state == GROUP_PENDING) {
		activity_move(engine, run, run->current, GROUP_RUNNING,
			      REASON_TASKS_RUNNING);
	}
	if (phase < PHASE_KINDS && !activity->record.phases[phase].opened) {
		if (situation == SITUATION_WELL && gate_closed(engine, run)) {
			return false;
		}
		gate_leave(engine, run);
		if (phase_open(engine, run, phase, situation)) {
			return true;
		}
		phase = PHASE_KINDS;
	}
	if (phase == PHASE_KINDS) {
		end_activity(engine, run);
		return true;
	}
	if (phase != PHASE_PARALLEL) {
		start_next(engine, run, phase);
	}
	phase_settle(engine, run, run->current, phase);
	return phase_ended(run, run->current, phase);
}

void run_advance(struct engine *engine, struct run *run)
{
	if (run->record.state == GROUP_PENDING) {
		run_move(engine, run, GROUP_RUNNING,
			 (struct cause){ .reason = REASON_TASKS_RUNNING });
	}
	while (!group_state_final(run->record.state) &&
	       advance_once(engine, run)) {
	}
}
