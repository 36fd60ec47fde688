#include "engine/clock_step.h"
#include "engine/queue.h"

#include "engine/deadline.h"
#include "engine/gate.h"
#include "engine/move.h"
#include "engine/queue.h"

static bool move_time(int64_t *time_us, int64_t step_us)
{
	if (*time_us == 0) {
		return false;
	}
	*time_us += step_us;
	return true;
}

static void move_task(struct engine *engine, struct task *task, int64_t step_us)
{
	struct task_record *record = &task->record;
	bool moved = false;

	if (task_state_final(record->state)) {
		return;
	}
	/* When progress was last written: only memory knows. */
	(void)move_time(&task->progress_us, step_us);
	moved |= move_time(&record->deadline_us, step_us);
	moved |= move_time(&record->expires_us, step_us);
	if (record->state == TASK_RETRYING &&
	    move_time(&record->wake_us, step_us)) {
		moved = true;
		if (task_is_queued(task)) {
			queue_nack(engine, task, record->wake_us, SLICE(""));
		}
	}
	if (moved) {
		task_touch(engine, task);
	}
	if (task->instance &&
	    (record->cancel_requested || task->progress_pending)) {
		/* Its grace, or the next time its progress is written. */
		timers_set(&engine->timers, &task->timer,
			   task->timer.due_us + step_us);
	} else {
		deadline_arm_task(engine, task);
	}
}

static void move_run(struct engine *engine, struct run *run, int64_t step_us)
{
	struct activity *activity = &run->activities[run->current];

	if (move_time(&run->record.deadline_us, step_us)) {
		run_touch(engine, run);
	}
	bool moved = move_time(&activity->record.deadline_us, step_us);

	moved |= move_time(&activity->record.window_us, step_us);
	if (moved) {
		activity_touch(engine, run, run->current);
	}
	for (int p = 0; p < PHASE_KINDS; p++) {
		struct phase_record *record = &activity->record.phases[p];

		for (uint32_t i = 0; record->opened && i < record->expected;
		     i++) {
			move_task(engine, &activity->phases[p].tasks[i],
				  step_us);
		}
	}
	deadline_arm_run(engine, run);
}

void clock_stepped(struct engine *engine, const struct event *event)
{
	int64_t step_us = event->as.clock.step_us;

	(void)move_time(&engine->expect_until_us, step_us);
	for (struct run *run = engine->runs; run; run = run->by_id.next) {
		if (!group_state_final(run->record.state)) {
			move_run(engine, run, step_us);
		}
	}
	gate_review(engine);
}
