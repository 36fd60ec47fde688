#include "engine/dispatch.h"

#include "engine/advance.h"
#include "engine/complete.h"
#include "engine/deadline.h"
#include "engine/move.h"
#include "engine/pause.h"
#include "engine/queue.h"
#include "engine/scope.h"
#include "engine/shared_text.h"
#include "engine/task_list.h"

void dispatch_look(struct engine *engine, struct plugin *plugin)
{
	queue_hungry(engine, plugin);
	if (!plugin->queued && plugin->ready.first &&
	    (plugin->registered || plugin->quarantined)) {
		plugin->queued = true;
		plugin->next_queued = engine->queued;
		engine->queued = plugin;
	}
}

static enum reason what_blocks(const struct plugin *plugin)
{
	if (!plugin->registered) {
		return REASON_NO_PLUGIN;
	}
	return plugin_is_live(plugin) ? REASON_NO_FREE_SLOT
				      : REASON_NO_INSTANCE;
}

static void set_deadline(struct engine *engine, struct task *task,
			 int64_t deadline_us)
{
	task->record.deadline_us = deadline_us;
	deadline_arm_task(engine, task);
	task_touch(engine, task);
}

/* In hands when the orchestrator ended, and nobody is there to take it over. */
static void admit_lost(struct engine *engine, struct task *task)
{
	struct task_record *record = &task->record;
	struct slice message = record->message.len
				   ? record->message
				   : SLICE("the orchestrator ended");

	task_move(engine, task, TASK_PENDING,
		  (struct cause){ .reason = REASON_INSTANCE_LOST,
				  .message = message });
	phase_settle(engine, task->run, record->activity, record->phase);
	set_deadline(engine, task, 0);
}

/*
 * Why a ready task waits. Time in which nobody is there who could take it
 * counts against its timeout; time in which all are busy does not.
 */
static void tell_why(struct engine *engine, struct task *task)
{
	struct task_record *record = &task->record;
	bool alone = task->plugin->blocked != REASON_NO_FREE_SLOT;

	if (record->state == TASK_RUNNING && alone) {
		admit_lost(engine, task);
	}
	if (record->reason != task->plugin->blocked) {
		record->reason = task->plugin->blocked;
		task_touch(engine, task);
	}
	if (record->state == TASK_WAITING || record->timeout_ms == 0) {
		return;
	}
	if (alone && record->deadline_us == 0) {
		set_deadline(engine, task,
			     deadline_after(engine, record->timeout_ms));
	} else if (!alone && record->deadline_us) {
		set_deadline(engine, task, 0);
	}
}

/* Its run is paused, so it stands in no queue. */
static void keep_out(struct engine *engine, struct task *task)
{
	struct task_record *record = &task->record;

	if (record->state == TASK_RUNNING) {
		admit_lost(engine, task);
	}
	if (record->state != TASK_WAITING && record->deadline_us) {
		/* Time in which nobody could take it does not count. */
		set_deadline(engine, task, 0);
	}
	if (record->reason != REASON_PAUSED) {
		record->reason = REASON_PAUSED;
		task_touch(engine, task);
	}
}

/* It stands in a queue, and its run may be paused. */
static bool stays_there(const struct engine *engine, const struct task *task)
{
	return task->record.state == TASK_QUEUED &&
	       run_is_paused(engine, task->run);
}

void dispatch_ready(struct engine *engine, struct task *task)
{
	if (task_is_queued(task) && (task->record.state == TASK_RUNNING ||
				     !run_is_paused(engine, task->run))) {
		queue_resume(engine, task);
		return;
	}
	if (stays_there(engine, task)) {
		return;
	}
	if (run_is_paused(engine, task->run)) {
		keep_out(engine, task);
		return;
	}
	if (!task->ready) {
		task->ready = true;
		task_list_append(&task->plugin->ready, task);
		tell_why(engine, task);
		dispatch_look(engine, task->plugin);
	}
}

void dispatch_first(struct engine *engine, struct task *task)
{
	if (run_is_paused(engine, task->run)) {
		keep_out(engine, task);
		return;
	}
	if (!task->ready) {
		task->ready = true;
		task_list_prepend(&task->plugin->ready, task);
		tell_why(engine, task);
		dispatch_look(engine, task->plugin);
	}
}

void dispatch_withdraw(struct task *task)
{
	if (task->ready) {
		task->ready = false;
		task_list_remove(&task->plugin->ready, task);
	}
}

void dispatch_changed(struct engine *engine, struct plugin *plugin)
{
	enum reason blocked = what_blocks(plugin);

	if (blocked != plugin->blocked) {
		plugin->blocked = blocked;
		for (struct task *task = plugin->ready.first; task;
		     task = task->next) {
			tell_why(engine, task);
		}
	}
	dispatch_look(engine, plugin);
}

static void take_in_hand(struct instance *instance, struct task *task)
{
	task->instance = instance;
	task_list_append(&instance->held, task);
	instance->in_use++;
	shared_text_unref(&task->record.instance);
	task->record.instance = shared_text_ref(instance->name);
}

void dispatch_release(struct engine *engine, struct task *task)
{
	struct instance *instance = task->instance;

	if (instance) {
		task_list_remove(&instance->held, task);
		instance->in_use--;
		instance->alone = false;
		task->instance = NULL;
		task->progress_pending = false;
		dispatch_look(engine, task->plugin);
	}
}

void dispatch_fail(struct engine *engine, struct task *task, struct cause cause)
{
	struct run *run = task->run;

	task_fail(engine, task, TASK_FAILED, cause);
	phase_settle(engine, run, task->record.activity, task->record.phase);
	run_advance(engine, run);
}

static enum reason delivery_reason(const struct task_record *record)
{
	if (record->state == TASK_WAITING ||
	    (record->state == TASK_QUEUED && record->reason == REASON_WOKEN)) {
		return REASON_WOKEN;
	}
	/* Of the latter its clock was stopped: an operator wants it again. */
	if (record->state == TASK_RETRYING ||
	    (record->state == TASK_QUEUED && record->reason == REASON_RETRY) ||
	    (record->attempt && record->started_us == 0)) {
		return REASON_RETRY;
	}
	return record->attempt ? REASON_REDELIVERED : REASON_IN_PLUGIN;
}

/* Its first attempt begins. */
static void start_clock(struct engine *engine, struct task *task)
{
	const struct binding *binding = task_binding(task);

	task->record.started_us = engine->now_us;
	if (binding) {
		task->record.expires_us =
		    deadline_after(engine, binding->deadline_ms);
	}
}

void dispatch_deliver(struct engine *engine, struct task *task,
		      struct instance *instance)
{
	struct err err;
	struct blob *with = NULL;
	struct task_record *record = &task->record;
	enum reason reason = delivery_reason(record);
	bool restored = record->state == TASK_RUNNING;

	if (reason != REASON_WOKEN) {
		record->attempt++;
		record->deadline_us =
		    deadline_after(engine, record->timeout_ms);
	}
	if (record->started_us == 0) {
		start_clock(engine, task);
	}
	record->wake_us = 0;
	take_in_hand(instance, task);
	/* What the message of a restored task says is why it comes again. */
	task_move(engine, task, TASK_RUNNING,
		  (struct cause){ .reason = reason,
				  .message =
				      restored ? record->message : SLICE("") });
	deadline_arm_task(engine, task);
	phase_settle(engine, task->run, record->activity, record->phase);
	bool queued = task_is_queued(task);

	if (!queued && scope_with(task, &with, &err) < 0) {
		/* What its expressions bring is too big to be handed over. */
		dispatch_release(engine, task);
		dispatch_fail(engine, task,
			      (struct cause){ .reason = REASON_TEMPLATE,
					      .message = slice_of(err.msg) });
		return;
	}
	output_effect(engine->out,
		      &(struct effect){
			  .kind = EFFECT_DELIVER,
			  .run = task->run,
			  .task = task,
			  .queued = queued,
			  .with = with,
			  .outputs = queued ? NULL : scope_outputs(task->run),
		      });
}

static void empty_queue(struct engine *engine, struct plugin *plugin)
{
	while (plugin->ready.first) {
		struct task *task = plugin->ready.first;
		struct instance *instance = plugin_least_loaded(plugin);

		if (plugin->queue) {
			dispatch_withdraw(task);
			queue_enter(engine, task);
		} else if (plugin->quarantined) {
			dispatch_fail(
			    engine, task,
			    (struct cause){ .reason = REASON_QUARANTINED,
					    .message =
						slice_of(plugin->quarantine) });
		} else if (instance && plugin->registered) {
			dispatch_withdraw(task);
			dispatch_deliver(engine, task, instance);
		} else {
			break;
		}
	}
}

void dispatch_all(struct engine *engine)
{
	while (engine->queued) {
		struct plugin *plugin = engine->queued;

		engine->queued = plugin->next_queued;
		plugin->queued = false;
		empty_queue(engine, plugin);
	}
}
