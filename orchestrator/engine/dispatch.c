#include "engine/dispatch.h"

#include "engine/advance.h"
#include "engine/complete.h"
#include "engine/move.h"
#include "engine/scope.h"

void dispatch_look(struct engine *engine, struct plugin *plugin)
{
	if (!plugin->queued && plugin->first_ready && plugin->registered) {
		plugin->queued = true;
		plugin->next_queued = engine->queued;
		engine->queued = plugin;
	}
}

void dispatch_ready(struct engine *engine, struct task *task)
{
	struct plugin *plugin = task->plugin;
	enum reason reason =
	    plugin->registered ? REASON_NO_FREE_SLOT : REASON_NO_PLUGIN;

	if (task->ready) {
		return;
	}
	task->ready = true;
	task->next_ready = NULL;
	task->previous_ready = plugin->last_ready;
	if (plugin->last_ready) {
		plugin->last_ready->next_ready = task;
	} else {
		plugin->first_ready = task;
	}
	plugin->last_ready = task;
	if (task->record.reason != reason) {
		task->record.reason = reason;
		task_touch(engine, task);
	}
	dispatch_look(engine, plugin);
}

void dispatch_withdraw(struct task *task)
{
	struct plugin *plugin = task->plugin;

	if (!task->ready) {
		return;
	}
	if (task->previous_ready) {
		task->previous_ready->next_ready = task->next_ready;
	} else {
		plugin->first_ready = task->next_ready;
	}
	if (task->next_ready) {
		task->next_ready->previous_ready = task->previous_ready;
	} else {
		plugin->last_ready = task->previous_ready;
	}
	task->ready = false;
	task->next_ready = NULL;
	task->previous_ready = NULL;
}

void dispatch_release(struct engine *engine, struct task *task)
{
	if (task->held) {
		task->held = false;
		task->progress_pending = false;
		task->plugin->in_use--;
		dispatch_look(engine, task->plugin);
	}
}

/* What the expressions of its `with` bring is too big to be handed over. */
static void fail_undelivered(struct engine *engine, struct task *task,
			     const struct err *err)
{
	struct run *run = task->run;

	dispatch_release(engine, task);
	task_fail(engine, task, TASK_FAILED,
		  (struct cause){ .reason = REASON_TEMPLATE,
				  .message = slice_of(err->msg) });
	phase_settle(engine, run, task->record.activity, task->record.phase);
	run_advance(engine, run);
}

static void deliver(struct engine *engine, struct task *task)
{
	struct err err;
	struct blob *with = NULL;
	struct task_record *record = &task->record;
	bool woken = record->state == TASK_WAITING;
	bool again = record->state == TASK_RUNNING;

	if (!woken) {
		record->attempt++;
	}
	if (record->started_us == 0) {
		record->started_us = engine->now_us;
	}
	if (record->timeout_ms && !woken) {
		record->deadline_us =
		    engine->now_us + record->timeout_ms * 1000;
	}
	record->wake_us = 0;
	slice_own(&record->instance, slice_of(task->plugin->instance));
	task->held = true;
	task->plugin->in_use++;
	task_move(engine, task, TASK_RUNNING,
		  (struct cause){ .reason = woken   ? REASON_WOKEN
					    : again ? REASON_REDELIVERED
						    : REASON_IN_PLUGIN });
	timers_set(&engine->timers, task, record->deadline_us);
	phase_settle(engine, task->run, record->activity, record->phase);
	if (scope_with(task, &with, &err) < 0) {
		fail_undelivered(engine, task, &err);
		return;
	}
	output_effect(engine->out, &(struct effect){
				       .kind = EFFECT_DELIVER,
				       .run = task->run,
				       .task = task,
				       .attempt = record->attempt,
				       .with = with,
				       .outputs = scope_outputs(task->run),
				   });
}

void dispatch_all(struct engine *engine)
{
	while (engine->queued) {
		struct plugin *plugin = engine->queued;

		engine->queued = plugin->next_queued;
		plugin->queued = false;
		while (plugin->first_ready &&
		       plugin->in_use < plugin->max_tasks) {
			struct task *task = plugin->first_ready;

			dispatch_withdraw(task);
			deliver(engine, task);
		}
	}
}
