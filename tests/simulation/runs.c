#include "runs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "definitions.h"
#include "filters.h"
#include "sim.h"
#include "steps.h"

#define KEPT_MAX 20 /* runs on the disk */

struct sim_run *sim_run(const struct sim *sim, const struct id *id)
{
	for (size_t i = sim->run_count; i-- > 0;) {
		if (id_equal(&sim->runs[i]->id, id)) {
			return sim->runs[i];
		}
	}
	return NULL;
}

struct sim_task *sim_task(struct sim_run *run, uint32_t task)
{
	if (task >= run->task_cap) {
		uint32_t cap = task + 16;

		run->tasks = alloc_resize(run->tasks, cap, sizeof(*run->tasks));
		memset(run->tasks + run->task_cap, 0,
		       (cap - run->task_cap) * sizeof(*run->tasks));
		run->task_cap = cap;
	}
	return &run->tasks[task];
}

struct sim_run *runs_choose(struct sim *sim)
{
	return sim->run_count
		   ? sim->runs[dice_below(&sim->dice, (uint32_t)sim->run_count)]
		   : NULL;
}

static void make_flow(struct sim *sim, uint32_t flow)
{
	definition_unref(sim->flows[flow].definition);
	sim->flows[flow].definition = definitions_make(sim, flow);
}

void runs_make_flows(struct sim *sim)
{
	for (uint32_t i = 0; i < FLOWS; i++) {
		make_flow(sim, i);
	}
}

void runs_change_flow(struct sim *sim)
{
	make_flow(sim, dice_below(&sim->dice, FLOWS));
}

static void drop(struct sim *sim, size_t index)
{
	struct sim_run *run = sim->runs[index];

	sim->runs[index] = sim->runs[--sim->run_count];
	disk_delete(run);
	queues_messages_fini(&run->messages);
	free(run->tasks);
	free(run);
}

void runs_drop_uncommitted(struct sim *sim)
{
	for (size_t i = sim->run_count; i-- > 0;) {
		if (!sim->runs[i]->image.there) {
			sim_note(sim, "r%u was never committed",
				 sim->runs[i]->number);
			drop(sim, i);
		}
	}
}

void runs_fini(struct sim *sim)
{
	while (sim->run_count) {
		drop(sim, sim->run_count - 1);
	}
	free(sim->runs);
	for (uint32_t i = 0; i < FLOWS; i++) {
		definition_unref(sim->flows[i].definition);
	}
}

/* Something of it was given up, and is not back. */
static bool is_in_hands(const struct sim *sim, const struct sim_run *run)
{
	for (size_t i = 0; i < sim->lost_count; i++) {
		if (id_equal(&sim->lost[i].key.run, &run->id)) {
			return true;
		}
	}
	return false;
}

/* One that has ended, is committed, and is nobody's business any more. */
void runs_retain(struct sim *sim)
{
	struct sim_run *run = runs_choose(sim);

	if (!run || !run->image.there || engine_run(sim->engine, &run->id) ||
	    !commit_quiet(sim) || is_in_hands(sim, run)) {
		return;
	}
	for (size_t i = 0; i < sim->run_count; i++) {
		if (sim->runs[i] == run) {
			sim_note(sim, "r%u is deleted", run->number);
			queues_forget(sim, run);
			drop(sim, i);
			return;
		}
	}
}

static struct sim_run *find_uid(struct sim *sim, uint32_t flow, uint32_t uid)
{
	for (size_t i = 0; i < sim->run_count; i++) {
		if (sim->runs[i]->flow == flow && sim->runs[i]->uid == uid) {
			return sim->runs[i];
		}
	}
	return NULL;
}

static struct sim_run *make_run(struct sim *sim, uint32_t flow, uint32_t uid)
{
	struct sim_run *run = alloc_zeroed(1, sizeof(*run));
	uint32_t number = ++sim->runs_made;

	run->number = number;
	run->flow = flow;
	run->uid = uid;
	for (int i = 0; i < 4; i++) {
		run->id.bytes[12 + i] = (unsigned char)(number >> (24 - 8 * i));
	}
	alloc_grow(sim->runs, sim->run_count, sim->run_cap);
	sim->runs[sim->run_count++] = run;
	sim->totals.runs++;
	return run;
}

static void start(struct sim *sim, uint32_t flow, uint32_t uid,
		  struct slice name)
{
	struct sim_run *run = make_run(sim, flow, uid);
	uint32_t attributes = dice_below(&sim->dice, FILTERS_ATTRIBUTES);
	struct event event = {
		.kind = EVENT_START,
		.actor = SLICE("somebody"),
		.run = run->id,
		.as.start = {
			.tenant = SLICE("default"),
			.uid = name,
			.definition = sim->flows[flow].definition,
			.attributes = filters_attributes(attributes),
		},
	};

	sim_note(sim, "r%u starts: workflow w%u, uid %.*s", run->number, flow,
		 SLICE_ARG(name));
	sim_check(sim, steps_take(sim, &event) == 0, "runs can be started",
		  "r%u", run->number);
	blob_unref(event.as.start.attributes);
}

/* As the daemon: one uid of a workflow names at most one run. */
void runs_start(struct sim *sim)
{
	uint32_t flow = dice_below(&sim->dice, FLOWS);
	uint32_t uid = dice_below(&sim->dice, UIDS);
	char text[16];
	char workflow[8];

	(void)snprintf(text, sizeof(text), "u%u", uid);
	(void)snprintf(workflow, sizeof(workflow), "w%u", flow);
	const struct run *active = engine_run_by_uid(
	    sim->engine, SLICE("default"), slice_of(workflow), slice_of(text));
	const struct sim_run *there = find_uid(sim, flow, uid);

	sim_check(
	    sim, !active || (there && id_equal(&active->record.id, &there->id)),
	    "a uid names one run", "%s of %s", text, workflow);
	sim_check(sim, active || !there || !engine_run(sim->engine, &there->id),
		  "a uid names one run", "%s of %s is not found", text,
		  workflow);
	if (!there && steps_allowed(sim) && sim->run_count < KEPT_MAX &&
	    engine_run_count(sim->engine) < RUNS_MAX) {
		start(sim, flow, uid, slice_of(text));
	}
}
