#include "engine/queue.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "engine/advance.h"
#include "engine/deadline.h"
#include "engine/dispatch.h"
#include "engine/group.h"
#include "engine/scope.h"

/* ---- the plugin's side ---- */

static void destroy(struct plugin_queue *queue)
{
	if (queue) {
		expression_destroy(queue->fifo);
		expression_destroy(queue->priority);
		queue_policy_fini(&queue->policy);
		free(queue->name);
		free(queue);
	}
}

void queue_fini(struct plugin *plugin)
{
	destroy(plugin->queue);
	plugin->queue = NULL;
}

static int compile(const char *text, struct expression **ret_expression,
		   struct err *reterr)
{
	return text ? expression_compile(slice_of(text), ret_expression, NULL,
					 reterr)
		    : 0;
}

int queue_set(struct plugin *plugin, const struct queue_policy *policy,
	      struct err *reterr)
{
	struct plugin_queue *queue = NULL;
	int rc = 0;

	if (policy) {
		queue = alloc_zeroed(1, sizeof(*queue));
		queue->policy = queue_policy_copy(policy);
		queue->name = slice_dup(
		    queue_policy_name(policy, slice_of(plugin->name)));
		rc = compile(policy->fifo_key, &queue->fifo, reterr);
	}
	if (policy && rc == 0) {
		rc = compile(policy->priority_key, &queue->priority, reterr);
	}
	if (rc < 0) {
		destroy(queue);
		return rc;
	}
	queue_fini(plugin);
	plugin->queue = queue;
	plugin->fed |= queue != NULL;
	return 0;
}

void queue_hungry(struct engine *engine, struct plugin *plugin)
{
	if (plugin->fed && !plugin->hungry) {
		plugin->hungry = true;
		plugin->next_hungry = engine->hungry;
		engine->hungry = plugin;
	}
}

const char *engine_next_hungry(struct engine *engine)
{
	struct plugin *plugin = engine->hungry;

	if (!plugin) {
		return NULL;
	}
	engine->hungry = plugin->next_hungry;
	plugin->hungry = false;
	return plugin->name;
}

static bool may_be_given_tasks(const struct engine *engine,
			       const struct plugin *plugin)
{
	return !engine->on_hold && plugin->registered && !plugin->quarantined;
}

uint32_t engine_free_slots(const struct engine *engine, struct slice name)
{
	const struct plugin *plugin = catalog_find(&engine->catalog, name);
	uint32_t count = 0;

	if (!plugin || !may_be_given_tasks(engine, plugin)) {
		return 0;
	}
	for (const struct instance *instance = plugin->instances; instance;
	     instance = instance->next) {
		count += instance_free_slots(instance);
	}
	return count;
}

bool engine_holds_failed(const struct engine *engine, struct slice name,
			 struct slice instance)
{
	const struct plugin *plugin = catalog_find(&engine->catalog, name);
	const struct instance *at =
	    plugin ? plugin_instance(plugin, instance) : NULL;
	const struct task *task = at ? at->held.first : NULL;

	while (task && !(task_is_queued(task) && task->record.failures)) {
		task = task->next;
	}
	return task != NULL;
}

/* ---- orders ---- */

static void order(struct engine *engine, const struct task *task,
		  struct queue_order wanted)
{
	wanted.run = task->run->record.id;
	wanted.task = task->record.number;
	wanted.queue = task->record.queue;
	wanted.plugin = task->record.plugin;
	output_order(engine->out, &wanted);
}

void queue_nack(struct engine *engine, const struct task *task,
		int64_t visible_us, struct slice error)
{
	order(engine, task,
	      (struct queue_order){ .kind = QUEUE_NACK,
				    .visible_us = visible_us,
				    .error = error });
}

void queue_extend(struct engine *engine, const struct task *task)
{
	order(engine, task, (struct queue_order){ .kind = QUEUE_EXTEND });
}

void queue_leave(struct engine *engine, const struct task *task)
{
	const struct task_record *record = &task->record;
	bool dead = record->reason == REASON_DEAD_LETTER;

	order(engine, task,
	      (struct queue_order){ .kind = dead ? QUEUE_BURY : QUEUE_ACK,
				    .error =
					dead ? record->message : SLICE("") });
}

void queue_forget(struct engine *engine, struct task *task)
{
	if (task->record.reason == REASON_DEAD_LETTER) {
		order(engine, task, (struct queue_order){ .kind = QUEUE_ACK });
	}
	slice_own(&task->record.queue, SLICE(""));
}

/* ---- a task ---- */

bool task_is_queued(const struct task *task)
{
	return task->record.queue.len > 0;
}

const struct retry_policy *queue_retry(const struct task *task)
{
	/* Of a plugin that has its queue no more. */
	static const struct retry_policy usual = {
		.attempts = QUEUE_ATTEMPTS,
		.backoff_ms = RETRY_BACKOFF_MS,
		.factor = RETRY_FACTOR,
		.max_ms = RETRY_MAX_MS,
	};
	const struct plugin_queue *queue = task->plugin->queue;

	return queue ? &queue->policy.retry : &usual;
}

static void put(struct engine *engine, struct task *task, struct blob *with)
{
	const struct plugin_queue *queue = task->plugin->queue;
	struct blob *outputs = scope_outputs(task->run);
	struct buf group = { 0 };

	if (queue->fifo) {
		group_text(queue->fifo, scope_document(task->run), &group);
	}
	slice_own(&task->record.queue, slice_of(queue->name));
	order(engine, task,
	      (struct queue_order){
		  .kind = QUEUE_PUT,
		  .group = buf_slice(&group),
		  .priority = queue->priority
				  ? group_priority(queue->priority,
						   scope_document(task->run))
				  : queue->policy.priority,
		  .stash = task->run->stash,
		  .outputs = outputs,
		  .with = with,
	      });
	blob_unref(outputs);
	buf_fini(&group);
}

void queue_enter(struct engine *engine, struct task *task)
{
	struct task_record *record = &task->record;
	struct blob *with = NULL;
	struct err err = { 0 };

	if (scope_with(task, &with, &err) < 0) {
		dispatch_fail(engine, task,
			      (struct cause){ .reason = REASON_TEMPLATE,
					      .message = slice_of(err.msg) });
		return;
	}
	put(engine, task, with);
	blob_unref(with);
	/* Time in a queue does not count. */
	record->deadline_us = 0;
	task_move(engine, task, TASK_QUEUED,
		  (struct cause){ .reason = REASON_IN_QUEUE });
	deadline_arm_task(engine, task);
	phase_settle(engine, task->run, record->activity, record->phase);
}

void queue_give_back(struct engine *engine, struct task *task,
		     struct cause cause)
{
	task->record.deadline_us = 0;
	task_move(engine, task, TASK_QUEUED, cause);
	queue_nack(engine, task, 0, cause.message);
	deadline_arm_task(engine, task);
}

/* It was in hands when the orchestrator ended. */
static void admit_lost(struct engine *engine, struct task *task)
{
	struct task_record *record = &task->record;
	struct slice message = record->message.len
				   ? record->message
				   : SLICE("the orchestrator ended");

	queue_give_back(engine, task,
			(struct cause){ .reason = REASON_INSTANCE_LOST,
					.message = message });
	phase_settle(engine, task->run, record->activity, record->phase);
}

void queue_resume(struct engine *engine, struct task *task)
{
	enum task_state state = task->record.state;

	if (state == TASK_RUNNING) {
		admit_lost(engine, task);
		return;
	}
	if (state == TASK_WAITING || state == TASK_RETRYING) {
		task_move(engine, task, TASK_QUEUED,
			  (struct cause){ .reason = state == TASK_WAITING
							? REASON_WOKEN
							: REASON_RETRY,
					  .message = task->record.message });
		phase_settle(engine, task->run, task->record.activity,
			     task->record.phase);
	}
	order(engine, task, (struct queue_order){ .kind = QUEUE_EXPOSE });
}
