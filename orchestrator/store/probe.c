#include "store/probe.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"

enum { PARALLEL = 8, LAST = PARALLEL + 1 }; /* task 0 is the first */

struct probe {
	struct store *store;
	struct id run;
	bool midway; /* its eight are called */
	int64_t now_us;
	int64_t commit_ns;
};

/* ---- records ---- */

/* What the shipped echo gives back when it is given nothing. */
static const struct slice empty_map = { "\x80", 1 };

static void put_transition(struct probe *probe, enum object_kind kind,
			   enum phase_kind phase, uint32_t task, int from,
			   int to)
{
	bool is_task = kind == OBJECT_TASK;
	struct transition_record transition = {
		.time_us = probe->now_us,
		.kind = kind,
		.phase = phase,
		.task = task,
		.attempt = is_task ? 1 : 0,
		.from = from,
		.to = to,
		.reason = is_task ? REASON_COMPLETED : REASON_TASKS_RUNNING,
		.actor = is_task ? SLICE("plugin echo") : SLICE("engine"),
	};

	store_put_transition(probe->store, &probe->run, &transition);
}

static void put_task(struct probe *probe, enum phase_kind phase,
		     uint32_t number, enum task_state state)
{
	bool done = state == TASK_SUCCEEDED;
	struct task_record task = {
		.number = number,
		.phase = phase,
		.state = state,
		.reason = done ? REASON_NONE : REASON_IN_PLUGIN,
		.mandatory = true,
		.attempt = 1,
		.name = SLICE("parallel-0"),
		.plugin = SLICE("echo"),
		.instance = SLICE("echo#1"),
		.progress = -1,
		.created_us = probe->now_us,
		.started_us = probe->now_us,
		.ended_us = done ? probe->now_us : 0,
		.output = done ? empty_map : SLICE(""),
	};

	store_put_task(probe->store, &probe->run, &task);
	put_transition(probe, OBJECT_TASK, phase, number,
		       done ? TASK_RUNNING : TASK_PENDING, (int)state);
}

/* A phase has succeeded, and the next one begins. */
static void put_phases(struct probe *probe, enum phase_kind ended)
{
	struct activity_record activity = {
		.state = GROUP_RUNNING,
		.reason = REASON_TASKS_RUNNING,
		.visit = 1,
		.started_us = probe->now_us,
	};

	store_put_activity(probe->store, &probe->run, &activity);
	put_transition(probe, OBJECT_PHASE, ended, 0, GROUP_RUNNING,
		       GROUP_SUCCEEDED);
	put_transition(probe, OBJECT_PHASE, ended + 1, 0, GROUP_PENDING,
		       GROUP_RUNNING);
}

/* ---- steps ---- */

static void put_parallel(struct probe *probe, enum task_state state)
{
	for (uint32_t i = 1; i <= PARALLEL; i++) {
		put_task(probe, PHASE_PARALLEL, i, state);
	}
}

static void put_step(struct probe *probe)
{
	if (!probe->midway) {
		probe->run = id_next(probe->run);
		put_task(probe, PHASE_PRE, 0, TASK_SUCCEEDED);
		put_phases(probe, PHASE_PRE);
		put_parallel(probe, TASK_RUNNING);
	} else {
		put_parallel(probe, TASK_SUCCEEDED);
		put_phases(probe, PHASE_PARALLEL);
		put_task(probe, PHASE_POST, LAST, TASK_RUNNING);
	}
	probe->midway = !probe->midway;
}

int probe_open(const char *directory, enum durability durability,
	       struct probe **ret_probe, struct err *reterr)
{
	struct store *store;
	int rc = store_open(directory, &store, reterr);

	if (rc) {
		return rc;
	}
	store_set_durability(store, durability);
	struct probe *probe = alloc_zeroed(1, sizeof(*probe));
	static const unsigned char random[10];

	probe->store = store;
	probe->run = id_make(clock_wall_us(), random);
	*ret_probe = probe;
	return 0;
}

int probe_commit(struct probe *probe, struct err *reterr)
{
	int64_t begin_ns = clock_mono_ns();

	probe->now_us = clock_wall_us();
	put_step(probe);
	int rc = store_commit(probe->store, reterr);

	probe->commit_ns = clock_mono_ns() - begin_ns;
	return rc;
}

int64_t probe_commit_ns(const struct probe *probe)
{
	return probe->commit_ns;
}

void probe_close(struct probe *probe)
{
	if (probe) {
		store_close(probe->store);
		free(probe);
	}
}
