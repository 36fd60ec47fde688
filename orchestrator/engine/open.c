#include "engine/open.h"

#include "base/alloc.h"
#include "engine/advance.h"
#include "engine/runs.h"
#include "engine/skip.h"

void run_make_room(struct run *run, uint32_t count)
{
	if (count > run->task_cap) {
		run->tasks =
		    alloc_resize(run->tasks, count, sizeof(struct task *));
		for (uint32_t i = run->task_cap; i < count; i++) {
			run->tasks[i] = NULL;
		}
		run->task_cap = count;
	}
	if (count > run->record.task_count) {
		run->record.task_count = count;
	}
}

struct task *phase_make_tasks(struct run *run, uint32_t activity,
			      enum phase_kind kind, uint32_t first,
			      uint32_t count)
{
	struct phase *phase = &run->activities[activity].phases[kind];

	run_make_room(run, first + count);
	phase->first = first;
	run->activities[activity].record.phases[kind].first = first;
	phase->tasks = alloc_zeroed(count, sizeof(struct task));
	for (uint32_t i = 0; i < count; i++) {
		struct task *task = &phase->tasks[i];

		task->run = run;
		task->record.number = first + i;
		task->record.activity = activity;
		task->record.phase = kind;
		task->record.progress = -1;
		task->timer.owner = TIMER_TASK;
		run->tasks[first + i] = task;
	}
	return phase->tasks;
}

static void fill_task(struct engine *engine, struct task *task,
		      const struct member *member)
{
	struct task_record *record = &task->record;

	task->plugin = member->plugin ? member->plugin
				      : catalog_plugin(&engine->catalog,
						       member->plugin_name);
	task->run_on = member->run_on;
	record->binding = member->binding;
	record->mandatory = member->mandatory;
	record->timeout_ms = member->timeout_ms;
	record->created_us = engine->now_us;
	record->reason = REASON_EARLIER_TASK;
	record->plugin = slice_of(task->plugin->name);
	task_name(task, member->name);
	task_touch(engine, task);
}

static void make_members(struct engine *engine, struct run *run,
			 enum phase_kind kind, const struct members *members)
{
	struct phase *phase = &run->activities[run->current].phases[kind];
	uint32_t count = (uint32_t)members->len;
	struct task *tasks = phase_make_tasks(run, run->current, kind,
					      run->record.task_count, count);

	for (uint32_t i = 0; i < count; i++) {
		fill_task(engine, &tasks[i], &members->list[i]);
		phase->mandatory_open += members->list[i].mandatory;
	}
	phase->counts[TASK_PENDING] = count;
}

static bool must_not_be_empty(const struct run *run, enum phase_kind phase,
			      const struct members *members)
{
	return run_activity_definition(run, run->current)->fail_on_empty &&
	       (phase == PHASE_PARALLEL || members->candidates > 0);
}

/* The first phase that a run opens decides which generation it keeps. */
static void find_members(struct engine *engine, struct run *run,
			 enum phase_kind kind, enum situation situation,
			 struct members *ret_members)
{
	if (!run->pin) {
		run->pin = catalog_pin(&engine->catalog);
	}
	struct members_query query = {
		.catalog = &engine->catalog,
		.plan = run->plan,
		.activity = run->current,
		.phase = kind,
		.situation = situation,
		.generation = run->pin->generation,
		.attributes = blob_slice(run->attributes),
	};

	members_find(&query, ret_members);
}

bool phase_open(struct engine *engine, struct run *run, enum phase_kind kind,
		enum situation situation)
{
	struct phase_record *record =
	    &run->activities[run->current].record.phases[kind];
	struct phase *phase = &run->activities[run->current].phases[kind];
	struct members members;

	if (run->record.cancel_forced) {
		return false;
	}
	find_members(engine, run, kind, situation, &members);
	if (situation != SITUATION_WELL && members.len == 0) {
		members_fini(&members);
		return false;
	}
	record->opened = true;
	record->curtailed = situation != SITUATION_WELL;
	record->expected = (uint32_t)members.len;
	record->filtered = members.filtered;
	make_members(engine, run, kind, &members);
	record->mandatory_done = phase->mandatory_open == 0;
	run_touch(engine, run);
	activity_touch(engine, run, run->current);
	if (members.len == 0 && must_not_be_empty(run, kind, &members)) {
		phase_move(engine, run, run->current, kind, GROUP_FAILED,
			   REASON_EMPTY_PHASE);
	}
	members_fini(&members);
	skip_marked(engine, run, kind);
	phase_settle(engine, run, run->current, kind);
	return true;
}
