#include "engine/complete.h"

#include "base/buf.h"
#include "base/limits.h"
#include "document/merge_patch.h"
#include "document/pack.h"
#include "engine/advance.h"
#include "engine/cancel.h"
#include "engine/deadline.h"
#include "engine/dispatch.h"
#include "engine/queue.h"
#include "engine/retry.h"
#include "engine/scope.h"

/* Progress is shown to people: more often than this it is not worth a write. */
#define PROGRESS_INTERVAL_US 200000

struct task *task_in_hands(const struct engine *engine, const struct id *id,
			   uint32_t number, uint32_t attempt)
{
	struct run *run = engine_run(engine, id);

	if (!run || number >= run->record.task_count) {
		return NULL;
	}
	struct task *task = run->tasks[number];

	return task->instance && task->record.attempt == attempt ? task : NULL;
}

static const struct document_limits stash_limits = {
	.size = LIMIT_STASH,
	.depth = LIMIT_GIVEN_DEPTH,
	.nodes = LIMIT_DOCUMENT_NODES,
};

static int patch_stash(struct engine *engine, struct run *run,
		       const struct blob *patch, struct err *reterr)
{
	struct value stash = value_null();
	struct value change = value_null();
	struct blob *patched;
	int rc = pack_read(blob_slice(patch), NULL, &change, reterr);

	if (rc == 0 && run->stash) {
		rc = pack_read(blob_slice(run->stash), NULL, &stash, reterr);
	}
	if (rc == 0) {
		merge_patch(&stash, &change);
		rc = pack_blob_within(&stash, &stash_limits, &patched, reterr);
		if (rc < 0) {
			err_wrap(reterr, "with its patch the stash would grow "
					 "beyond its limits");
		}
	}
	if (rc == 0) {
		blob_unref(run->stash);
		run->stash = patched;
		scope_outdated(run);
		if (!run->stash_changed) {
			run->stash_changed = true;
			output_change(engine->out, run, CHANGE_STASH, 0);
		}
	}
	value_clear(&change);
	value_clear(&stash);
	return rc;
}

static void keep_output(struct engine *engine, struct task *task,
			struct blob *output)
{
	if (output) {
		blob_unref(task->output);
		task->output = blob_ref(output);
		if (task->record.phase != PHASE_PARALLEL) {
			scope_outputs_outdated(task->run);
		}
		output_change(engine->out, task->run, CHANGE_OUTPUT,
			      task->record.number);
	}
}

/* A mandatory failure: what follows for its phase and run. */
static void failed_mandatory(struct engine *engine, struct task *task)
{
	struct run *run = task->run;
	const struct activity_definition *activity =
	    run_activity_definition(run, task->record.activity);

	if (run->record.message.len == 0) {
		struct buf text = { 0 };

		buf_printf(&text, "%s/%s/%.*s: %.*s", activity->name,
			   phase_kind_name(task->record.phase),
			   SLICE_ARG(task->record.name),
			   SLICE_ARG(task->record.message.len
					 ? task->record.message
					 : SLICE("failed")));
		slice_own(&run->record.message, buf_slice(&text));
		run_touch(engine, run);
		buf_fini(&text);
	}
	if (activity->on_failure == ON_FAILURE_CANCEL &&
	    task_phase(task)->mandatory_failed == 1) {
		cancel_siblings(engine, task);
	}
}

void task_fail(struct engine *engine, struct task *task, enum task_state state,
	       struct cause cause)
{
	task_move(engine, task, state, cause);
	if (state == TASK_FAILED && task->record.mandatory) {
		failed_mandatory(engine, task);
	}
}

static void succeed(struct engine *engine, struct task *task,
		    const struct event *event)
{
	struct blob *patch = event->as.completed.patch;
	struct err err = { 0 };

	if (patch && patch_stash(engine, task->run, patch, &err) < 0) {
		task_fail(engine, task, TASK_FAILED,
			  (struct cause){ .reason = REASON_PLUGIN_FAILED,
					  .actor = event->actor,
					  .message = slice_of(err.msg) });
		return;
	}
	keep_output(engine, task, event->as.completed.output);
	task_move(engine, task, TASK_SUCCEEDED,
		  (struct cause){ .reason = REASON_COMPLETED,
				  .actor = event->actor,
				  .message = event->as.completed.message });
}

void fail_or_retry(struct engine *engine, struct task *task, struct cause cause)
{
	struct buf text = { 0 };

	if (!retry_after(engine, task, &cause, &text)) {
		task_fail(engine, task, TASK_FAILED, cause);
	}
	buf_fini(&text);
}

static void failed(struct engine *engine, struct task *task,
		   const struct event *event)
{
	struct cause cause = { .reason = REASON_PLUGIN_FAILED,
			       .actor = event->actor,
			       .message = event->as.completed.message };

	keep_output(engine, task, event->as.completed.output);
	if (task->timed_out || event->as.completed.late) {
		cause.reason = REASON_DEADLINE;
		fail_or_retry(engine, task, cause);
	} else if (task->record.cancel_requested) {
		cause.reason = task->record.reason;
		task_fail(engine, task, TASK_CANCELLED, cause);
	} else if (event->as.completed.outcome == COMPLETION_RETRYABLE) {
		fail_or_retry(engine, task, cause);
	} else {
		task_fail(engine, task, TASK_FAILED, cause);
	}
}

static void park(struct engine *engine, struct task *task,
		 const struct event *event)
{
	int64_t until_us = event->as.completed.until_us;
	int64_t due_us = until_us > 0 ? until_us : engine->now_us;

	if (task->record.cancel_requested) {
		failed(engine, task, event);
		return;
	}
	task_move(engine, task, TASK_WAITING,
		  (struct cause){ .reason = REASON_UNTIL_TIME,
				  .actor = event->actor,
				  .message = event->as.completed.message });
	task->record.wake_us = due_us;
	deadline_arm_task(engine, task);
	if (task_is_queued(task)) {
		queue_nack(engine, task, due_us, SLICE(""));
	}
}

void task_completed(struct engine *engine, const struct event *event)
{
	struct task *task =
	    task_in_hands(engine, &event->run, event->as.completed.task,
			  event->as.completed.attempt);

	if (!task) {
		cancel_late(engine, event);
		return;
	}
	struct run *run = task->run;

	dispatch_release(engine, task);
	timers_set(&engine->timers, &task->timer, 0);
	switch (event->as.completed.outcome) {
	case COMPLETION_SUCCEEDED:
		succeed(engine, task, event);
		break;
	case COMPLETION_PARKED:
		park(engine, task, event);
		break;
	case COMPLETION_FAILED:
	case COMPLETION_RETRYABLE:
		failed(engine, task, event);
		break;
	}
	phase_settle(engine, run, task->record.activity, task->record.phase);
	run_advance(engine, run);
}

void progress_write(struct engine *engine, struct task *task)
{
	task->progress_us = engine->now_us;
	task->progress_pending = false;
	task_touch(engine, task);
}

void task_progressed(struct engine *engine, const struct event *event)
{
	struct task *task =
	    task_in_hands(engine, &event->run, event->as.progress.task,
			  event->as.progress.attempt);
	double fraction = event->as.progress.fraction;

	if (!task) {
		return;
	}
	task->record.progress = fraction < 0 ? -1 : fraction > 1 ? 1 : fraction;
	slice_own(&task->record.note, event->as.progress.note);
	if (task_is_queued(task)) {
		queue_extend(engine, task);
	}
	int64_t due_us = task->progress_us + PROGRESS_INTERVAL_US;

	if (engine->now_us >= due_us) {
		bool waited = task->progress_pending;

		progress_write(engine, task);
		if (waited) {
			/* The timer stood for the progress. */
			deadline_arm_task(engine, task);
		}
	} else if (!task->progress_pending && !task->record.cancel_requested) {
		task->progress_pending = true;
		if (task->timer.due_us == 0 || due_us < task->timer.due_us) {
			timers_set(&engine->timers, &task->timer, due_us);
		}
	}
}
