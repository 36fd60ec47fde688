#include "check.h"
#include "documents.h"
#include "sim.h"
#include "stored.h"

/* ---- the disk by itself ---- */

static void check_states(struct sim *sim, const struct sim_run *run,
			 const struct stored *stored)
{
	const struct history *history = &run->image.history;

	sim_check(sim, (int)stored->run.state == history->run,
		  "records say what the history says", "r%u is %s", run->number,
		  group_state_name(stored->run.state));
	sim_check(sim, run->image.listed == 1u << stored->run.state,
		  "a run is listed under its state", "r%u: %s, listed %x",
		  run->number, group_state_name(stored->run.state),
		  run->image.listed);
	sim_check(sim,
		  run->image.ended == (group_state_final(stored->run.state)
					   ? 1u << stored->run.state
					   : 0),
		  "a run is listed under its end", "r%u: %s, listed %x",
		  run->number, group_state_name(stored->run.state),
		  run->image.ended);
	for (uint32_t a = 0; a < stored->run.activity_count; a++) {
		const struct activity_record *activity = &stored->activities[a];

		sim_check(sim, (int)activity->state == history->activities[a],
			  "records say what the history says",
			  "r%u, activity %u is %s", run->number, a,
			  group_state_name(activity->state));
		for (int p = 0; p < PHASE_KINDS; p++) {
			sim_check(sim,
				  (int)activity->phases[p].state ==
				      history->phases[a][p],
				  "records say what the history says",
				  "r%u, activity %u, %s is %s", run->number, a,
				  phase_kind_name((enum phase_kind)p),
				  group_state_name(activity->phases[p].state));
		}
	}
}

static void check_task(struct sim *sim, struct sim_run *run,
		       const struct task_record *task)
{
	struct history_task *known =
	    history_task(&run->image.history, task->number);

	sim_check(
	    sim,
	    (int)task->state == known->state && task->attempt == known->attempt,
	    "records say what the history says",
	    "r%u/%u is %s, attempt %u; the history has %s, %u", run->number,
	    task->number, task_state_name(task->state), task->attempt,
	    task_state_name((enum task_state)known->state), known->attempt);
	sim_check(sim, task->superseded || !known->superseded,
		  "what was taken back stays as it is", "r%u/%u", run->number,
		  task->number);
	known->superseded = task->superseded;
	sim_check(sim, task_state_final(task->state) == (task->ended_us != 0),
		  "what has ended has a time of its end", "r%u/%u is %s",
		  run->number, task->number, task_state_name(task->state));
}

static void check_sums(struct sim *sim, struct sim_run *run,
		       const struct stored *stored)
{
	uint32_t finished[HISTORY_ACTIVITIES][PHASE_KINDS] = { 0 };
	uint32_t expected[HISTORY_ACTIVITIES][PHASE_KINDS] = { 0 };

	for (uint32_t i = 0; i < stored->task_count; i++) {
		const struct task_record *task = &stored->tasks[i];

		check_task(sim, run, task);
		if (!task->superseded) {
			expected[task->activity][task->phase]++;
			finished[task->activity][task->phase] +=
			    task_state_final(task->state);
		}
	}
	for (uint32_t a = 0; a < stored->run.activity_count; a++) {
		for (int p = 0; p < PHASE_KINDS; p++) {
			const struct phase_record *phase =
			    &stored->activities[a].phases[p];

			sim_check(sim,
				  phase->expected == expected[a][p] &&
				      phase->finished == finished[a][p],
				  "expected = finished + unfinished",
				  "r%u, activity %u, %s: %u of %u, not %u of "
				  "%u",
				  run->number, a,
				  phase_kind_name((enum phase_kind)p),
				  phase->finished, phase->expected,
				  finished[a][p], expected[a][p]);
		}
	}
}

/* ---- disk and memory ---- */

static void check_task_same(struct sim *sim, const struct sim_run *run,
			    const struct task *task,
			    const struct task_record *stored)
{
	const struct task_record *record = &task->record;
	const char *field = stored_task_differs(record, stored);
	bool unwritten = task->progress_pending || record->cancel_requested;

	sim_check(sim, !field, "store and memory agree", "r%u/%u: %s",
		  run->number, record->number, field);
	sim_check(sim, task->unbound || record->binding == stored->binding,
		  "store and memory agree", "r%u/%u: binding", run->number,
		  record->number);
	sim_check(sim,
		  unwritten || (slice_equal(record->note, stored->note) &&
				!(record->progress < stored->progress) &&
				!(record->progress > stored->progress)),
		  "store and memory agree", "r%u/%u: progress", run->number,
		  record->number);
}

static void check_same(struct sim *sim, const struct sim_run *run,
		       const struct stored *stored)
{
	const struct run *at = engine_run(sim->engine, &run->id);

	if (!at) {
		sim_check(sim, group_state_final(stored->run.state),
			  "what has not ended is in the engine", "r%u is %s",
			  run->number, group_state_name(stored->run.state));
		return;
	}
	const char *field = stored_run_differs(&at->record, &stored->run);

	sim_check(sim, !field, "store and memory agree", "r%u: %s", run->number,
		  field);
	for (uint32_t a = 0; a < stored->run.activity_count; a++) {
		field = stored_activity_differs(&at->activities[a].record,
						&stored->activities[a]);
		sim_check(sim, !field, "store and memory agree",
			  "r%u, activity %u: %s", run->number, a, field);
	}
	for (uint32_t i = 0; i < stored->task_count; i++) {
		check_task_same(sim, run, at->tasks[i], &stored->tasks[i]);
	}
}

static void check_image(struct sim *sim, struct sim_run *run)
{
	const struct stored *stored = stored_read(sim, run);

	check_states(sim, run, stored);
	check_sums(sim, run, stored);
	documents_check(sim, run);
	queues_check_disk(sim, run);
	if (commit_quiet(sim)) {
		check_same(sim, run, stored);
	}
}

void check_touched(struct sim *sim)
{
	for (size_t i = 0; i < sim->run_count; i++) {
		struct image *image = &sim->runs[i]->image;

		if (image->touched) {
			image->touched = false;
			sim_check(sim,
				  image->history.reopening ||
				      !image->history.reopened,
				  "nothing final changes but by reopening",
				  "r%u", sim->runs[i]->number);
			image->history.reopening = false;
			image->history.reopened = false;
			check_image(sim, sim->runs[i]);
		}
	}
}

void check_all(struct sim *sim)
{
	for (size_t i = 0; i < sim->run_count; i++) {
		struct sim_run *run = sim->runs[i];

		check_run(sim, run);
		if (run->image.there) {
			check_image(sim, run);
		} else {
			sim_check(sim, !commit_quiet(sim),
				  "what was started is on the disk", "r%u",
				  run->number);
		}
	}
	check_step(sim);
}
