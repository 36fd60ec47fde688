#include "operators.h"

#include <stdlib.h>

#include "runs.h"
#include "sim.h"
#include "steps.h"

void operators_cancel(struct sim *sim)
{
	const struct sim_run *run = runs_choose(sim);

	if (!run || !steps_allowed(sim)) {
		return;
	}
	struct event event = {
		.kind = EVENT_CANCEL,
		.actor = SLICE("operator"),
		.run = run->id,
	};
	const struct run *at = engine_run(sim->engine, &run->id);
	bool possible = at && !group_state_final(at->record.state) &&
			!at->record.cancel_forced;

	sim_note(sim, "r%u: cancel", run->number);
	sim_check(sim, (steps_take(sim, &event) == 0) == possible,
		  "a run that has not ended can be cancelled, twice", "r%u",
		  run->number);
}

void operators_skip(struct sim *sim)
{
	static const char *const names[] = { "t0", "t1", "A1/t1", "A0/post/t2",
					     "p3" };
	const struct sim_run *run = runs_choose(sim);

	if (!run || !steps_allowed(sim)) {
		return;
	}
	const char *name = names[dice_below(&sim->dice, 5)];
	struct event event = {
		.kind = EVENT_SKIP,
		.actor = SLICE("operator"),
		.run = run->id,
		.as.skip = { .task = slice_of(name) },
	};

	sim_note(sim, "r%u: skip %s", run->number, name);
	(void)steps_take(sim, &event);
	free(event.as.skip.ret_tasks);
}

void operators_expect(struct sim *sim)
{
	struct event event = { .kind = EVENT_EXPECT };

	if (!steps_allowed(sim)) {
		return;
	}
	if (dice_one_in(&sim->dice, 2)) {
		event.as.expect.until_us =
		    sim->now_us + (int64_t)dice_below(&sim->dice, 3000) * 1000;
	}
	sim->expect_until_us = event.as.expect.until_us;
	sim_note(sim, "programs are expected until %lld",
		 (long long)event.as.expect.until_us);
	(void)steps_take(sim, &event);
}
