#include "life.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "check.h"
#include "copies.h"
#include "operators.h"
#include "reopen.h"
#include "restart.h"
#include "runs.h"
#include "shadow.h"
#include "sim.h"
#include "steps.h"
#include "stored.h"
#include "work.h"

#define END_STEPS 30000 /* within which every run must end */

static void (*const functions[ACTIONS])(struct sim *sim) = {
#define X(name, word, weight, function) [name] = function,
	ACTION_MAP(X)
#undef X
};

/* ---- time and commits ---- */

void life_pass(struct sim *sim, int64_t us)
{
	struct event event = { .kind = EVENT_TIME };

	sim->now_us += us;
	int64_t due_us = engine_next_due(sim->engine);

	if (due_us && due_us <= sim->now_us && steps_allowed(sim)) {
		sim_note(sim, "time has come");
		(void)steps_take(sim, &event);
		check_times(sim);
	}
	queues_pass(sim);
}

void life_time(struct sim *sim)
{
	int64_t due_us = queues_next_due(sim);
	uint32_t dice = dice_below(&sim->dice, 20);
	int64_t us = (int64_t)dice_below(&sim->dice, 400000);

	if (dice < 5 && due_us > sim->now_us) {
		us = due_us - sim->now_us - (dice == 0);
	} else if (dice < 8) {
		us *= 30;
	} else if (dice == 8) {
		us *= 10000;
	}
	if (dice_one_in(&sim->dice, 3)) {
		sim->now_us += us; /* first comes what plugins have to say */
	} else {
		life_pass(sim, us);
	}
}

void life_commit(struct sim *sim)
{
	struct committer *committer = &sim->committer;

	if (committer->blocked && dice_one_in(&sim->dice, 2)) {
		return; /* tried again, and it has failed again */
	}
	if (committer->in_flight) {
		commit_finish(sim);
	} else if (sim->temper.pipelined) {
		commit_seal(sim);
	} else {
		commit_all(sim);
	}
}

void life_fail_commit(struct sim *sim)
{
	commit_seal(sim);
	if (sim->committer.in_flight && !sim->committer.blocked) {
		sim->committer.blocked = true;
		sim_note(sim, "the commit fails");
	}
}

/* ---- a life ---- */

static void begin(struct sim *sim)
{
	dice_throw(&sim->dice, sim->seed, 0);
	temper_make(sim);
	sim->now_us = INT64_C(1000000000);
	sim->engine = restart_engine();
	sim->committer.store.next_sequence = 1;
	queues_open(sim);
	runs_make_flows(sim);
	for (uint32_t plugin = 0; plugin < PLUGINS; plugin++) {
		if (!dice_one_in(&sim->dice, 5)) {
			copies_register(sim, plugin);
		}
		copies_add(sim, plugin);
	}
	commit_all(sim);
}

static enum action choose(struct sim *sim)
{
	uint32_t dice = dice_below(&sim->dice, sim->temper.total);
	int action = 0;

	while (dice >= sim->temper.weights[action]) {
		dice -= sim->temper.weights[action++];
	}
	return (enum action)action;
}

static void step(struct sim *sim)
{
	dice_throw(&sim->dice, sim->seed, ++sim->step);
	enum action action = choose(sim);

	sim->now_us += 200;
	sim->totals.steps++;
	sim_check(sim, sim->step != sim->options.changes.break_at,
		  "the simulator was asked to fail", "by --break");
	if (sim->options.changes.without >> action & 1 ||
	    changes_skip(&sim->options.changes, sim->step)) {
		return;
	}
	functions[action](sim);
	if (sim->temper.queues && dice_one_in(&sim->dice, sim->temper.loop)) {
		queues_turn(sim);
	}
	if (!sim->temper.pipelined && steps_allowed(sim) &&
	    dice_one_in(&sim->dice, sim->temper.turn)) {
		commit_all(sim);
	}
	if (sim->step % 128 == 0) {
		check_all(sim);
	}
}

/* ---- its end ---- */

static bool has_ended(const struct sim *sim)
{
	return engine_run_count(sim->engine) == 0 && commit_quiet(sim);
}

static void make_well(struct sim *sim)
{
	struct event event = { .kind = EVENT_EXPECT };

	sim->well = true;
	sim_note(sim, "from now on all is well");
	commit_finish(sim);
	(void)steps_take(sim, &event);
	sim->expect_until_us = 0;
	operators_resume_all(sim);
	queues_resume_all(sim);
	copies_mend(sim);
	commit_all(sim);
}

/* A little, or as long as something waits for. */
static void pass_to_due(struct sim *sim)
{
	int64_t due_us = queues_next_due(sim);
	int64_t us = (int64_t)dice_below(&sim->dice, 4000) * 1000;

	if (due_us > sim->now_us && dice_one_in(&sim->dice, 8)) {
		us = due_us - sim->now_us;
	}
	life_pass(sim, us);
}

static void end_step(struct sim *sim)
{
	dice_throw(&sim->dice, sim->seed, ++sim->step);
	sim->now_us += 200;
	sim->totals.steps++;
	switch (dice_below(&sim->dice, 8)) {
	case 0:
		pass_to_due(sim);
		break;
	case 1:
		bus_repeat(sim);
		break;
	case 2:
	case 3:
		work_one(sim);
		break;
	case 4:
		commit_all(sim);
		break;
	default:
		bus_carry(sim);
		break;
	}
}

static void check_end(struct sim *sim)
{
	check_all(sim);
	sim_check(sim, queues_next_due(sim) == 0,
		  "when all has ended no time is waited for", "due at %lld",
		  (long long)queues_next_due(sim));
	for (size_t i = 0; i < sim->run_count; i++) {
		const struct stored *stored = stored_read(sim, sim->runs[i]);

		sim_check(sim, group_state_final(stored->run.state),
			  "every run ends once faults stop", "r%u is %s",
			  sim->runs[i]->number,
			  group_state_name(stored->run.state));
		for (uint32_t t = 0; t < stored->task_count; t++) {
			sim_check(sim, task_state_final(stored->tasks[t].state),
				  "a run ends after its tasks", "r%u/%u is %s",
				  sim->runs[i]->number, t,
				  task_state_name(stored->tasks[t].state));
		}
	}
}

/* The first that has not ended, for the report. */
static uint32_t first_open(const struct sim *sim)
{
	for (size_t i = 0; i < sim->run_count; i++) {
		if (engine_run(sim->engine, &sim->runs[i]->id)) {
			return sim->runs[i]->number;
		}
	}
	return 0;
}

static void finish(struct sim *sim)
{
	make_well(sim);
	for (uint32_t i = 0; !has_ended(sim); i++) {
		sim_check(sim, i < END_STEPS, "every run ends once faults stop",
			  "r%u has not ended after %u steps", first_open(sim),
			  i);
		end_step(sim);
	}
	check_end(sim);
}

static void add_totals(struct totals *to, const struct totals *from)
{
	to->lives++;
	to->steps += from->steps;
	to->engine_steps += from->engine_steps;
	to->transitions += from->transitions;
	to->commits += from->commits;
	to->crashes += from->crashes;
	to->restores += from->restores;
	to->runs += from->runs;
	to->ended += from->ended;
	to->deliveries += from->deliveries;
	to->stale += from->stale;
	to->shadows += from->shadows;
	to->reopened += from->reopened;
	to->leases += from->leases;
	to->expired += from->expired;
	to->queued += from->queued;
	to->dead += from->dead;
	to->purged += from->purged;
	to->redriven += from->redriven;
}

void life_live(uint64_t seed, const struct sim_options *options,
	       struct totals *totals)
{
	struct sim *sim = alloc_zeroed(1, sizeof(*sim));

	sim->seed = seed;
	sim->options = *options;
	report_begin(sim);
	begin(sim);
	while (sim->step < sim->temper.steps) {
		step(sim);
	}
	finish(sim);
	add_totals(totals, &sim->totals);
	engine_destroy(sim->engine);
	queues_close(sim);
	commit_fini(&sim->committer);
	runs_fini(sim);
	disk_fini(&sim->disk);
	stored_fini();
	free(sim->bus.messages);
	free(sim->lost);
	free(sim);
}
