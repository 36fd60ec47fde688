#include "engine/runs.h"
#include "engine/cancel.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "engine/dispatch.h"
#include "engine/gate.h"
#include "engine/shared_text.h"

struct definition *run_definition(const struct run *run)
{
	return run->plan->definition;
}

struct activity_definition *run_activity_definition(const struct run *run,
						    uint32_t activity)
{
	return &run->plan->definition->activities[activity];
}

const struct binding *task_binding(const struct task *task)
{
	const struct task_record *record = &task->record;
	const struct phase_definition *phase =
	    &run_activity_definition(task->run, record->activity)
		 ->phases[record->phase];

	return record->binding < phase->len ? &phase->bindings[record->binding]
					    : NULL;
}

void task_name(struct task *task, struct slice name)
{
	struct task_record *record = &task->record;

	if (record->name.ptr == record->plugin.ptr) {
		record->name = (struct slice){ NULL, 0 };
	}
	if (slice_equal(name, record->plugin)) {
		slice_disown(&record->name);
		record->name = record->plugin;
	} else {
		slice_own(&record->name, name);
	}
}

void run_keep_superseded(struct run *run, struct task *tasks)
{
	alloc_grow(run->superseded, run->superseded_len, run->superseded_cap);
	run->superseded[run->superseded_len++] = tasks;
}

static void make_uid_key(struct buf *key, struct slice tenant,
			 struct slice workflow, struct slice uid)
{
	buf_put_slice(key, tenant);
	buf_put_byte(key, 0);
	buf_put_slice(key, workflow);
	buf_put_byte(key, 0);
	buf_put_slice(key, uid);
}

/* Tenant, workflow and uid stand in the key: nobody else keeps them. */
static void own_key(struct run *run, const struct run_record *record)
{
	struct slice *texts[] = { &run->record.tenant, &run->record.workflow,
				  &run->record.uid };
	struct buf key = { 0 };

	make_uid_key(&key, record->tenant, record->workflow, record->uid);
	run->uid_key_len = key.len;
	run->uid_key = slice_dup(buf_slice(&key));
	buf_fini(&key);
	const char *at = run->uid_key;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		texts[i]->ptr = at;
		at += texts[i]->len + 1;
	}
}

int runs_make(struct engine *engine, const struct run_record *record,
	      struct definition *definition, struct run **ret_run,
	      struct err *reterr)
{
	struct plan *plan;
	int rc = plan_acquire(&engine->plans, definition, &plan, reterr);

	if (rc < 0) {
		return rc;
	}
	struct run *run = alloc_zeroed(1, sizeof(*run));

	run->stored_state = -1;
	run->timer.owner = TIMER_RUN;
	run->deadline.owner = TIMER_DEADLINE;
	run->plan = plan;
	run->record = *record;
	run->record.message = (struct slice){ NULL, 0 };
	slice_own(&run->record.message, record->message);
	own_key(run, record);
	run->activities =
	    alloc_zeroed(definition->len, sizeof(*run->activities));
	for (size_t i = 0; i < definition->len; i++) {
		run->activities[i].record.index = (uint32_t)i;
		run->activities[i].record.visit = 1;
	}
	HASH_ADD(by_id, engine->runs, record.id, sizeof(struct id), run);
	HASH_ADD_KEYPTR(by_uid, engine->runs_by_uid, run->uid_key,
			run->uid_key_len, run);
	*ret_run = run;
	return 0;
}

static bool is_done_with(enum group_state state)
{
	return state == GROUP_SUCCEEDED || state == GROUP_DEGRADED ||
	       state == GROUP_SKIPPED;
}

void run_find_current(struct run *run)
{
	run->optional_failed = false;
	run->current = run->record.activity_count - 1;
	for (uint32_t a = run->record.activity_count; a-- > 0;) {
		enum group_state state = run->activities[a].record.state;

		run->optional_failed |= state == GROUP_DEGRADED;
		if (!is_done_with(state)) {
			run->current = a;
		}
	}
}

static void task_fini(struct engine *engine, struct task *task)
{
	dispatch_withdraw(task);
	dispatch_release(engine, task);
	timers_set(&engine->timers, &task->timer, 0);
	task_name(task, SLICE(""));
	slice_disown(&task->record.queue);
	shared_text_unref(&task->record.instance);
	slice_disown(&task->record.message);
	slice_disown(&task->record.note);
	blob_unref(task->output);
}

void runs_drop(struct engine *engine, struct run *run)
{
	for (uint32_t i = 0; i < run->record.task_count; i++) {
		/* What could not be restored has no task. */
		if (run->tasks[i]) {
			task_fini(engine, run->tasks[i]);
		}
	}
	for (size_t i = 0; i < run->superseded_len; i++) {
		free(run->superseded[i]);
	}
	free(run->superseded);
	for (uint32_t a = 0; a < run->record.activity_count; a++) {
		for (int p = 0; p < PHASE_KINDS; p++) {
			free(run->activities[a].phases[p].tasks);
		}
	}
	gate_leave(engine, run);
	timers_set(&engine->timers, &run->deadline, 0);
	catalog_unpin(&engine->catalog, run->pin);
	HASH_DELETE(by_id, engine->runs, run);
	HASH_DELETE(by_uid, engine->runs_by_uid, run);
	free(run->tasks);
	free(run->activities);
	free(run->uid_key);
	blob_unref(run->attributes);
	blob_unref(run->input);
	blob_unref(run->stash);
	blob_unref(run->outputs);
	value_clear(&run->scope);
	value_clear(&run->skips);
	slice_disown(&run->record.message);
	plan_release(&engine->plans, run->plan);
	free(run);
}

struct run *engine_run(const struct engine *engine, const struct id *id)
{
	struct run *run = NULL;

	HASH_FIND(by_id, engine->runs, id, sizeof(struct id), run);
	return run;
}

struct run *engine_run_by_uid(const struct engine *engine, struct slice tenant,
			      struct slice workflow, struct slice uid)
{
	struct buf key = { 0 };
	struct run *run = NULL;

	make_uid_key(&key, tenant, workflow, uid);
	HASH_FIND(by_uid, engine->runs_by_uid, key.data, key.len, run);
	buf_fini(&key);
	return run;
}

int runs_find_active(const struct engine *engine, const struct event *event,
		     struct run **ret_run, struct err *reterr)
{
	struct run *run = engine_run(engine, &event->run);

	if (!run) {
		char id[ID_TEXT_SIZE];

		id_format(&event->run, id);
		return err_set(reterr, E_NOT_FOUND, "run %s is not active", id);
	}
	if (group_state_final(run->record.state)) {
		return err_set(reterr, E_UNCHANGED, "the run has ended: %s",
			       group_state_name(run->record.state));
	}
	*ret_run = run;
	return 0;
}

struct run *engine_first_run(const struct engine *engine)
{
	return engine->runs;
}

size_t engine_run_count(const struct engine *engine)
{
	return HASH_CNT(by_id, engine->runs);
}

void engine_forget(struct engine *engine, struct run *run)
{
	cancel_forget_run(engine, run);
	runs_drop(engine, run);
}
