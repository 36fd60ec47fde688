#include "engine/restore.h"

#include <string.h>

#include "base/buf.h"
#include "engine/advance.h"
#include "engine/complete.h"
#include "engine/deadline.h"
#include "engine/dispatch.h"
#include "engine/give_back.h"
#include "engine/queue.h"
#include "engine/reopen.h"
#include "engine/restore_tasks.h"
#include "engine/retry.h"
#include "engine/runs.h"

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

/* It must not be the end of the orchestrator again. */
static void give_up(struct engine *engine, struct task *task,
		    const struct restore_blame *blame)
{
	struct cause cause = { .reason = blame->quarantined ? REASON_QUARANTINED
							    : REASON_CRASHED,
			       .message = blame->message };
	struct buf text = { 0 };

	if (task_is_queued(task)) {
		buf_printf(&text,
			   "queue '%.*s': ", SLICE_ARG(task->record.queue));
		buf_put_slice(&text, blame->message);
		cause.reason = REASON_DEAD_LETTER;
		cause.message = buf_slice(&text);
	}
	task_fail(engine, task, TASK_FAILED, cause);
	buf_fini(&text);
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
		give_up(engine, task, blame);
		return false;
	}
	if (!slice_equal(record->message, message)) {
		slice_own(&record->message, message);
		task_touch(engine, task);
	}
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
	case TASK_QUEUED:
	case TASK_WAITING:
	case TASK_RETRYING:
		deadline_arm_task(engine, task);
		break;
	case TASK_PENDING:
		/* Nobody could have come while the orchestrator was away. */
		record->deadline_us = 0;
		deadline_arm_task(engine, task);
		break;
	default:
		break;
	}
}

/* What has ended is left alone: a restart must not write what did not happen.
 * The states of groups are run_advance()'s. */
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
	}
	deadline_arm_run(engine, run);
	run_advance(engine, run);
}

/* The activities as they are stored, as far as the definition still has them
 * in that place. */
static void restore_activities(struct run *run, const struct event *event,
			       uint32_t count)
{
	for (uint32_t a = 0; a < count; a++) {
		run->activities[a].record = event->as.restore.activities[a];
	}
	run_find_current(run);
}

static int check_activities(const struct event *event, struct err *reterr)
{
	const struct run_record *record = event->as.restore.run;
	const struct definition *definition = event->as.restore.definition;

	if (record->activity_count == definition->len) {
		return 0;
	}
	return err_set(reterr, E_CORRUPT,
		       "the run has %u activities, its definition %zu",
		       record->activity_count, definition->len);
}

static int make_run(struct engine *engine, const struct event *event,
		    struct definition *definition, struct run **ret_run,
		    struct err *reterr)
{
	struct run_record record = *event->as.restore.run;
	struct run *run;

	record.activity_count = (uint32_t)definition->len;
	memcpy(record.version, definition->hash, DEFINITION_HASH_SIZE);
	int rc = runs_make(engine, &record, definition, &run, reterr);

	if (rc < 0) {
		return rc;
	}
	run->stored_state = (int)record.state;
	run->record.task_count = 0;
	run->attributes = blob_ref(event->as.restore.attributes);
	run->input = blob_ref(event->as.restore.input);
	run->stash = blob_ref(event->as.restore.stash);
	if (event->as.restore.skips) {
		run->skips = value_copy(event->as.restore.skips);
	}
	restore_activities(run, event,
			   definition == event->as.restore.definition
			       ? record.activity_count
			       : reopen_reached(event));
	*ret_run = run;
	return 0;
}

static int restore_as(struct engine *engine, struct event *event,
		      struct definition *definition, struct err *reterr)
{
	struct engine_reopen *reopen = event->as.restore.reopen;
	struct run *run;
	int rc = make_run(engine, event, definition, &run, reterr);

	if (rc < 0) {
		return rc;
	}
	rc = restore_tasks(engine, run, event, reterr);
	if (rc == 0 && reopen) {
		rc = reopen_run(engine, run, event, reterr);
	}
	if (rc < 0 || (reopen && reopen->dry_run)) {
		runs_drop(engine, run);
		return rc;
	}
	if (reopen) {
		run_advance(engine, run);
	} else {
		resume(engine, run, event);
	}
	return 0;
}

int restore_run(struct engine *engine, struct event *event, struct err *reterr)
{
	struct definition *definition = event->as.restore.definition;

	if (engine_run(engine, &event->as.restore.run->id)) {
		return err_set(reterr, E_CONFLICT, "the run is here already");
	}
	int rc = check_activities(event, reterr);

	if (rc == 0 && event->as.restore.reopen) {
		rc = reopen_definition(event, &definition, reterr);
	} else if (rc == 0) {
		definition = definition_ref(definition);
	}
	if (rc == 0) {
		rc = restore_as(engine, event, definition, reterr);
		definition_unref(definition);
	}
	return rc;
}
