#include "engine/cancel.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "engine/advance.h"
#include "engine/complete.h"
#include "engine/deadline.h"
#include "engine/dispatch.h"
#include "engine/queue.h"
#include "engine/take_up.h"
#include "engine/task_list.h"

void cancel_tell(struct engine *engine, struct task *task, enum reason reason)
{
	task->record.cancel_requested = true;
	task->record.reason = reason;
	task->timed_out =
	    reason == REASON_DEADLINE || reason == REASON_LEASE_EXPIRED;
	task->progress_pending = false;
	task_touch(engine, task);
	timers_set(&engine->timers, &task->timer,
		   engine->now_us + engine->options.grace_ms * 1000);
	output_effect(engine->out, &(struct effect){
				       .kind = EFFECT_TELL,
				       .run = task->run,
				       .task = task,
				       .timed_out = task->timed_out,
				   });
}

static void cancel_task(struct engine *engine, struct task *task,
			struct cause cause)
{
	if (task_state_final(task->record.state)) {
		return;
	}
	if (task->instance) {
		if (!task->record.cancel_requested) {
			cancel_tell(engine, task, cause.reason);
		}
		return;
	}
	task_move(engine, task, TASK_CANCELLED, cause);
}

/* `spared`: plugins that run always may still do so. */
static void cancel_phase(struct engine *engine, struct run *run,
			 enum phase_kind kind, bool spared, struct slice actor)
{
	struct activity *activity = &run->activities[run->current];
	const struct phase_record *record = &activity->record.phases[kind];

	if (!record->opened || record->finished == record->expected) {
		return;
	}
	for (uint32_t i = 0; i < record->expected; i++) {
		struct task *task = &activity->phases[kind].tasks[i];

		if (!spared || task->run_on != RUN_ON_ALWAYS) {
			cancel_task(engine, task,
				    (struct cause){ .reason = REASON_OPERATOR,
						    .actor = actor });
		}
	}
	phase_settle(engine, run, run->current, kind);
}

int cancel_run(struct engine *engine, struct run *run, struct slice actor,
	       struct err *reterr)
{
	if (run->record.cancel_forced) {
		return err_set(reterr, E_UNCHANGED,
			       "the run is being cancelled already");
	}
	run->record.cancel_forced = run->record.cancel_requested;
	run->record.cancel_requested = true;
	run_touch(engine, run);
	deadline_arm_run(engine, run);
	if (run->record.state != GROUP_CANCELLING) {
		run_move(engine, run, GROUP_CANCELLING,
			 (struct cause){ .reason = REASON_CANCEL_REQUESTED,
					 .actor = actor,
					 .message = run->record.message });
	}
	/* A pause is over now. */
	take_up_again(run);
	cancel_phase(engine, run, PHASE_PRE, false, actor);
	cancel_phase(engine, run, PHASE_PARALLEL, false, actor);
	cancel_phase(engine, run, PHASE_POST, !run->record.cancel_forced,
		     actor);
	run_advance(engine, run);
	return 0;
}

void cancel_siblings(struct engine *engine, const struct task *failed)
{
	struct run *run = failed->run;
	enum phase_kind kind = failed->record.phase;
	struct activity *activity = &run->activities[failed->record.activity];
	const struct phase_record *record = &activity->record.phases[kind];

	for (uint32_t i = 0; i < record->expected; i++) {
		struct task *task = &activity->phases[kind].tasks[i];

		/* What is there for failures is not stopped by one. */
		if (!task_runs_after_failure(task)) {
			cancel_task(
			    engine, task,
			    (struct cause){ .reason = REASON_SIBLING_FAILED });
		}
	}
}

static void remember_abandoned(struct engine *engine, struct task *task)
{
	struct abandoned *abandoned = alloc_zeroed(1, sizeof(*abandoned));

	abandoned->run = task->run->record.id;
	abandoned->task = task->record.number;
	abandoned->attempt = task->record.attempt;
	abandoned->instance = task->instance;
	abandoned->activity = task->record.activity;
	abandoned->phase = task->record.phase;
	abandoned->state = task->timed_out ? TASK_FAILED : TASK_CANCELLED;
	abandoned->next = engine->abandoned;
	engine->abandoned = abandoned;
	/* The slot stays taken: the instance still has the task. */
	task_list_remove(&task->instance->held, task);
	task->instance = NULL;
}

void cancel_give_up(struct engine *engine, struct task *task,
		    struct cause cause)
{
	remember_abandoned(engine, task);
	task->timed_out = false;
	task->record.cancel_requested = false;
	timers_set(&engine->timers, &task->timer, 0);
	fail_or_retry(engine, task, cause);
}

void cancel_abandon(struct engine *engine, struct task *task)
{
	enum task_state state = task->timed_out ? TASK_FAILED : TASK_CANCELLED;
	char grace[CLOCK_TEXT_SIZE];
	char message[160];

	duration_format(engine->options.grace_ms, grace);
	(void)snprintf(message, sizeof(message),
		       "%s; the plugin did not stop within %s and was "
		       "abandoned",
		       task->timed_out ? "deadline exceeded" : "cancelled",
		       grace);
	struct cause cause = { .reason = REASON_ABANDONED,
			       .message = slice_of(message) };

	if (task->timed_out && task_is_queued(task)) {
		/* A queue promises another attempt also when this one may
		 * still be at it. */
		cancel_give_up(engine, task, cause);
		return;
	}
	remember_abandoned(engine, task);
	task_fail(engine, task, state, cause);
}

/* The link that points to it; NULL: it was not abandoned. */
static struct abandoned **find_abandoned(struct engine *engine,
					 const struct id *run, uint32_t task,
					 uint32_t attempt)
{
	for (struct abandoned **link = &engine->abandoned; *link;
	     link = &(*link)->next) {
		const struct abandoned *abandoned = *link;

		if (abandoned->task == task && abandoned->attempt == attempt &&
		    id_equal(&abandoned->run, run)) {
			return link;
		}
	}
	return NULL;
}

static void let_go(struct engine *engine, struct abandoned **link)
{
	struct abandoned *abandoned = *link;

	abandoned->instance->in_use--;
	abandoned->instance->alone = false;
	dispatch_look(engine, abandoned->instance->plugin);
	*link = abandoned->next;
	free(abandoned);
}

void cancel_let_go(struct engine *engine, const struct id *run, uint32_t task,
		   uint32_t attempt)
{
	struct abandoned **link = find_abandoned(engine, run, task, attempt);

	if (link) {
		let_go(engine, link);
	}
}

static const char *outcome_word(enum completion outcome)
{
	switch (outcome) {
	case COMPLETION_SUCCEEDED:
		return "succeeded";
	case COMPLETION_PARKED:
		return "parked";
	case COMPLETION_FAILED:
	case COMPLETION_RETRYABLE:
		break;
	}
	return "failed";
}

/* One with a queue goes on after it was given up. */
static enum task_state state_of(const struct engine *engine,
				const struct abandoned *late)
{
	const struct run *run = engine_run(engine, &late->run);

	return run ? run->tasks[late->task]->record.state : late->state;
}

static void note_late(struct engine *engine, const struct event *event,
		      const struct abandoned *late)
{
	enum task_state state = state_of(engine, late);

	struct buf text = { 0 };
	struct buf actor = { 0 };

	buf_printf(&text, "%s too late, ignored%s%.*s",
		   outcome_word(event->as.completed.outcome),
		   event->as.completed.message.len ? ": " : "",
		   SLICE_ARG(event->as.completed.message));
	buf_printf(&actor, "plugin %s", late->instance->plugin->name);
	output_transition(engine->out, &late->run,
			  &(struct transition_record){
			      .time_us = engine->now_us,
			      .kind = OBJECT_TASK,
			      .activity = late->activity,
			      .phase = late->phase,
			      .task = late->task,
			      .attempt = late->attempt,
			      .from = (int)state,
			      .to = (int)state,
			      .reason = REASON_LATE,
			      .actor = buf_slice(&actor),
			      .message = buf_slice(&text),
			  });
	buf_fini(&text);
	buf_fini(&actor);
}

void cancel_late(struct engine *engine, const struct event *event)
{
	struct abandoned **link =
	    find_abandoned(engine, &event->run, event->as.completed.task,
			   event->as.completed.attempt);

	if (!link) {
		return;
	}
	if (!(*link)->deleted) {
		note_late(engine, event, *link);
	}
	let_go(engine, link);
}

void cancel_forget_abandoned(struct engine *engine,
			     const struct instance *instance)
{
	struct abandoned **link = &engine->abandoned;

	while (*link) {
		struct abandoned *abandoned = *link;

		if (abandoned->instance == instance) {
			*link = abandoned->next;
			free(abandoned);
		} else {
			link = &abandoned->next;
		}
	}
}

void cancel_forget_run(struct engine *engine, const struct run *run)
{
	for (struct abandoned *abandoned = engine->abandoned; abandoned;
	     abandoned = abandoned->next) {
		if (id_equal(&abandoned->run, &run->record.id)) {
			abandoned->state =
			    run->tasks[abandoned->task]->record.state;
		}
	}
}

void engine_deleted(struct engine *engine, const struct id *run)
{
	for (struct abandoned *abandoned = engine->abandoned; abandoned;
	     abandoned = abandoned->next) {
		abandoned->deleted |= id_equal(&abandoned->run, run);
	}
}
