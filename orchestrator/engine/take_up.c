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

void take_up_tasks(struct engine *engine, struct run *run)
{
	struct activity *activity = &run->activities[run->current];

	for (int p = 0; p < PHASE_KINDS; p++) {
		const struct phase_record *record = &activity->record.phases[p];

		for (uint32_t i = 0; record->opened && i < record->expected;
		     i++) {
			take_up_task(engine, &activity->phases[p].tasks[i]);
		}
	}
}
