#include "engine/retry.h"

#include "base/buf.h"
#include "base/clock.h"
#include "engine/deadline.h"
#include "engine/queue.h"

const struct retry_policy *retry_policy(const struct task *task)
{
	const struct binding *binding = task_binding(task);

	if (binding && binding->retry.attempts) {
		return &binding->retry;
	}
	return task_is_queued(task) ? queue_retry(task) : NULL;
}

/* Is there still somebody, and time, for another attempt? */
static bool may_go_on(const struct engine *engine, const struct task *task)
{
	const struct run *run = task->run;

	return !run->record.cancel_requested &&
	       !run->activities[task->record.activity].record.expired &&
	       !task->plugin->removed && !task->plugin->quarantined &&
	       (task->record.expires_us == 0 ||
		task->record.expires_us > engine->now_us);
}

static void wait_for_next(struct engine *engine, struct task *task,
			  const struct retry_policy *policy, struct cause cause)
{
	struct task_record *record = &task->record;
	int64_t delay_ms =
	    retry_delay_ms(policy, record->failures,
			   retry_dice(&task->run->record.id, record->number,
				      record->failures));

	cause.reason = REASON_BACKOFF;
	task->timed_out = false;
	record->cancel_requested = false;
	record->deadline_us = 0;
	record->wake_us = engine->now_us + delay_ms * 1000;
	task_move(engine, task, TASK_RETRYING, cause);
	deadline_arm_task(engine, task);
	if (task_is_queued(task)) {
		queue_nack(engine, task, record->wake_us, cause.message);
	}
}

static void say_what(const struct task *task, const struct cause *cause,
		     struct buf *text)
{
	char timeout[CLOCK_TEXT_SIZE];
	const char *between = "";

	if (cause->reason == REASON_DEADLINE) {
		duration_format(task->record.timeout_ms, timeout);
		buf_printf(text, "timeout of %s exceeded", timeout);
		between = ": ";
	}
	if (cause->message.len) {
		buf_put_text(text, between);
		buf_put_slice(text, cause->message);
	} else if (!*between) {
		buf_put_text(text, "no message");
	}
}

bool retry_after(struct engine *engine, struct task *task, struct cause *cause,
		 struct buf *text)
{
	const struct retry_policy *policy = retry_policy(task);

	if (!policy || !may_go_on(engine, task)) {
		return false;
	}
	bool last = ++task->record.failures >= policy->attempts;

	if (last && task_is_queued(task)) {
		buf_printf(text,
			   "queue '%.*s': ", SLICE_ARG(task->record.queue));
	}
	if (last) {
		buf_printf(text,
			   "attempt %u of %u failed: ", task->record.failures,
			   policy->attempts);
	}
	say_what(task, cause, text);
	cause->message = buf_slice(text);
	if (last) {
		cause->reason =
		    task_is_queued(task) ? REASON_DEAD_LETTER : REASON_ATTEMPTS;
	} else {
		wait_for_next(engine, task, policy, *cause);
	}
	return !last;
}
