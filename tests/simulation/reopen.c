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

/* Only a run that has ended, and whose end is committed, can be reopened. */
void reopen_one(struct sim *sim)
{
	static const char *const names[] = { "what failed", "from an activity",
					     "all", "again" };
	struct sim_run *run = runs_choose(sim);

	if (!run || !run->image.there || !steps_allowed(sim)) {
		return;
	}
	bool active = engine_run(sim->engine, &run->id) != NULL;
	size_t before = commit_turn(sim)->output.change_count;
	struct engine_reopen reopen = choose(sim, run);

	sim_note(sim, "r%u is reopened: %s %.*s%.*s%s", run->number,
		 names[reopen.kind], SLICE_ARG(reopen.from),
		 SLICE_ARG(reopen.task), reopen.dry_run ? ", dry" : "");
	int rc = restart_reopen(sim, run, &reopen, step_here);
	bool here = engine_run(sim->engine, &run->id) != NULL;

	sim_check(sim, !active || rc == E_CONFLICT,
		  "only what has ended is reopened", "r%u: %s", run->number,
		  err_text(rc));
	sim_check(sim, active || here == (rc == 0 && !reopen.dry_run),
		  "what is reopened is there", "r%u: %s", run->number,
		  err_text(rc));
	sim_check(sim,
		  (rc == 0 && !reopen.dry_run) ||
		      commit_turn(sim)->output.change_count == before,
		  "what is not reopened does not change", "r%u: %s",
		  run->number, err_text(rc));
	sim->totals.reopened += rc == 0 && !reopen.dry_run;
}
