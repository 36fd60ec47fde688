#include "operators.h"

#include <stdio.h>

#include "runs.h"
#include "sim.h"
#include "steps.h"

bool operators_hold(const struct sim *sim, const struct sim_run *run)
{
	const struct run *at = engine_run(sim->engine, &run->id);

	return at && !at->record.cancel_requested &&
	       (at->record.paused || sim->paused_all ||
		sim->flows[run->flow].paused);
}

static struct event about(const struct sim *sim, enum event_kind kind,
			  uint32_t flow, char workflow[8])
{
	bool all = flow == FLOWS;

	(void)sim;
	(void)snprintf(workflow, 8, "w%u", flow % 10);
	return (struct event){
		.kind = kind,
		.actor = SLICE("operator"),
		.as.pause = { .scope = all ? PAUSE_ALL : PAUSE_WORKFLOW,
			      .workflow = slice_of(all ? "" : workflow) },
	};
}

/* `flow` FLOWS: all. */
static void set_many(struct sim *sim, uint32_t flow, bool on)
{
	bool *paused =
	    flow == FLOWS ? &sim->paused_all : &sim->flows[flow].paused;
	bool before = *paused;
	char workflow[8];
	struct event event =
	    about(sim, on ? EVENT_PAUSE : EVENT_RESUME, flow, workflow);

	*paused = on;
	sim_note(sim, "%s %s", flow == FLOWS ? "everything" : workflow,
		 on ? "is paused" : "goes on");
	sim_check(sim, (steps_take(sim, &event) == 0) == (before != on),
		  "pauses are known", "%s", workflow);
}

static void set_one(struct sim *sim, const struct sim_run *run, bool on)
{
	const struct run *at = engine_run(sim->engine, &run->id);
	bool possible = at && !group_state_final(at->record.state) &&
			at->record.paused != on;
	struct event event = {
		.kind = on ? EVENT_PAUSE : EVENT_RESUME,
		.actor = SLICE("operator"),
		.run = run->id,
		.as.pause = { .scope = PAUSE_RUN },
	};

	sim_note(sim, "r%u %s", run->number, on ? "is paused" : "goes on");
	sim_check(sim, (steps_take(sim, &event) == 0) == possible,
		  "pauses are known", "r%u", run->number);
}

static void choose(struct sim *sim, bool on)
{
	const struct sim_run *run = runs_choose(sim);
	uint32_t dice = dice_below(&sim->dice, 8);

	if (!steps_allowed(sim)) {
		return;
	}
	if (dice == 0) {
		set_many(sim, FLOWS, on);
	} else if (dice < 3) {
		set_many(sim, dice_below(&sim->dice, FLOWS), on);
	} else if (run) {
		set_one(sim, run, on);
	}
}

void operators_pause(struct sim *sim)
{
	choose(sim, true);
}

/* Mostly what is paused, so that not all lives stand still. */
void operators_resume(struct sim *sim)
{
	choose(sim, false);
	for (uint32_t flow = 0; flow < FLOWS && steps_allowed(sim); flow++) {
		if (sim->flows[flow].paused && dice_one_in(&sim->dice, 3)) {
			set_many(sim, flow, false);
		}
	}
	if (sim->paused_all && steps_allowed(sim) &&
	    dice_one_in(&sim->dice, 2)) {
		set_many(sim, FLOWS, false);
	}
}

void operators_pause_again(struct sim *sim,
			   int (*step)(struct sim *sim, struct event *event))
{
	for (uint32_t flow = 0; flow <= FLOWS; flow++) {
		char workflow[8];
		struct event event = about(sim, EVENT_PAUSE, flow, workflow);

		if (flow == FLOWS ? sim->paused_all : sim->flows[flow].paused) {
			(void)step(sim, &event);
		}
	}
}

void operators_resume_all(struct sim *sim)
{
	for (uint32_t flow = 0; flow <= FLOWS; flow++) {
		if (flow == FLOWS ? sim->paused_all : sim->flows[flow].paused) {
			set_many(sim, flow, false);
		}
	}
	for (size_t i = 0; i < sim->run_count; i++) {
		const struct run *at =
		    engine_run(sim->engine, &sim->runs[i]->id);

		if (at && at->record.paused &&
		    !group_state_final(at->record.state)) {
			set_one(sim, sim->runs[i], false);
		}
	}
}

/* ---- the clock ---- */

/* What the simulator remembers as so long from some moment moves along. */
static void move_times(struct sim *sim, int64_t step_us)
{
	for (size_t i = 0; i < sim->run_count; i++) {
		struct sim_run *run = sim->runs[i];

		for (uint32_t t = 0; t < run->task_cap; t++) {
			struct sim_task *task = &run->tasks[t];

			if (task->told_us) {
				task->told_us += step_us;
			}
			if (task->retries) {
				task->until_us += step_us;
			}
			task->taken_us += step_us;
		}
	}
	if (sim->expect_until_us) {
		sim->expect_until_us += step_us;
	}
}

void operators_clock(struct sim *sim)
{
	int64_t step_us = (int64_t)dice_below(&sim->dice, 20000000);
	struct event event = { .kind = EVENT_CLOCK };

	if (!steps_allowed(sim)) {
		return;
	}
	if (dice_one_in(&sim->dice, 4)) {
		step_us *= 200;
	}
	if (dice_one_in(&sim->dice, 2) && step_us < sim->now_us / 2) {
		step_us = -step_us;
	}
	sim->now_us += step_us;
	move_times(sim, step_us);
	event.as.clock.step_us = step_us;
	sim_note(sim, "the clock is set by %.3f s", (double)step_us / 1e6);
	(void)steps_take(sim, &event);
	queues_clock(sim, step_us);
}
