/* What a queue has to say about its messages. */
#include "engine/queue.h"

#include "base/buf.h"
#include "base/clock.h"
#include "engine/advance.h"
#include "engine/cancel.h"
#include "engine/complete.h"
#include "engine/dispatch.h"
#include "engine/pause.h"

/* The task that the event is about, if it still has that message. */
static struct task *find(const struct engine *engine, const struct event *event,
			 struct err *reterr)
{
	struct run *run = engine_run(engine, &event->run);
	uint32_t number = event->as.message.task;
	struct task *task =
	    run && number < run->record.task_count ? run->tasks[number] : NULL;

	if (!task || !task_is_queued(task) ||
	    task_state_final(task->record.state)) {
		(void)err_set(reterr, E_NOT_FOUND,
			      "the task of this message has ended");
		return NULL;
	}
	return task;
}

static struct instance *find_instance(const struct engine *engine,
				      const struct task *task, bool suspect)
{
	if (engine_free_slots(engine, task->record.plugin) == 0) {
		return NULL;
	}
	return suspect ? plugin_idle(task->plugin)
		       : plugin_least_loaded(task->plugin);
}

int queue_leased(struct engine *engine, const struct event *event,
		 struct err *reterr)
{
	struct task *task = find(engine, event, reterr);

	if (!task) {
		return E_NOT_FOUND;
	}
	if (task->instance) {
		return err_set(reterr, E_CONFLICT, "'%.*s' has it already",
			       SLICE_ARG(task->record.instance));
	}
	if (run_is_paused(engine, task->run)) {
		return err_set(reterr, E_UNCHANGED, "its run is paused");
	}
	bool suspect = task->record.deaths > 0;
	struct instance *instance = find_instance(engine, task, suspect);

	if (!instance) {
		return err_set(reterr, E_BUSY, "no instance of '%s' is free%s",
			       task->plugin->name,
			       suspect ? " of everything else" : "");
	}
	if (task->record.state == TASK_WAITING && task->record.wake_us) {
		/* The queue looked at the clock before the engine did. */
		task->record.wakes++;
	}
	dispatch_deliver(engine, task, instance);
	instance->alone = suspect;
	return 0;
}

static void say_expired(const struct task *task, struct buf *text)
{
	const struct plugin_queue *queue = task->plugin->queue;
	char visibility[CLOCK_TEXT_SIZE];

	buf_printf(text, "%.*s had the message and said nothing of it",
		   SLICE_ARG(task->record.instance));
	if (queue && queue->policy.visibility_ms) {
		duration_format(queue->policy.visibility_ms, visibility);
		buf_printf(text, " for %s", visibility);
	}
}

void queue_expired(struct engine *engine, const struct event *event)
{
	struct task *task = find(engine, event, NULL);
	struct buf text = { 0 };

	/* What was told to stop is given up when its grace is over. */
	if (!task || !task->instance || task->record.cancel_requested) {
		return;
	}
	say_expired(task, &text);
	cancel_tell(engine, task, REASON_LEASE_EXPIRED);
	cancel_give_up(engine, task,
		       (struct cause){ .reason = REASON_LEASE_EXPIRED,
				       .message = buf_slice(&text) });
	buf_fini(&text);
	phase_settle(engine, task->run, task->record.activity,
		     task->record.phase);
	run_advance(engine, task->run);
}

int queue_purged(struct engine *engine, const struct event *event,
		 struct err *reterr)
{
	struct task *task = find(engine, event, reterr);
	struct buf text = { 0 };

	if (!task) {
		return E_NOT_FOUND;
	}
	if (task->instance) {
		return err_set(reterr, E_CONFLICT, "'%.*s' has it",
			       SLICE_ARG(task->record.instance));
	}
	buf_printf(&text, "thrown out of queue '%.*s'",
		   SLICE_ARG(task->record.queue));
	dispatch_fail(engine, task,
		      (struct cause){ .reason = REASON_PURGED,
				      .actor = event->actor,
				      .message = buf_slice(&text) });
	buf_fini(&text);
	return 0;
}
