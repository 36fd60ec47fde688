#include "engine/take_up.h"

#include "engine/dispatch.h"

void take_up_task(struct engine *engine, struct task *task)
{
	const struct task_record *record = &task->record;

	switch (record->state) {
	case TASK_PENDING:
		if (record->phase == PHASE_PARALLEL) {
			dispatch_ready(engine, task);
		}
		break;
	case TASK_QUEUED:
		dispatch_ready(engine, task);
		break;
	case TASK_WAITING:
	case TASK_RETRYING:
		if (record->wake_us == 0) {
			dispatch_ready(engine, task);
		}
		break;
	default:
		break;
	}
}

void take_up_phase(struct engine *engine, struct run *run, enum phase_kind kind)
{
	struct activity *activity = &run->activities[run->current];
	struct phase *phase = &activity->phases[kind];

	if (phase->taken_up) {
		return;
	}
	phase->taken_up = true;
	for (uint32_t i = 0; i < activity->record.phases[kind].expected; i++) {
		take_up_task(engine, &phase->tasks[i]);
	}
}

void take_up_again(struct run *run)
{
	struct activity *activity = &run->activities[run->current];

	for (int p = 0; p < PHASE_KINDS; p++) {
		activity->phases[p].taken_up = false;
	}
}
