#include "engine/move.h"

#include <assert.h>

#include "engine/dispatch.h"
#include "engine/queue.h"
#include "engine/scope.h"

#define ENGINE SLICE("engine")

void task_touch(struct engine *engine, struct task *task)
{
	if (!task->changed) {
		task->changed = true;
		output_change(engine->out, task->run, CHANGE_TASK,
			      task->record.number);
	}
}

void activity_touch(struct engine *engine, struct run *run, uint32_t activity)
{
	if (!run->activities[activity].changed) {
		run->activities[activity].changed = true;
		output_change(engine->out, run, CHANGE_ACTIVITY, activity);
	}
}

void run_touch(struct engine *engine, struct run *run)
{
	if (!run->changed) {
		run->changed = true;
		output_change(engine->out, run, CHANGE_RUN, 0);
	}
}

struct phase *task_phase(const struct task *task)
{
	return &task->run->activities[task->record.activity]
		    .phases[task->record.phase];
}

struct phase_record *task_phase_record(const struct task *task)
{
	return &task->run->activities[task->record.activity]
		    .record.phases[task->record.phase];
}

static void count_move(struct task *task, enum task_state to)
{
	struct phase *phase = task_phase(task);
	struct phase_record *record = task_phase_record(task);

	phase->counts[task->record.state]--;
	phase->counts[to]++;
	if (!task_state_final(to)) {
		return;
	}
	record->finished++;
	assert(record->finished <= record->expected);
	if (task->record.mandatory) {
		phase->mandatory_open--;
		phase->mandatory_failed += to == TASK_FAILED;
	} else {
		phase->optional_failed += to == TASK_FAILED;
	}
	record->mandatory_done = phase->mandatory_open == 0;
}

static struct slice actor_of(struct slice actor)
{
	return actor.len ? actor : ENGINE;
}

void task_move(struct engine *engine, struct task *task, enum task_state to,
	       struct cause cause)
{
	struct task_record *record = &task->record;

	assert(task_state_allowed(record->state, to));
	output_transition(engine->out, &task->run->record.id,
			  &(struct transition_record){
			      .time_us = engine->now_us,
			      .kind = OBJECT_TASK,
			      .activity = record->activity,
			      .phase = record->phase,
			      .task = record->number,
			      .attempt = record->attempt,
			      .from = (int)record->state,
			      .to = (int)to,
			      .reason = cause.reason,
			      .actor = actor_of(cause.actor),
			      .message = cause.message,
			  });
	count_move(task, to);
	engine->totals.tasks[to]++;
	task->plugin->entered[to]++;
	record->state = to;
	record->reason = cause.reason;
	slice_own(&record->message, cause.message);
	if (task_state_final(to)) {
		record->ended_us = engine->now_us;
		record->wake_us = 0;
		dispatch_withdraw(task);
		timers_set(&engine->timers, &task->timer, 0);
		if (task_is_queued(task)) {
			queue_leave(engine, task);
		}
	}
	scope_moved(task);
	task_touch(engine, task);
	activity_touch(engine, task->run, record->activity);
}

static void note_times(int64_t now_us, enum group_state from,
		       enum group_state to, int64_t *started_us,
		       int64_t *ended_us)
{
	if (from == GROUP_PENDING && *started_us == 0) {
		*started_us = now_us;
	}
	if (group_state_final(to)) {
		*ended_us = now_us;
	}
}

void phase_move(struct engine *engine, struct run *run, uint32_t activity,
		enum phase_kind phase, enum group_state to, enum reason reason)
{
	struct phase_record *record =
	    &run->activities[activity].record.phases[phase];

	assert(group_state_allowed(record->state, to));
	output_transition(engine->out, &run->record.id,
			  &(struct transition_record){
			      .time_us = engine->now_us,
			      .kind = OBJECT_PHASE,
			      .activity = activity,
			      .phase = phase,
			      .from = (int)record->state,
			      .to = (int)to,
			      .reason = reason,
			      .actor = ENGINE,
			  });
	note_times(engine->now_us, record->state, to, &record->started_us,
		   &record->ended_us);
	if (record->finished < record->expected) {
		/* Failed at once, but its tasks are still being drained. */
		record->ended_us = 0;
	}
	record->state = to;
	record->reason = reason;
	activity_touch(engine, run, activity);
}

void activity_move(struct engine *engine, struct run *run, uint32_t activity,
		   enum group_state to, enum reason reason)
{
	struct activity_record *record = &run->activities[activity].record;

	assert(group_state_allowed(record->state, to));
	output_transition(engine->out, &run->record.id,
			  &(struct transition_record){
			      .time_us = engine->now_us,
			      .kind = OBJECT_ACTIVITY,
			      .activity = activity,
			      .from = (int)record->state,
			      .to = (int)to,
			      .reason = reason,
			      .actor = ENGINE,
			  });
	note_times(engine->now_us, record->state, to, &record->started_us,
		   &record->ended_us);
	record->state = to;
	record->reason = reason;
	activity_touch(engine, run, activity);
}

void run_move(struct engine *engine, struct run *run, enum group_state to,
	      struct cause cause)
{
	struct run_record *record = &run->record;

	assert(group_state_allowed(record->state, to));
	output_transition(engine->out, &record->id,
			  &(struct transition_record){
			      .time_us = engine->now_us,
			      .kind = OBJECT_RUN,
			      .from = (int)record->state,
			      .to = (int)to,
			      .reason = cause.reason,
			      .actor = actor_of(cause.actor),
			      .message = cause.message,
			  });
	note_times(engine->now_us, record->state, to, &record->started_us,
		   &record->ended_us);
	record->state = to;
	engine->totals.runs[to]++;
	record->reason = cause.reason;
	slice_own(&record->message, cause.message);
	run_touch(engine, run);
}
