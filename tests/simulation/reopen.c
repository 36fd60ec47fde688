#include "reopen.h"

#include "restart.h"
#include "runs.h"
#include "sim.h"
#include "steps.h"

static struct engine_reopen choose(struct sim *sim, const struct sim_run *run)
{
	static const char *const activities[] = { "A0", "A1", "A2", "nobody" };
	static const char *const tasks[] = { "t0", "p1", "A0/t1", "nobody" };
	struct engine_reopen reopen = {
		.kind = (enum reopen_kind)dice_below(&sim->dice, 4),
		.dry_run = dice_one_in(&sim->dice, 6),
	};

	if (reopen.kind == REOPEN_FROM) {
		reopen.from = slice_of(activities[dice_below(&sim->dice, 4)]);
	} else if (reopen.kind == REOPEN_FAILED && dice_one_in(&sim->dice, 3)) {
		reopen.task = slice_of(tasks[dice_below(&sim->dice, 4)]);
	} else if (reopen.kind == REOPEN_RERUN) {
		reopen.definition = sim->flows[run->flow].definition;
	}
	if (sim->temper.queues && reopen.kind == REOPEN_FAILED &&
	    dice_one_in(&sim->dice, 2)) {
		reopen.queue =
		    slice_of(queues_name(dice_below(&sim->dice, QUEUES)));
	}
	reopen.documents_changed =
	    reopen.kind == REOPEN_RERUN && dice_one_in(&sim->dice, 3);
	return reopen;
}

static int step_here(struct sim *sim, struct engine *engine,
		     struct event *event)
{
	(void)engine;
	return steps_take(sim, event);
}

static void reopen(struct sim *sim, struct sim_run *run,
		   struct engine_reopen *reopen)
{
	static const char *const names[] = { "what failed", "from an activity",
					     "all", "again" };
	bool active = engine_run(sim->engine, &run->id) != NULL;
	size_t before = commit_turn(sim)->output.change_count;

	sim_note(sim, "r%u is reopened: %s %.*s%.*s%.*s%s", run->number,
		 names[reopen->kind], SLICE_ARG(reopen->from),
		 SLICE_ARG(reopen->task), SLICE_ARG(reopen->queue),
		 reopen->dry_run ? ", dry" : "");
	int rc = restart_reopen(sim, run, reopen, step_here);
	bool here = engine_run(sim->engine, &run->id) != NULL;
	bool done = rc == 0 && !reopen->dry_run;

	sim_check(sim, !active || rc == E_CONFLICT,
		  "only what has ended is reopened", "r%u: %s", run->number,
		  err_text(rc));
	sim_check(sim, active || here == done, "what is reopened is there",
		  "r%u: %s", run->number, err_text(rc));
	sim_check(sim, done || commit_turn(sim)->output.change_count == before,
		  "what is not reopened does not change", "r%u: %s",
		  run->number, err_text(rc));
	sim->totals.reopened += done;
	sim->totals.redriven += done && reopen->queue.len;
}

/* Only a run that has ended, and whose end is committed, can be reopened. */
void reopen_one(struct sim *sim)
{
	struct sim_run *run = runs_choose(sim);

	if (run && run->image.there && steps_allowed(sim)) {
		struct engine_reopen wanted = choose(sim, run);

		reopen(sim, run, &wanted);
	}
}

/* The first dead letter of the run; NULL: it has none. */
static const struct sim_message *dead_of(const struct sim_run *run)
{
	for (uint32_t i = 0; i < run->messages.len; i++) {
		const struct sim_message *message = &run->messages.list[i];

		if (message->there && message->state == MESSAGE_DEAD) {
			return message;
		}
	}
	return NULL;
}

void reopen_dead(struct sim *sim)
{
	for (size_t i = 0; i < sim->run_count && steps_allowed(sim); i++) {
		struct sim_run *run = sim->runs[i];
		const struct sim_message *dead = dead_of(run);
		struct engine_reopen wanted = { .kind = REOPEN_FAILED };

		if (dead && run->image.there &&
		    !engine_run(sim->engine, &run->id) &&
		    dice_one_in(&sim->dice, 2)) {
			wanted.queue = slice_of(queues_name(dead->queue));
			reopen(sim, run, &wanted);
		}
	}
}
