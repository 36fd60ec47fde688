/*
 * The states of tasks, phases, activities and runs, and which may follow
 * which. The names are those of all output and of the store. Pure.
 *
 * Task:
 *
 *	pending ──> queued ──> running ──> succeeded | failed | cancelled
 *	 │ │ ▲        ▲ ▲        ▲ │ │ ▲
 *	 │ └─┼────────┼─┼────────┘ │ ▼ │ time, restart
 *	 │   └────────┼─┴──────────┘ waiting, retrying ──> failed | cancelled
 *	 │            │ given back    │
 *	 │            └───────────────┘ time, when it has a queue
 *	 └──> skipped | failed | cancelled (also from queued)
 *
 * running -> retrying: the attempt failed, and another one will be made once
 * its time has come. running -> running is a new delivery after a crash of the
 * orchestrator, with a higher attempt; running -> pending, or queued: who had
 * it is no more, or did not begin it. A pending task fails when it can no
 * longer run in time, or at all.
 *
 * Phase, activity, run:
 *
 *	pending ──> running <──> waiting ──> succeeded | degraded | failed
 *	   │           │            │
 *	   ├───────────┼────────────┴─> cancelled (nothing had to be stopped)
 *	   ├───────────┴─> cancelling ──> cancelled, or one of the former when
 *	   │                              the last task ended by itself
 *	   └──> succeeded | degraded | failed (nothing of it ran),
 *	        skipped (activity)
 */
#ifndef MODEL_STATE_H
#define MODEL_STATE_H

#include <stdbool.h>

#include "base/slice.h"

enum task_state {
	TASK_PENDING,
	TASK_QUEUED,
	TASK_RUNNING,
	TASK_WAITING,
	TASK_RETRYING,
	TASK_SUCCEEDED,
	TASK_FAILED,
	TASK_SKIPPED,
	TASK_CANCELLED,
	TASK_STATES, /* their number */
};

/* Of phases, activities and runs. */
enum group_state {
	GROUP_PENDING,
	GROUP_RUNNING,
	GROUP_WAITING,
	GROUP_CANCELLING,
	GROUP_SUCCEEDED,
	GROUP_DEGRADED,
	GROUP_FAILED,
	GROUP_CANCELLED,
	GROUP_SKIPPED, /* activities only */
	GROUP_STATES,
};

const char *task_state_name(enum task_state state);
const char *group_state_name(enum group_state state);

/* -1 when it is no state's name. */
int task_state_parse(struct slice name);
int group_state_parse(struct slice name);

/* Nothing can change it any more. */
bool task_state_final(enum task_state state);
bool group_state_final(enum group_state state);

bool task_state_allowed(enum task_state from, enum task_state to);
bool group_state_allowed(enum group_state from, enum group_state to);

/*
 * The one way out of a final state: an operator wants an ended run to go on,
 * and what is to be done again in it becomes pending.
 */
bool task_state_reopens(enum task_state from, enum task_state to);
bool group_state_reopens(enum group_state from, enum group_state to);

enum phase_kind { PHASE_PRE, PHASE_PARALLEL, PHASE_POST, PHASE_KINDS };

const char *phase_kind_name(enum phase_kind phase);
int phase_kind_parse(struct slice name); /* -1 when it is none */

/* When a post plugin runs. */
enum run_on { RUN_ON_SUCCESS, RUN_ON_FAILURE, RUN_ON_ALWAYS, RUN_ON_KINDS };

const char *run_on_name(enum run_on run_on);
int run_on_parse(struct slice name);

#endif
