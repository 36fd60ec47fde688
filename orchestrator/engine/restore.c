#include "engine/restore.h"

#include "base/alloc.h"
#include "engine/advance.h"
#include "engine/complete.h"
#include "engine/deadline.h"
#include "engine/dispatch.h"
#include "engine/give_back.h"
#include "engine/open.h"
#include "engine/retry.h"
#include "engine/runs.h"
#include "engine/take_up.h"

static void own_texts(struct task_record *record)
{
	struct slice *texts[] = { &record->name, &record->plugin,
				  &record->instance, &record->message,
				  &record->note };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct slice borrowed = *texts[i];

		*texts[i] = (struct slice){ NULL, 0 };
		slice_own(texts[i], borrowed);
	}
}

/* When a post plugin runs is the definition's to say. */
static enum run_on find_run_on(const struct run *run,
			       const struct task_record *record)
{
	const struct phase_definition *phase =
	    &run_activity_definition(run, record->activity)
		 ->phases[record->phase];

	return record->binding < phase->len
		   ? phase->bindings[record->binding].run_on
		   : RUN_ON_SUCCESS;
}

static void restore_task(struct engine *engine, struct task *task,
			 const struct task_record *record, struct blob *output)
{
	struct phase *phase = task_phase(task);
	bool final = task_state_final(record->state);

	task->record = *record;
	own_texts(&task->record);
	task->output = blob_ref(output);
	task->plugin = catalog_plugin(&engine->catalog, record->plugin);
	task->run_on = find_run_on(task->run, record);
	phase->counts[record->state]++;
	phase->mandatory_open += record->mandatory && !final;
	if (record->state == TASK_FAILED) {
		phase->mandatory_failed += record->mandatory;
		phase->optional_failed += !record->mandatory;
	}
}

/* Tasks of a phase are consecutive; `at` moves past them. */
static int restore_phase(struct engine *engine, struct run *run,
			 uint32_t activity, enum phase_kind kind,
			 const struct event *event, uint32_t *at,
			 struct err *reterr)
{
	struct phase_record *record =
	    &run->activities[activity].record.phases[kind];
	uint32_t finished = 0;

	if (!record->opened) {
		return 0;
	}
	if (record->expected > event->as.restore.run->task_count - *at) {
		return err_set(reterr, E_CORRUPT,
			       "activity %u expects %u tasks in %s, the run "
			       "has fewer",
			       activity, record->expected,
			       phase_kind_name(kind));
	}
	struct task *tasks =
	    phase_make_tasks(run, activity, kind, record->expected);

	for (uint32_t i = 0; i < record->expected; i++, (*at)++) {
		const struct task_record *stored =
		    &event->as.restore.tasks[*at];

		if (stored->activity != activity || stored->phase != kind) {
			return err_set(reterr, E_CORRUPT,
				       "task %u is not where its phase says",
				       *at);
		}
		restore_task(engine, &tasks[i], stored,
			     event->as.restore.outputs[*at]);
		finished += task_state_final(stored->state);
	}
	/* The tasks are the truth. */
	record->finished = finished;
	record->mandatory_done =
	    run->activities[activity].phases[kind].mandatory_open == 0;
	return 0;
}

static int restore_tasks(struct engine *engine, struct run *run,
			 const struct event *event, struct err *reterr)
{
	uint32_t at = 0;

	for (uint32_t a = 0; a < run->record.activity_count; a++) {
		run->activities[a].record = event->as.restore.activities[a];
		for (int p = 0; p < PHASE_KINDS; p++) {
			int rc =
			    restore_phase(engine, run, a, (enum phase_kind)p,
					  event, &at, reterr);

			if (rc < 0) {
				return rc;
			}
		}
		enum group_state state = run->activities[a].record.state;

		run->optional_failed |= state == GROUP_DEGRADED;
		if (group_state_final(state) &&
		    a + 1 < run->record.activity_count) {
			run->current = a + 1;
		}
	}
	return 0;
}

static const struct restore_blame *find_blame(const struct event *event,
					      const struct task_record *task)
{
	for (size_t i = 0; i < event->as.restore.blame_count; i++) {
		const struct restore_blame *blame =
		    &event->as.restore.blames[i];

		if (blame->task == task->number &&
		    blame->attempt == task->attempt) {
			return blame;
		}
	}
	return NULL;
}

/*
 * It was in hands when the orchestrator ended. True when it goes on: its
 * message is then what its next transition will say.
 */
static bool survives(struct engine *engine, struct task *task,
		     const struct restore_blame *blame)
{
	struct task_record *record = &task->record;
	struct slice message = blame ? blame->message : SLICE("");

	if (blame) {
		record->deaths++;
		task_touch(engine, task);
	}
	if (record->cancel_requested) {
		finish_stopping(engine, task,
				SLICE("had been told to stop when the "
				      "orchestrator ended"));
		return false;
	}
	if (blame && !blame->quarantined && retry_policy(task)) {
		fail_or_retry(engine, task,
			      (struct cause){ .reason = REASON_CRASHED,
					      .message = message });
		return false;
	}
	if (blame &&
	    (blame->quarantined || record->deaths >= TASK_DEATHS_MAX)) {
		task_fail(engine, task, TASK_FAILED,
			  (struct cause){ .reason = blame->quarantined
							? REASON_QUARANTINED
							: REASON_CRASHED,
					  .message = message });
		return false;
	}
	slice_own(&record->message, message);
	return true;
}

static void resume_task(struct engine *engine, struct task *task,
			const struct event *event)
{
	struct task_record *record = &task->record;

	switch (record->state) {
	case TASK_RUNNING:
		if (survives(engine, task, find_blame(event, record))) {
			deadline_arm_task(engine, task);
			dispatch_ready(engine, task);
		}
		break;
	case TASK_WAITING:
	case TASK_RETRYING:
		deadline_arm_task(engine, task);
		take_up_task(engine, task);
		break;
	case TASK_PENDING:
		/* Nobody could have come while the orchestrator was away. */
		record->deadline_us = 0;
		deadline_arm_task(engine, task);
		take_up_task(engine, task);
		break;
	default:
		break;
	}
}

/* Phases that have ended are settled already, and are left alone: a restart
 * must not write what did not happen. */
static void resume(struct engine *engine, struct run *run,
		   const struct event *event)
{
	struct activity *activity = &run->activities[run->current];

	for (int p = 0; p < PHASE_KINDS; p++) {
		const struct phase_record *record = &activity->record.phases[p];
		bool open =
		    record->opened && record->finished < record->expected;

		for (uint32_t i = 0; open && i < record->expected; i++) {
			resume_task(engine, &activity->phases[p].tasks[i],
				    event);
		}
		if (record->opened &&
		    (open || !group_state_final(record->state))) {
			phase_settle(engine, run, run->current,
				     (enum phase_kind)p);
		}
	}
	deadline_arm_run(engine, run);
	run_advance(engine, run);
}

int restore_run(struct engine *engine, const struct event *event,
		struct err *reterr)
{
	const struct run_record *record = event->as.restore.run;
	struct definition *definition = event->as.restore.definition;
	struct run *run;

	if (engine_run(engine, &record->id)) {
		return err_set(reterr, E_CONFLICT, "the run is here already");
	}
	if (record->activity_count != definition->len) {
		return err_set(reterr, E_CORRUPT,
			       "the run has %u activities, its definition %zu",
			       record->activity_count, definition->len);
	}
	int rc = runs_make(engine, record, definition, &run, reterr);

	if (rc < 0) {
		return rc;
	}
	run->stored_state = (int)record->state;
	run->record.task_count = 0;
	run->attributes = blob_ref(event->as.restore.attributes);
	run->input = blob_ref(event->as.restore.input);
	run->stash = blob_ref(event->as.restore.stash);
	if (event->as.restore.skips) {
		run->skips = value_copy(event->as.restore.skips);
	}
	rc = restore_tasks(engine, run, event, reterr);
	if (rc < 0) {
		runs_drop(engine, run);
		return rc;
	}
	resume(engine, run, event);
	return 0;
}
