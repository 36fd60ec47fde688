#include "model/state.h"

#include <assert.h>

#define BIT(state) (1u << (state))

struct state_row {
	const char *name;
	bool final;
	unsigned allowed; /* bits of the states that may follow */
};

#define TASK_ENDS (BIT(TASK_SUCCEEDED) | BIT(TASK_FAILED) | BIT(TASK_CANCELLED))

static const struct state_row task_rows[TASK_STATES] = {
	[TASK_PENDING] = {
		.name = "pending",
		.allowed = BIT(TASK_QUEUED) | BIT(TASK_RUNNING) |
			   BIT(TASK_FAILED) | BIT(TASK_SKIPPED) |
			   BIT(TASK_CANCELLED),
	},
	[TASK_QUEUED] = {
		.name = "queued",
		.allowed = BIT(TASK_RUNNING) | BIT(TASK_FAILED) |
			   BIT(TASK_SKIPPED) | BIT(TASK_CANCELLED),
	},
	[TASK_RUNNING] = {
		.name = "running",
		.allowed = BIT(TASK_PENDING) | BIT(TASK_QUEUED) |
			   BIT(TASK_RUNNING) | BIT(TASK_WAITING) |
			   BIT(TASK_RETRYING) | TASK_ENDS,
	},
	[TASK_WAITING] = {
		.name = "waiting",
		.allowed = BIT(TASK_QUEUED) | BIT(TASK_RUNNING) |
			   BIT(TASK_FAILED) | BIT(TASK_CANCELLED),
	},
	[TASK_RETRYING] = {
		.name = "retrying",
		.allowed = BIT(TASK_QUEUED) | BIT(TASK_RUNNING) |
			   BIT(TASK_FAILED) | BIT(TASK_CANCELLED),
	},
	[TASK_SUCCEEDED] = {
		.name = "succeeded",
		.final = true,
	},
	[TASK_FAILED] = {
		.name = "failed",
		.final = true,
	},
	[TASK_SKIPPED] = {
		.name = "skipped",
		.final = true,
	},
	[TASK_CANCELLED] = {
		.name = "cancelled",
		.final = true,
	},
};

#define GROUP_ENDS \
	(BIT(GROUP_SUCCEEDED) | BIT(GROUP_DEGRADED) | BIT(GROUP_FAILED))

static const struct state_row group_rows[GROUP_STATES] = {
	[GROUP_PENDING] = {
		.name = "pending",
		.allowed = BIT(GROUP_RUNNING) | BIT(GROUP_CANCELLING) |
			   GROUP_ENDS | BIT(GROUP_CANCELLED) |
			   BIT(GROUP_SKIPPED),
	},
	[GROUP_RUNNING] = {
		.name = "running",
		.allowed = BIT(GROUP_WAITING) | BIT(GROUP_CANCELLING) |
			   BIT(GROUP_CANCELLED) | GROUP_ENDS,
	},
	[GROUP_WAITING] = {
		.name = "waiting",
		.allowed = BIT(GROUP_RUNNING) | BIT(GROUP_CANCELLING) |
			   BIT(GROUP_CANCELLED) | GROUP_ENDS,
	},
	[GROUP_CANCELLING] = {
		.name = "cancelling",
		.allowed = BIT(GROUP_CANCELLED) | GROUP_ENDS,
	},
	[GROUP_SUCCEEDED] = {
		.name = "succeeded",
		.final = true,
	},
	[GROUP_DEGRADED] = {
		.name = "degraded",
		.final = true,
	},
	[GROUP_FAILED] = {
		.name = "failed",
		.final = true,
	},
	[GROUP_CANCELLED] = {
		.name = "cancelled",
		.final = true,
	},
	[GROUP_SKIPPED] = {
		.name = "skipped",
		.final = true,
	},
};

static const char *const phase_names[PHASE_KINDS] = {
	[PHASE_PRE] = "pre",
	[PHASE_PARALLEL] = "parallel",
	[PHASE_POST] = "post",
};

static const char *const run_on_names[RUN_ON_KINDS] = {
	[RUN_ON_SUCCESS] = "success",
	[RUN_ON_FAILURE] = "failure",
	[RUN_ON_ALWAYS] = "always",
};

static int rows_find(const struct state_row *rows, int len, struct slice name)
{
	for (int i = 0; i < len; i++) {
		if (slice_is(name, rows[i].name)) {
			return i;
		}
	}
	return -1;
}

static int names_find(const char *const *names, int len, struct slice name)
{
	for (int i = 0; i < len; i++) {
		if (slice_is(name, names[i])) {
			return i;
		}
	}
	return -1;
}

const char *task_state_name(enum task_state state)
{
	assert(state < TASK_STATES);
	return task_rows[state].name;
}

const char *group_state_name(enum group_state state)
{
	assert(state < GROUP_STATES);
	return group_rows[state].name;
}

int task_state_parse(struct slice name)
{
	return rows_find(task_rows, TASK_STATES, name);
}

int group_state_parse(struct slice name)
{
	return rows_find(group_rows, GROUP_STATES, name);
}

bool task_state_final(enum task_state state)
{
	assert(state < TASK_STATES);
	return task_rows[state].final;
}

bool group_state_final(enum group_state state)
{
	assert(state < GROUP_STATES);
	return group_rows[state].final;
}

bool task_state_allowed(enum task_state from, enum task_state to)
{
	assert(from < TASK_STATES && to < TASK_STATES);
	return (task_rows[from].allowed & BIT(to)) != 0;
}

bool group_state_allowed(enum group_state from, enum group_state to)
{
	assert(from < GROUP_STATES && to < GROUP_STATES);
	return (group_rows[from].allowed & BIT(to)) != 0;
}

bool task_state_reopens(enum task_state from, enum task_state to)
{
	return task_state_final(from) && to == TASK_PENDING;
}

bool group_state_reopens(enum group_state from, enum group_state to)
{
	return group_state_final(from) && to == GROUP_PENDING;
}

const char *phase_kind_name(enum phase_kind phase)
{
	assert(phase < PHASE_KINDS);
	return phase_names[phase];
}

int phase_kind_parse(struct slice name)
{
	return names_find(phase_names, PHASE_KINDS, name);
}

const char *run_on_name(enum run_on run_on)
{
	assert(run_on < RUN_ON_KINDS);
	return run_on_names[run_on];
}

int run_on_parse(struct slice name)
{
	return names_find(run_on_names, RUN_ON_KINDS, name);
}
