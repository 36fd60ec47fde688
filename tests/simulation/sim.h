/*
 * One life of the engine in a world made of chance: what there is, and what it
 * remembers in order to judge. One thread, no clock, no files.
 *
 * Two times run beside each other: what the engine has done, and what is on the
 * disk. A crash takes the first back to the second.
 */
#ifndef SIMULATION_SIM_H
#define SIMULATION_SIM_H

#include "bus.h"
#include "commit.h"
#include "dice.h"
#include "disk.h"
#include "engine/engine.h"
#include "queues.h"
#include "report.h"
#include "temper.h"

#define PLUGINS    5
#define BOUND      3 /* of them are named by bindings */
#define COPIES     32
#define COPIES_MAX 3 /* of one plugin that the orchestrator knows */
#define FLOWS      3
#define ACTIVITIES 3
#define RUNS_MAX   8  /* that have not ended */
#define UIDS       10 /* of each flow */
#define GRACE_MS   5000
#define STASH_KEYS 5

/* What a plugin has told, and the truth about who has a task: by the steps
 * taken, committed or not. */
struct sim_task {
	uint32_t holder; /* serial of the copy; 0: nobody */
	uint32_t attempt;
	uint32_t wakes;
	uint32_t deaths;  /* of who had it */
	int64_t told_us;  /* when it was told to stop; 0: it was not */
	int64_t until_us; /* parked or to be tried again: not before */
	bool retries;     /* it is to be tried again */
	int64_t taken_us; /* when it was handed over */
};

struct sim_run {
	struct id id;
	uint32_t number;
	uint32_t flow;
	uint32_t uid;
	bool leaves;            /* it is being deleted */
	struct sim_task *tasks; /* by number */
	uint32_t task_cap;
	struct sim_messages messages; /* by the steps taken */
	struct image image;           /* of it, on the disk */
};

/* A workflow and what it is now. */
struct flow {
	struct definition *definition;
	bool paused;
};

struct plugin_state {
	bool registered;
	bool quarantined;
};

/* Given up, but its copy still has it. */
struct lost_task {
	struct task_key key;
	uint32_t copy;
};

struct sim {
	struct sim_options options;
	uint64_t seed;
	uint32_t step; /* of this life */
	bool well;     /* faults have stopped */
	struct dice dice;
	struct temper temper;
	int64_t now_us;
	struct engine *engine;
	struct disk disk;
	struct committer committer;
	struct bus bus;
	struct queues queues;
	struct flow flows[FLOWS];
	struct plugin_state plugins[PLUGINS];
	struct copy copies[COPIES];
	uint32_t copies_made;
	struct sim_run **runs;
	size_t run_count;
	size_t run_cap;
	uint32_t runs_made;
	uint32_t serial; /* of the last document that a plugin made */
	struct lost_task *lost;
	size_t lost_count;
	size_t lost_cap;
	int64_t expect_until_us; /* as the engine was told */
	bool paused_all;
	const struct event *event; /* that the engine is told of now */
	struct totals totals;
};

/* NULL when there is none. */
struct sim_run *sim_run(const struct sim *sim, const struct id *id);
/* Never NULL: numbers of tasks are small. */
struct sim_task *sim_task(struct sim_run *run, uint32_t task);

#endif
