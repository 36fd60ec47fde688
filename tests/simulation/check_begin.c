/* May a task begin, and is nothing forgotten that could? See check.h. */
#include "check.h"
#include "engine/catalog.h"
#include "operators.h"
#include "sim.h"

static bool comes_after_failure(const struct task *task)
{
	return task->record.phase == PHASE_POST &&
	       task->run_on != RUN_ON_SUCCESS;
}

static void check_after_failure(struct sim *sim, const struct sim_run *run,
				const struct task *task)
{
	const struct task_record *record = &task->record;
	const struct activity *activity =
	    &task->run->activities[record->activity];

	for (int p = 0; p < (int)record->phase; p++) {
		sim_check(sim,
			  activity->record.phases[p].state != GROUP_FAILED ||
			      comes_after_failure(task),
			  "after a failure only what is meant for it runs",
			  "r%u/%u in %s, %s has failed", run->number,
			  record->number, phase_kind_name(record->phase),
			  phase_kind_name((enum phase_kind)p));
	}
	sim_check(sim,
		  record->phase == PHASE_PARALLEL ||
		      activity->phases[record->phase].mandatory_failed == 0 ||
		      comes_after_failure(task),
		  "after a failure only what is meant for it runs",
		  "r%u/%u in %s", run->number, record->number,
		  phase_kind_name(record->phase));
}

void check_begin(struct sim *sim, const struct sim_run *run, uint32_t number)
{
	const struct run *at = engine_run(sim->engine, &run->id);
	const struct task *task = at->tasks[number];

	sim_check(sim, !operators_hold(sim, run),
		  "nothing of what is paused begins", "r%u/%u", run->number,
		  number);
	if (task->record.state != TASK_RUNNING) {
		return; /* it could not be handed over */
	}
	sim_check(sim,
		  !at->record.cancel_requested ||
		      (comes_after_failure(task) && !at->record.cancel_forced),
		  "of what is cancelled only what runs even so begins",
		  "r%u/%u", run->number, number);
	if (task->record.started_us == sim->now_us) {
		check_after_failure(sim, run, task);
	}
}

/* ---- nothing is forgotten ---- */

static void check_queue(struct sim *sim, const struct sim_run *run,
			const struct task *task)
{
	const struct plugin *plugin = task->plugin;

	sim_check(sim,
		  !task->ready || !plugin->registered || plugin->quarantined ||
		      !plugin_least_loaded(plugin),
		  "nothing waits for a slot that is free",
		  "r%u/%u waits for %s", run->number, task->record.number,
		  plugin->name);
}

/* Nobody has it, it waits for no time, and it stands in no queue. */
static bool is_forgotten(const struct task *task)
{
	const struct task_record *record = &task->record;

	return !task->instance && !task->ready && record->wake_us == 0 &&
	       record->state != TASK_QUEUED && !task_state_final(record->state);
}

/* The phase that is in progress; PHASE_KINDS: the run waits to open one. */
static int in_progress(const struct activity_record *activity)
{
	for (int p = 0; p < PHASE_KINDS; p++) {
		const struct phase_record *phase = &activity->phases[p];

		if (phase->opened && phase->finished < phase->expected) {
			return p;
		}
		if (!phase->opened && activity->state == GROUP_WAITING) {
			return PHASE_KINDS;
		}
	}
	return PHASE_KINDS;
}

void check_taken_up(struct sim *sim, const struct sim_run *run)
{
	const struct run *at = engine_run(sim->engine, &run->id);

	if (!at || group_state_final(at->record.state)) {
		return;
	}
	const struct activity *activity = &at->activities[at->current];
	int p = in_progress(&activity->record);
	bool held = operators_hold(sim, run);

	if (p == PHASE_KINDS) {
		return;
	}
	for (uint32_t i = 0; i < activity->record.phases[p].expected; i++) {
		const struct task *task = &activity->phases[p].tasks[i];

		check_queue(sim, run, task);
		sim_check(sim, held || !is_forgotten(task),
			  "what could go on stands in a queue", "r%u/%u is %s",
			  run->number, task->record.number,
			  task_state_name(task->record.state));
		if (p != PHASE_PARALLEL &&
		    !task_state_final(task->record.state)) {
			break; /* the others wait for this one */
		}
	}
}
