/*
 * Runs made by hand for the tests of what the command line shows of them.
 */
#ifndef TEST_RUN_FIXTURE_H
#define TEST_RUN_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/reason.h"

/* 2026-03-01T10:20:30.123456Z */
#define FIXTURE_NOW   INT64_C(1772360430123456)
#define FIXTURE_MS    INT64_C(1000)
#define FIXTURE_TASKS 64

struct fixture {
	struct run_view view;
	struct run_index index;
	struct reason_context context;
	struct task_record tasks[FIXTURE_TASKS];
	struct value outputs[FIXTURE_TASKS];
};

/* A running run of workflow "Demo", uid "u-1", that began two seconds ago. */
static inline void fixture_init(struct fixture *fixture,
				const char *const *names, size_t len)
{
	static const unsigned char random[10] = { 1, 2, 3, 4, 5 };
	struct activity_definition *activities =
	    alloc_zeroed(len, sizeof(*activities));

	memset(fixture, 0, sizeof(*fixture));
	for (size_t i = 0; i < len; i++) {
		activities[i].name = alloc_string(names[i]);
	}
	struct run_view *view = &fixture->view;

	view->definition = definition_make("Demo", activities, len, 0);
	view->activity_count = len;
	view->activities = alloc_zeroed(len, sizeof(*view->activities));
	for (size_t i = 0; i < len; i++) {
		view->activities[i].index = (uint32_t)i;
		view->activities[i].visit = 1;
	}
	view->tasks = fixture->tasks;
	view->outputs = fixture->outputs;
	view->attributes = value_map();
	view->stash = value_map();
	view->run = (struct run_record){
		.id = id_make(FIXTURE_NOW, random),
		.tenant = SLICE("default"),
		.uid = SLICE("u-1"),
		.workflow = SLICE("Demo"),
		.state = GROUP_RUNNING,
		.reason = REASON_TASKS_RUNNING,
		.activity_count = (uint32_t)len,
		.created_us = FIXTURE_NOW - 2000 * FIXTURE_MS,
		.started_us = FIXTURE_NOW - 2000 * FIXTURE_MS,
	};
	memcpy(view->run.version, view->definition->hash, DEFINITION_HASH_SIZE);
}

static inline void fixture_activity(struct fixture *fixture, size_t index,
				    enum group_state state, int64_t took_ms)
{
	struct activity_record *record = &fixture->view.activities[index];

	record->state = state;
	if (state != GROUP_PENDING) {
		record->started_us = FIXTURE_NOW - took_ms * FIXTURE_MS;
	}
	if (group_state_final(state)) {
		record->ended_us = FIXTURE_NOW;
	}
}

static inline void fixture_phase(struct fixture *fixture, size_t activity,
				 enum phase_kind phase, enum group_state state,
				 int64_t took_ms)
{
	struct phase_record *record =
	    &fixture->view.activities[activity].phases[phase];

	record->state = state;
	record->opened = true;
	record->started_us = FIXTURE_NOW - took_ms * FIXTURE_MS;
	if (group_state_final(state)) {
		record->ended_us = FIXTURE_NOW;
	}
}

/* The next task; counted in its phase. */
static inline struct task_record *
fixture_task(struct fixture *fixture, uint32_t activity, enum phase_kind phase,
	     const char *name, enum task_state state)
{
	uint32_t number = fixture->view.run.task_count++;
	struct task_record *task = &fixture->tasks[number];
	struct phase_record *record =
	    &fixture->view.activities[activity].phases[phase];

	*task = (struct task_record){
		.number = number,
		.activity = activity,
		.phase = phase,
		.state = state,
		.mandatory = true,
		.name = slice_of(name),
		.plugin = slice_of(name),
		.binding = NO_BINDING,
		.progress = -1,
		.created_us = FIXTURE_NOW - 1000 * FIXTURE_MS,
	};
	if (state != TASK_PENDING && state != TASK_SKIPPED) {
		task->attempt = 1;
		task->started_us = FIXTURE_NOW - 500 * FIXTURE_MS;
		task->instance = SLICE("in-process:1");
	}
	if (task_state_final(state)) {
		task->ended_us = FIXTURE_NOW;
	}
	fixture->view.task_count = fixture->view.run.task_count;
	record->opened = true;
	record->expected++;
	record->finished += task_state_final(state);
	return task;
}

/* After all tasks have been added. */
static inline const struct reason_context *
fixture_context(struct fixture *fixture)
{
	run_index_fini(&fixture->index);
	run_index_init(&fixture->index, &fixture->view);
	fixture->context = (struct reason_context){
		.run = &fixture->view,
		.index = &fixture->index,
		.daemon_alive = true,
		.now_us = FIXTURE_NOW,
	};
	return &fixture->context;
}

static inline void fixture_fini(struct fixture *fixture)
{
	run_index_fini(&fixture->index);
	definition_unref(fixture->view.definition);
	free(fixture->view.activities);
	value_clear(&fixture->view.attributes);
	value_clear(&fixture->view.input);
	value_clear(&fixture->view.stash);
	for (size_t i = 0; i < FIXTURE_TASKS; i++) {
		value_clear(&fixture->outputs[i]);
	}
}

#endif
