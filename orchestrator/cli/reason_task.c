/* Sentences about tasks; see reason.h. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/shell.h"
#include "cli/reason.h"
#include "cli/text.h"

static void put_name(struct buf *out, const char *before, struct slice name)
{
	buf_printf(out, "%s'%.*s'", before, SLICE_ARG(name));
}

static void put_plugin(struct buf *out, const char *before,
		       const struct task_record *task)
{
	put_name(out, before, task->plugin);
}

static void put_message(struct buf *out, const struct task_record *task)
{
	if (task->message.len) {
		buf_printf(out, ": %.*s", SLICE_ARG(task->message));
	}
}

uint32_t reason_attempts_allowed(const struct reason_context *context,
				 const struct task_record *task)
{
	const struct binding *binding = run_task_binding(context->run, task);
	const struct queue_sheet *sheet =
	    context->queues ? queue_book_find(context->queues, task->queue)
			    : NULL;

	if (binding && binding->retry.attempts) {
		return binding->retry.attempts;
	}
	return sheet             ? sheet->policy.retry.attempts
	       : task->queue.len ? QUEUE_ATTEMPTS
				 : 1;
}

void reason_put_held_back(struct buf *out, const struct reason_context *context)
{
	buf_put_text(out, "held back: ");
	if (context->paused.scope) {
		bool itself = slice_is(slice_of(context->paused.scope), "run");

		buf_put_text(out, itself ? "the run is " : "");
		paused_put(out, &context->paused, context->now_us);
	} else {
		buf_put_text(out, "the run was paused");
	}
}

static void put_earlier_task(struct buf *out,
			     const struct reason_context *context,
			     const struct task_record *task)
{
	const struct task_record *first =
	    run_index_first_open(context->index, task->activity, task->phase);

	if (first && first != task && task->phase != PHASE_PARALLEL) {
		put_name(out, "waits until task ", first->name);
		buf_put_text(out, " before it has ended");
	} else {
		put_plugin(out, "waits to be handed to plugin ", task);
	}
}

/* It was in an instance's hands, and is to go to another's. */
static void put_given_back(struct buf *out, const struct task_record *task)
{
	put_plugin(out, "waits to be given to plugin ", task);
	buf_put_text(out, task->reason == REASON_RETURNED
			      ? " again: given back before it was begun"
			      : " again: the instance that had it was lost");
	buf_printf(out, " (attempt %" PRIu32 ")", task->attempt);
	put_message(out, task);
}

static void put_quarantined(struct buf *out, const struct task_record *task)
{
	put_plugin(out, "plugin ", task);
	buf_put_text(out, " is quarantined");
	put_message(out, task);
	buf_put_text(out, "; 'tutti plugins release ");
	shell_put_word(out, task->plugin);
	buf_put_text(out, "' lets it be used again");
}

static void put_crashed(struct buf *out, const struct task_record *task)
{
	put_plugin(out, "plugin ", task);
	buf_put_text(out, " died ");
	text_put_count(out, task->deaths ? task->deaths : task->attempt, "time",
		       "times");
	buf_put_text(out, " with it in its hands");
	put_message(out, task);
}

static void put_pending(struct buf *out, const struct reason_context *context,
			const struct task_record *task)
{
	enum reason reason = reason_of_task(context, task);

	if (group_state_final(context->run->run.state)) {
		buf_put_text(out, "was never started: the run ended before");
		return;
	}
	switch (reason) {
	case REASON_PAUSED:
		reason_put_held_back(out, context);
		break;
	case REASON_NO_FREE_SLOT:
		put_plugin(out, "waits for a free slot of plugin ", task);
		break;
	case REASON_NO_PLUGIN:
		put_plugin(out, "waits for plugin ", task);
		buf_put_text(out, ", which is not registered");
		reason_put_absence(out, context->registry, task->plugin);
		break;
	case REASON_NO_INSTANCE:
		put_plugin(out, "waits for plugin ", task);
		buf_put_text(out, ", which has no live instance");
		reason_put_absence(out, context->registry, task->plugin);
		break;
	case REASON_INSTANCE_LOST:
	case REASON_RETURNED:
		put_given_back(out, task);
		break;
	case REASON_QUARANTINED:
		put_quarantined(out, task);
		break;
	case REASON_EARLIER_PHASE:
	case REASON_EARLIER_ACTIVITY:
		buf_printf(out, "waits: %s", reason_words(reason));
		break;
	case REASON_CANCEL_REQUESTED:
		buf_put_text(out,
			     "will not be started: the run is being cancelled");
		break;
	default:
		put_earlier_task(out, context, task);
	}
}

static void put_stop_asked(struct buf *out, enum reason reason)
{
	if (reason == REASON_DEADLINE) {
		buf_put_text(out, "; asked to stop, its time is over");
	} else if (reason == REASON_LEASE_EXPIRED) {
		buf_put_text(out, "; asked to stop, nothing was heard of it "
				  "for too long");
	} else if (reason == REASON_SIBLING_FAILED) {
		buf_put_text(out, "; asked to stop, a mandatory task of the "
				  "same phase failed");
	} else {
		buf_put_text(out, "; asked to stop");
	}
}

/* It was in a plugin's hands before, or was parked, and is in nobody's now. */
static bool put_again(struct buf *out, const struct reason_context *context,
		      const struct task_record *task)
{
	const char *again = task->state == TASK_RUNNING
				? "to be delivered again"
			    : task->state == TASK_RETRYING
				? "for its next attempt, which is due"
				: "to go on, its time has come";

	const char *why =
	    task->reason == REASON_NO_PLUGIN      ? " is not registered"
	    : task->reason == REASON_NO_INSTANCE  ? " has no live instance"
	    : task->reason == REASON_NO_FREE_SLOT ? " has no free slot"
						  : NULL;

	if (task->reason == REASON_PAUSED) {
		reason_put_held_back(out, context);
		return true;
	}
	if (!why) {
		return false;
	}
	buf_printf(out, "waits %s: ", again);
	put_plugin(out, "plugin ", task);
	buf_put_text(out, why);
	if (task->reason != REASON_NO_FREE_SLOT) {
		reason_put_absence(out, context->registry, task->plugin);
	}
	return true;
}

/* The first of what ends the task in the middle of its work. */
static void put_must_end(struct buf *out, const struct reason_context *context,
			 const struct task_record *task)
{
	int64_t end_us = task->deadline_us;

	if (task->expires_us && (!end_us || task->expires_us < end_us)) {
		end_us = task->expires_us;
	}
	if (end_us) {
		buf_put_text(out, "; must end by ");
		text_put_when(out, end_us, context->now_us);
	}
}

static void put_running(struct buf *out, const struct reason_context *context,
			const struct task_record *task)
{
	enum reason reason = reason_of_task(context, task);

	if (!context->daemon_alive) {
		put_plugin(out, "was in plugin ", task);
		buf_printf(out,
			   " (attempt %" PRIu32
			   ") when the daemon went down, and will be %s",
			   task->attempt,
			   task->cancel_requested ? "ended: it had been told "
						    "to stop"
			   : task->queue.len      ? "in its queue again"
						  : "delivered again");
		return;
	}
	if (put_again(out, context, task)) {
		return;
	}
	put_plugin(out, "in plugin ", task);
	if (task->started_us) {
		buf_put_text(out, " for ");
		text_put_duration(out, context->now_us - task->started_us);
	}
	buf_printf(out, " (attempt %" PRIu32 "%s)", task->attempt,
		   reason == REASON_REDELIVERED ? ", given again" : "");
	if (task->progress >= 0) {
		buf_printf(out, ", %.0f%% done", task->progress * 100);
	}
	if (task->note.len) {
		buf_printf(out, ": %.*s", SLICE_ARG(task->note));
	}
	put_must_end(out, context, task);
	if (task->cancel_requested) {
		put_stop_asked(out, reason);
	}
}

/* "1 of 4 attempts has failed" */
static void put_failures(struct buf *out, const struct reason_context *context,
			 const struct task_record *task)
{
	buf_printf(out, "%" PRIu32 " of %" PRIu32 " attempts %s failed",
		   task->failures, reason_attempts_allowed(context, task),
		   task->failures == 1 ? "has" : "have");
}

static void put_retrying(struct buf *out, const struct reason_context *context,
			 const struct task_record *task)
{
	put_failures(out, context, task);
	buf_put_text(out, "; ");
	if (task->wake_us && task->queue.len) {
		put_name(out, "delayed in queue ", task->queue);
		buf_put_text(out, " until ");
		text_put_when(out, task->wake_us, context->now_us);
		reason_put_queue_held(out, context, task);
	} else if (task->wake_us) {
		put_plugin(out, "plugin ", task);
		buf_put_text(out, " is called again at ");
		text_put_when(out, task->wake_us, context->now_us);
	} else if (!put_again(out, context, task)) {
		put_plugin(out, "about to be given to plugin ", task);
		buf_put_text(out, " again");
	}
	if (task->expires_us) {
		buf_put_text(out, ", and must be done by ");
		text_put_when(out, task->expires_us, context->now_us);
	}
	if (task->message.len) {
		buf_printf(out, "; the last one: %.*s",
			   SLICE_ARG(task->message));
	}
}

static void put_parked(struct buf *out, const struct reason_context *context,
		       const struct task_record *task)
{
	if (put_again(out, context, task)) {
		return;
	}
	put_plugin(out, "parked by plugin ", task);
	if (task->wake_us) {
		buf_put_text(out, " until ");
		text_put_when(out, task->wake_us, context->now_us);
	}
	if (task->queue.len) {
		put_name(out, ", then to go on from queue ", task->queue);
		reason_put_queue_held(out, context, task);
	}
	put_must_end(out, context, task);
	put_message(out, task);
}

static void put_succeeded(struct buf *out, const struct task_record *task)
{
	put_plugin(out, "plugin ", task);
	buf_put_text(out, " succeeded");
	if (task->started_us && task->ended_us) {
		buf_put_text(out, " after ");
		text_put_duration(out, task->ended_us - task->started_us);
	}
	if (task->attempt > 1) {
		buf_printf(out, " at attempt %" PRIu32, task->attempt);
	}
	put_message(out, task);
}

/* Whose time was over? */
static void put_too_late(struct buf *out, const struct reason_context *context,
			 const struct task_record *task)
{
	char timeout[CLOCK_TEXT_SIZE];

	if (context->run->activities[task->activity].expired) {
		buf_put_text(out, "stopped, its activity or the run had no "
				  "time left");
	} else if (task->expires_us && task->expires_us <= task->ended_us) {
		buf_put_text(out, "did not succeed in time");
	} else {
		duration_format(task->timeout_ms, timeout);
		buf_printf(out, "did not end within its timeout%s%s",
			   task->timeout_ms ? " of " : "",
			   task->timeout_ms ? timeout : "");
	}
}

static int compare_numbers(const void *a, const void *b)
{
	const uint32_t *first = a;
	const uint32_t *second = b;

	return (*first > *second) - (*first < *second);
}

bool reason_has_letter(const struct reason_context *context,
		       const struct task_record *task)
{
	const struct dead_letters *letters = context->letters;

	if (task->reason != REASON_DEAD_LETTER) {
		return false;
	}
	return !letters || (letters->len &&
			    bsearch(&task->number, letters->tasks, letters->len,
				    sizeof(*letters->tasks), compare_numbers));
}

/* Its message names the queue, the attempts and the last failure. */
static void put_dead_letter(struct buf *out,
			    const struct reason_context *context,
			    const struct task_record *task)
{
	if (task->message.len) {
		buf_printf(out, "dead letter of %.*s",
			   SLICE_ARG(task->message));
	} else {
		put_name(out, "dead letter of queue ", task->queue);
	}
	if (!reason_has_letter(context, task)) {
		buf_put_text(out, "; it is not in the queue any more, but "
				  "'tutti retry' of the run has it tried "
				  "again");
		return;
	}
	buf_put_text(out, "; 'tutti queue redrive ");
	shell_put_word(out, task->queue);
	buf_put_text(out, "', or 'tutti retry' of the run, has it tried again");
}

static void put_failed(struct buf *out, const struct reason_context *context,
		       const struct task_record *task)
{
	switch (task->reason) {
	case REASON_DEADLINE:
		put_too_late(out, context, task);
		break;
	case REASON_ABANDONED:
	case REASON_TEMPLATE:
		buf_put_text(out, reason_words(task->reason));
		break;
	case REASON_NO_PLUGIN:
		put_plugin(out, "plugin ", task);
		buf_put_text(out, " is not registered");
		break;
	case REASON_CRASHED:
		put_crashed(out, task);
		return;
	case REASON_QUARANTINED:
		put_quarantined(out, task);
		return;
	case REASON_REMOVED:
		put_plugin(out, "plugin ", task);
		buf_put_text(out, " was removed before it was done");
		break;
	case REASON_ATTEMPTS:
		put_plugin(out, "plugin ", task);
		buf_put_text(out, " failed too often");
		break;
	case REASON_DEAD_LETTER:
		put_dead_letter(out, context, task);
		return;
	case REASON_PURGED:
		/* Its message says no more. */
		put_name(out, "thrown out of queue ", task->queue);
		buf_put_text(out, " by an operator");
		return;
	default:
		put_plugin(out, "plugin ", task);
		buf_put_text(out, " failed");
		if (task->attempt > 1) {
			buf_printf(out, " at attempt %" PRIu32, task->attempt);
		}
	}
	put_message(out, task);
}

static void put_not_run(struct buf *out, const struct task_record *task)
{
	bool skipped = task->state == TASK_SKIPPED;
	bool begun = task->attempt > 0;

	if (skipped && task->reason == REASON_OPERATOR) {
		buf_put_text(out, "skipped by an operator before it started");
	} else if (task->reason == REASON_ABANDONED) {
		buf_put_text(out, reason_words(task->reason));
	} else {
		buf_put_text(out, skipped ? "skipped"
				  : begun ? "cancelled"
					  : "never started");
		if (task->reason != REASON_NONE) {
			buf_printf(out, ", %s", reason_words(task->reason));
		}
	}
	put_message(out, task);
}

void reason_put_task(struct buf *out, const struct reason_context *context,
		     const struct task_record *task)
{
	switch (task->state) {
	case TASK_PENDING:
		put_pending(out, context, task);
		break;
	case TASK_QUEUED:
		reason_put_queued(out, context, task);
		break;
	case TASK_RUNNING:
		put_running(out, context, task);
		break;
	case TASK_WAITING:
		put_parked(out, context, task);
		break;
	case TASK_RETRYING:
		put_retrying(out, context, task);
		break;
	case TASK_SUCCEEDED:
		put_succeeded(out, task);
		break;
	case TASK_FAILED:
		put_failed(out, context, task);
		break;
	case TASK_SKIPPED:
	case TASK_CANCELLED:
	case TASK_STATES:
		put_not_run(out, task);
		break;
	}
}
