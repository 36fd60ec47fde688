#include "engine/deadline.h"

#include "base/buf.h"
#include "base/clock.h"
#include "engine/advance.h"
#include "engine/cancel.h"
#include "engine/complete.h"

void deadline_arm_task(struct engine *engine, struct task *task)
{
	const struct task_record *record = &task->record;

	timers_set(
	    &engine->timers, &task->timer,
	    clock_earlier(record->wake_us, clock_earlier(record->deadline_us,
							 record->expires_us)));
}

void deadline_arm_run(struct engine *engine, struct run *run)
{
	const struct activity_record *activity =
	    &run->activities[run->current].record;
	int64_t due_us =
	    clock_earlier(run->record.deadline_us, activity->deadline_us);

	if (activity->expired || run->record.cancel_requested ||
	    group_state_final(run->record.state)) {
		due_us = 0;
	}
	timers_set(&engine->timers, &run->deadline, due_us);
}

int64_t deadline_after(const struct engine *engine, int64_t duration_ms)
{
	return duration_ms ? engine->now_us + duration_ms * 1000 : 0;
}

static void say_exceeded(struct buf *text, int64_t deadline_ms)
{
	char duration[CLOCK_TEXT_SIZE];

	duration_format(deadline_ms, duration);
	buf_printf(text, "deadline of %s exceeded", duration);
}

static void fail(struct engine *engine, struct task *task, struct slice message)
{
	task_fail(
	    engine, task, TASK_FAILED,
	    (struct cause){ .reason = REASON_DEADLINE, .message = message });
}

/* How long the deadline was that has passed. */
static int64_t task_deadline_ms(const struct engine *engine,
				const struct task *task)
{
	const struct task_record *record = &task->record;

	if (record->expires_us && record->expires_us <= engine->now_us) {
		return task_binding(task)->deadline_ms;
	}
	return record->timeout_ms;
}

void deadline_of_task(struct engine *engine, struct task *task)
{
	struct buf text = { 0 };

	if (task->instance) {
		cancel_tell(engine, task, REASON_DEADLINE);
		return;
	}
	say_exceeded(&text, task_deadline_ms(engine, task));
	fail(engine, task, buf_slice(&text));
	buf_fini(&text);
}

static void stop_phase(struct engine *engine, struct run *run,
		       enum phase_kind kind, struct slice message)
{
	struct activity *activity = &run->activities[run->current];
	const struct phase_record *record = &activity->record.phases[kind];

	if (!record->opened || record->finished == record->expected) {
		return;
	}
	for (uint32_t i = 0; i < record->expected; i++) {
		struct task *task = &activity->phases[kind].tasks[i];

		/* What is there for failures is not stopped by one. */
		if (task_state_final(task->record.state) ||
		    task_runs_after_failure(task)) {
			continue;
		}
		if (!task->instance) {
			fail(engine, task, message);
		} else if (!task->record.cancel_requested) {
			cancel_tell(engine, task, REASON_DEADLINE);
		}
	}
	phase_settle(engine, run, run->current, kind);
}

static void expire(struct engine *engine, struct run *run, struct slice message)
{
	run->activities[run->current].record.expired = true;
	activity_touch(engine, run, run->current);
	if (run->record.message.len == 0) {
		slice_own(&run->record.message, message);
		run_touch(engine, run);
	}
	for (int p = 0; p < PHASE_KINDS; p++) {
		stop_phase(engine, run, (enum phase_kind)p, message);
	}
	run_advance(engine, run);
}

void deadline_of_run(struct engine *engine, struct run *run)
{
	const struct activity_definition *activity =
	    run_activity_definition(run, run->current);
	struct buf text = { 0 };

	timers_set(&engine->timers, &run->deadline, 0);
	if (run->record.deadline_us &&
	    run->record.deadline_us <= engine->now_us) {
		buf_put_text(&text, "the run's ");
		say_exceeded(&text, run_definition(run)->deadline_ms);
	} else {
		buf_printf(&text, "%s: ", activity->name);
		say_exceeded(&text, activity->deadline_ms);
	}
	expire(engine, run, buf_slice(&text));
	buf_fini(&text);
}
