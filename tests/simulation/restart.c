#include "restart.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "check.h"
#include "copies.h"
#include "document/pack.h"
#include "filters.h"
#include "operators.h"
#include "runs.h"
#include "sim.h"
#include "steps.h"
#include "store/read.h"
#include "stored.h"

struct engine *restart_engine(void)
{
	const struct engine_options options = { .grace_ms = GRACE_MS };

	return engine_create(&options);
}

/* A document's row begins with a format byte; NULL when there is none. */
static struct blob *read_blob(const struct sim_run *run, enum tree_kind kind,
			      uint32_t number)
{
	struct slice row = disk_row(&run->image, kind, number);

	if (row.len < 2) {
		return NULL;
	}
	return blob_make((struct slice){ row.ptr + 1, row.len - 1 });
}

static struct value read_skips(const struct sim_run *run)
{
	struct slice row = disk_row(&run->image, TREE_DOCUMENT, DOCUMENT_SKIPS);
	struct value skips = value_null();

	if (row.len) {
		(void)read_document(row, &skips, NULL);
	}
	return skips;
}

/* Now and then a plugin inside is to blame for the crash. */
static size_t choose_blame(struct sim *sim, const struct stored *stored,
			   struct restore_blame *ret_blame)
{
	if (stored->task_count == 0 || !dice_one_in(&sim->dice, 4)) {
		return 0;
	}
	const struct task_record *task =
	    &stored->tasks[dice_below(&sim->dice, stored->task_count)];

	*ret_blame = (struct restore_blame){
		.task = task->number,
		.attempt = task->attempt,
		.quarantined = dice_one_in(&sim->dice, 6),
		.message = SLICE("killed by signal 11"),
	};
	return slice_starts_with(task->instance, SLICE("inside/"));
}

static int restore(struct sim *sim, struct engine *engine,
		   const struct sim_run *run, struct engine_reopen *reopen,
		   int (*step)(struct sim *sim, struct engine *engine,
			       struct event *event))
{
	const struct stored *stored = stored_read(sim, run);
	struct blob **outputs =
	    alloc_zeroed(stored->task_count, sizeof(struct blob *));
	struct value skips = read_skips(run);
	struct restore_blame blame;
	struct event event = {
		.kind = EVENT_RESTORE,
		.run = run->id,
		.as.restore = {
			.run = &stored->run,
			.definition = stored->definition,
			.activities = stored->activities,
			.tasks = stored->tasks,
			.outputs = outputs,
			.attributes = read_blob(run, TREE_DOCUMENT,
						DOCUMENT_ATTRIBUTES),
			.input = read_blob(run, TREE_DOCUMENT, DOCUMENT_INPUT),
			.stash = read_blob(run, TREE_DOCUMENT, DOCUMENT_STASH),
			.skips = &skips,
			.blames = &blame,
			.reopen = reopen,
		},
	};

	if (reopen && reopen->documents_changed) {
		blob_unref(event.as.restore.attributes);
		event.as.restore.attributes = filters_attributes(
		    dice_below(&sim->dice, FILTERS_ATTRIBUTES));
	}
	if (engine == sim->engine && !reopen) {
		event.as.restore.blame_count =
		    choose_blame(sim, stored, &blame);
	}
	for (uint32_t i = 0; i < stored->task_count; i++) {
		outputs[i] = stored->tasks[i].output.len
				 ? blob_make(stored->tasks[i].output)
				 : read_blob(run, TREE_OUTPUT, i);
	}
	int rc = step(sim, engine, &event);

	for (uint32_t i = 0; i < stored->task_count; i++) {
		blob_unref(outputs[i]);
	}
	free(outputs);
	value_clear(&skips);
	blob_unref(event.as.restore.attributes);
	blob_unref(event.as.restore.input);
	blob_unref(event.as.restore.stash);
	return rc;
}

int restart_restore(struct sim *sim, struct engine *engine,
		    const struct sim_run *run,
		    int (*step)(struct sim *sim, struct engine *engine,
				struct event *event))
{
	return restore(sim, engine, run, NULL, step);
}

int restart_reopen(struct sim *sim, const struct sim_run *run,
		   struct engine_reopen *reopen,
		   int (*step)(struct sim *sim, struct engine *engine,
			       struct event *event))
{
	return restore(sim, sim->engine, run, reopen, step);
}

static int step_here(struct sim *sim, struct engine *engine,
		     struct event *event)
{
	(void)engine;
	return steps_take(sim, event);
}

/* What plugins said last, as far as it was committed. */
static void remember(struct sim *sim, struct sim_run *run)
{
	const struct stored *stored = stored_read(sim, run);

	for (uint32_t i = 0; i < stored->task_count; i++) {
		*sim_task(run, i) = (struct sim_task){
			.attempt = stored->tasks[i].attempt,
			.wakes = stored->tasks[i].wakes,
			.until_us = stored->tasks[i].wake_us,
			.retries = stored->tasks[i].state == TASK_RETRYING,
		};
	}
}

/* By the index of states, the oldest first, as the daemon does. */
static void restore_all(struct sim *sim)
{
	for (uint32_t number = 1; number <= sim->runs_made; number++) {
		struct sim_run *run = NULL;

		for (size_t i = 0; i < sim->run_count; i++) {
			if (sim->runs[i]->number == number) {
				run = sim->runs[i];
			}
		}
		if (!run) {
			continue;
		}
		remember(sim, run);
		if (group_state_final(stored_read(sim, run)->run.state)) {
			continue;
		}
		sim_note(sim, "r%u comes back", run->number);
		sim->totals.restores++;
		sim_check(
		    sim, restart_restore(sim, sim->engine, run, step_here) == 0,
		    "what is on the disk can go on", "r%u", run->number);
	}
}

static void add_plugins(struct sim *sim, uint32_t one_in)
{
	for (uint32_t plugin = 0; plugin < PLUGINS; plugin++) {
		if (!sim->plugins[plugin].registered &&
		    dice_one_in(&sim->dice, one_in)) {
			copies_register(sim, plugin);
			copies_add(sim, plugin);
		}
	}
}

void restart_crash(struct sim *sim)
{
	bool written = dice_one_in(&sim->dice, 2);

	sim->totals.crashes++;
	sim_note(sim, "CRASH; what was in flight is %s",
		 written ? "written" : "lost");
	commit_crash(sim, written);
	queues_crash(sim);
	engine_destroy(sim->engine);
	copies_crash(sim);
	bus_clear(sim);
	steps_forget(sim);
	runs_drop_uncommitted(sim);
	sim->expect_until_us = 0;
	sim->engine = restart_engine();
	if (dice_one_in(&sim->dice, 2)) {
		sim->now_us += (int64_t)dice_below(&sim->dice, 20000) * 1000;
	} else if (dice_one_in(&sim->dice, 8)) {
		/* Somebody has set the clock meanwhile. */
		sim->now_us += (int64_t)dice_below(&sim->dice, 3000) * 1000000 -
			       sim->now_us / 4;
	}
	queues_open(sim);
	operators_pause_again(sim, steps_take);
	add_plugins(sim, 2);
	restore_all(sim);
	add_plugins(sim, 2);
	commit_all(sim);
	check_all(sim);
}
