#include "engine/give_back.h"

#include "base/buf.h"
#include "engine/advance.h"
#include "engine/cancel.h"
#include "engine/complete.h"
#include "engine/deadline.h"
#include "engine/dispatch.h"
#include "engine/queue.h"
#include "engine/retry.h"

void finish_stopping(struct engine *engine, struct task *task,
		     struct slice message)
{
	bool timed_out = task->record.reason == REASON_DEADLINE;

	struct cause cause = { .reason = task->record.reason,
			       .message = message };

	if (timed_out) {
		fail_or_retry(engine, task, cause);
	} else {
		task_fail(engine, task, TASK_CANCELLED, cause);
	}
}

static void fail_removed(struct engine *engine, struct task *task,
			 struct cause cause)
{
	struct buf text = { 0 };

	buf_printf(&text, "plugin '%s' was removed, and this task came back%s",
		   task->plugin->name, cause.message.len ? ": " : "");
	buf_put_slice(&text, cause.message);
	cause.reason = REASON_REMOVED;
	cause.message = buf_slice(&text);
	task_fail(engine, task, TASK_FAILED, cause);
	buf_fini(&text);
}

void give_back(struct engine *engine, struct task *task, bool died,
	       struct cause cause)
{
	struct run *run = task->run;
	struct task_record *record = &task->record;

	dispatch_release(engine, task);
	timers_set(&engine->timers, &task->timer, 0);
	record->deaths += died;
	if (record->cancel_requested) {
		finish_stopping(engine, task, cause.message);
	} else if (died && retry_policy(task)) {
		fail_or_retry(engine, task, cause);
	} else if (record->deaths >= TASK_DEATHS_MAX) {
		cause.reason = REASON_CRASHED;
		task_fail(engine, task, TASK_FAILED, cause);
	} else if (task->plugin->removed) {
		fail_removed(engine, task, cause);
	} else if (task_is_queued(task)) {
		queue_give_back(engine, task, cause);
	} else {
		record->deadline_us = 0;
		task_move(engine, task, TASK_PENDING, cause);
		deadline_arm_task(engine, task);
		dispatch_first(engine, task);
	}
	phase_settle(engine, run, record->activity, record->phase);
	run_advance(engine, run);
}

void task_returned(struct engine *engine, const struct event *event)
{
	uint32_t number = event->as.returned.task;
	uint32_t attempt = event->as.returned.attempt;
	struct task *task = task_in_hands(engine, &event->run, number, attempt);

	if (task) {
		/* Not to it again: it could go on like that for ever. */
		task->instance->draining = true;
		dispatch_changed(engine, task->plugin);
		give_back(engine, task, false,
			  (struct cause){ .reason = REASON_RETURNED,
					  .actor = event->actor });
	} else {
		cancel_let_go(engine, &event->run, number, attempt);
	}
}
