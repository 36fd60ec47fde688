#include "engine/advance.h"

#include "engine/deadline.h"
#include "engine/dispatch.h"
#include "engine/gate.h"
#include "engine/open.h"
#include "engine/pause.h"
#include "engine/scope.h"
#include "engine/take_up.h"

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

/* Nobody has had it, be it that it stands in a queue. */
static bool is_unbegun(const struct task *task)
{
	const struct task_record *record = &task->record;

	return record->state == TASK_PENDING ||
	       (record->state == TASK_QUEUED && record->started_us == 0);
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
		if (!is_unbegun(task) || phase->mandatory_failed == 0 ||
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

static enum reason activity_reason(const struct run *run,
				   enum group_state outcome)
{
	return run->activities[run->current].record.expired
		   ? REASON_DEADLINE
		   : outcome_reason(outcome);
}

/* Tasks that nobody has begun, and that could not go on after a failure. */
static void leave_out(struct engine *engine, struct run *run, uint32_t activity,
		      enum phase_kind kind, enum task_state state,
		      enum reason reason)
{
	struct activity *at = &run->activities[activity];

	for (uint32_t i = 0; i < at->record.phases[kind].expected; i++) {
		struct task *task = &at->phases[kind].tasks[i];

		if (is_unbegun(task) && (activity > run->current ||
					 !task_runs_after_failure(task))) {
			task_move(engine, task, state,
				  (struct cause){ .reason = reason });
		}
	}
}

/* A run that went on ends before activities in which something was to be done
 * again. */
static void leave_out_rest(struct engine *engine, struct run *run,
			   enum group_state outcome)
{
	bool failed = outcome == GROUP_FAILED;

	for (uint32_t a = run->current + 1; a < run->record.activity_count;
	     a++) {
		for (int p = 0; p < PHASE_KINDS; p++) {
			leave_out(engine, run, a, (enum phase_kind)p,
				  failed ? TASK_SKIPPED : TASK_CANCELLED,
				  failed ? REASON_MANDATORY_FAILED
					 : REASON_CANCEL_REQUESTED);
		}
	}
}

/* The current activity has ended: go to the next, or end the run. */
static void leave_activity(struct engine *engine, struct run *run)
{
	const struct activity_record *record =
	    &run->activities[run->current].record;
	enum group_state outcome = record->state;
	bool last = run->current + 1 == run->record.activity_count;

	run->optional_failed |= outcome == GROUP_DEGRADED;
	if (outcome == GROUP_FAILED || outcome == GROUP_CANCELLED) {
		leave_out_rest(engine, run, outcome);
		end_run(engine, run, outcome, record->reason);
	} else if (!last && run->record.cancel_requested) {
		leave_out_rest(engine, run, GROUP_CANCELLED);
		end_run(engine, run, GROUP_CANCELLED, REASON_CANCEL_REQUESTED);
	} else if (last) {
		outcome =
		    run->optional_failed ? GROUP_DEGRADED : GROUP_SUCCEEDED;
		end_run(engine, run, outcome, outcome_reason(outcome));
	} else {
		run->current++;
		/* Of a run that goes on it can have outputs already. */
		scope_outputs_outdated(run);
	}
	deadline_arm_run(engine, run);
}

/* The current activity has no phase left. */
static void end_activity(struct engine *engine, struct run *run)
{
	enum group_state outcome = activity_outcome(run);

	activity_move(engine, run, run->current, outcome,
		      activity_reason(run, outcome));
	leave_activity(engine, run);
}

/* From now on its time runs. */
static void begin_activity(struct engine *engine, struct run *run)
{
	struct activity_record *record = &run->activities[run->current].record;
	const struct activity_definition *definition =
	    run_activity_definition(run, run->current);

	record->deadline_us = deadline_after(engine, definition->deadline_ms);
	record->window_us =
	    deadline_after(engine, definition->register_window_ms);
	activity_move(engine, run, run->current, GROUP_RUNNING,
		      REASON_TASKS_RUNNING);
	deadline_arm_run(engine, run);
}

static void begin_run(struct engine *engine, struct run *run)
{
	run->record.deadline_us =
	    deadline_after(engine, run_definition(run)->deadline_ms);
	run_move(engine, run, GROUP_RUNNING,
		 (struct cause){ .reason = REASON_TASKS_RUNNING });
}

/* Phases whose last open tasks were skipped, by an operator or because a newer
 * definition no longer has them. */
static void settle_ended(struct engine *engine, struct run *run)
{
	const struct activity *activity = &run->activities[run->current];

	for (int p = 0; p < PHASE_KINDS; p++) {
		const struct phase_record *record = &activity->record.phases[p];

		if (record->opened && record->finished == record->expected &&
		    (!group_state_final(record->state) ||
		     record->reason == REASON_DRAINING)) {
			phase_settle(engine, run, run->current,
				     (enum phase_kind)p);
		}
	}
}

static bool earlier_failed(const struct activity *activity,
			   enum phase_kind phase)
{
	for (int p = 0; p < (int)phase; p++) {
		if (activity->record.phases[p].state == GROUP_FAILED) {
			return true;
		}
	}
	return false;
}

/* One step of a run; false when it must wait. */
static bool advance_once(struct engine *engine, struct run *run)
{
	struct activity *activity = &run->activities[run->current];

	if (group_state_final(activity->record.state)) {
		/* As the store has it, or as it was before the run went on. */
		leave_activity(engine, run);
		return true;
	}
	if (activity->record.state == GROUP_PENDING) {
		begin_activity(engine, run);
	}
	settle_ended(engine, run);
	enum situation situation = situation_of(run);
	enum phase_kind phase = phase_in_progress(run, situation);

	if (phase < PHASE_KINDS && !activity->record.phases[phase].opened) {
		/* What follows a failure is not waited with: its tasks are, and
		 * when there are none the run has ended. */
		if (situation == SITUATION_WELL && run_is_paused(engine, run)) {
			gate_show(engine, run, REASON_PAUSED);
			return false;
		}
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
	if (earlier_failed(activity, phase)) {
		/* It was reopened, and one before it has failed again. */
		leave_out(engine, run, run->current, phase, TASK_SKIPPED,
			  REASON_MANDATORY_FAILED);
	}
	take_up_phase(engine, run, phase);
	if (phase != PHASE_PARALLEL) {
		start_next(engine, run, phase);
	}
	phase_settle(engine, run, run->current, phase);
	return phase_ended(run, run->current, phase);
}

void run_advance(struct engine *engine, struct run *run)
{
	if (run->record.state == GROUP_PENDING) {
		begin_run(engine, run);
	}
	while (!group_state_final(run->record.state) &&
	       advance_once(engine, run)) {
	}
}
