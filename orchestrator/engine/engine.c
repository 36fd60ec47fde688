#include "engine/engine.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "engine/advance.h"
#include "engine/cancel.h"
#include "engine/clock_step.h"
#include "engine/complete.h"
#include "engine/deadline.h"
#include "engine/dispatch.h"
#include "engine/give_back.h"
#include "engine/pause.h"
#include "engine/plugins.h"
#include "engine/queue.h"
#include "engine/restore.h"
#include "engine/runs.h"
#include "engine/skip.h"

struct engine *engine_create(const struct engine_options *options)
{
	struct engine *engine = alloc_zeroed(1, sizeof(*engine));

	engine->options = *options;
	return engine;
}

void engine_destroy(struct engine *engine)
{
	struct run *run;
	struct run *next;

	if (!engine) {
		return;
	}
	HASH_ITER(by_id, engine->runs, run, next)
	{
		runs_drop(engine, run);
	}
	while (engine->abandoned) {
		struct abandoned *gone = engine->abandoned;

		engine->abandoned = gone->next;
		free(gone);
	}
	plans_fini(&engine->plans);
	catalog_fini(&engine->catalog);
	timers_fini(&engine->timers);
	pauses_fini(&engine->pauses);
	free(engine);
}

bool engine_has_plugin(const struct engine *engine, struct slice name)
{
	const struct plugin *plugin = catalog_find(&engine->catalog, name);

	return plugin && plugin->registered;
}

void engine_hold(struct engine *engine)
{
	engine->on_hold = true;
}

int64_t engine_next_due(const struct engine *engine)
{
	const struct timer *timer = timers_first(&engine->timers);

	return timer ? timer->due_us : 0;
}

uint32_t engine_in_flight(const struct engine *engine, struct slice plugin,
			  struct slice name)
{
	const struct plugin *found = catalog_find(&engine->catalog, plugin);
	const struct instance *instance =
	    found ? plugin_instance(found, name) : NULL;

	return instance ? instance->in_use : 0;
}

static int start_run(struct engine *engine, const struct event *event,
		     struct err *reterr)
{
	struct definition *definition = event->as.start.definition;
	struct run_record record = {
		.id = event->run,
		.tenant = event->as.start.tenant,
		.uid = event->as.start.uid,
		.workflow = slice_of(definition->workflow),
		.state = GROUP_PENDING,
		.activity_count = (uint32_t)definition->len,
		.created_us = engine->now_us,
	};
	struct run *run;

	for (size_t i = 0; i < DEFINITION_HASH_SIZE; i++) {
		record.version[i] = definition->hash[i];
	}
	int rc = runs_make(engine, &record, definition, &run, reterr);

	if (rc < 0) {
		return rc;
	}
	engine->totals.started++;
	run->attributes = blob_ref(event->as.start.attributes);
	run->input = blob_ref(event->as.start.input);
	output_change(engine->out, run, CHANGE_CREATED, 0);
	for (uint32_t i = 0; i < record.activity_count; i++) {
		activity_touch(engine, run, i);
	}
	output_transition(engine->out, &record.id,
			  &(struct transition_record){
			      .time_us = engine->now_us,
			      .kind = OBJECT_RUN,
			      .from = -1,
			      .to = GROUP_PENDING,
			      .reason = REASON_STARTED,
			      .actor = event->actor,
			  });
	run_advance(engine, run);
	return 0;
}

/* A task that was parked, or had to wait for its next attempt, goes on, unless
 * nobody is left to go on with it. */
static void wake(struct engine *engine, struct task *task)
{
	struct task_record *record = &task->record;
	struct buf text = { 0 };

	record->wakes += record->state == TASK_WAITING;
	record->wake_us = 0;
	if (!task->plugin->removed) {
		deadline_arm_task(engine, task);
		task_touch(engine, task);
		dispatch_ready(engine, task);
		return;
	}
	buf_printf(&text, "plugin '%s' was removed while this task slept",
		   task->plugin->name);
	task_fail(engine, task, TASK_FAILED,
		  (struct cause){ .reason = REASON_REMOVED,
				  .message = buf_slice(&text) });
	buf_fini(&text);
}

static bool is_over(const struct engine *engine, int64_t time_us)
{
	return time_us && time_us <= engine->now_us;
}

/* What of a task has come due? */
static void task_due(struct engine *engine, struct task *task)
{
	struct run *run = task->run;
	struct task_record *record = &task->record;

	timers_set(&engine->timers, &task->timer, 0);
	if (task->progress_pending) {
		progress_write(engine, task);
		deadline_arm_task(engine, task);
		return;
	}
	if (record->cancel_requested) {
		cancel_abandon(engine, task);
	} else if (is_over(engine, record->deadline_us) ||
		   is_over(engine, record->expires_us)) {
		deadline_of_task(engine, task);
	} else if (is_over(engine, record->wake_us)) {
		wake(engine, task);
		if (task->ready) {
			return;
		}
	}
	phase_settle(engine, run, record->activity, record->phase);
	run_advance(engine, run);
}

static void time_passed(struct engine *engine)
{
	struct timer *timer;

	while ((timer = timers_first(&engine->timers)) &&
	       timer->due_us <= engine->now_us) {
		if (timer->owner == TIMER_TASK) {
			task_due(engine, timer_task(timer));
		} else if (timer->owner == TIMER_DEADLINE) {
			deadline_of_run(engine, timer_run(timer));
		} else {
			timers_set(&engine->timers, timer, 0);
			run_advance(engine, timer_run(timer));
		}
	}
}

static int handle(struct engine *engine, struct event *event,
		  struct err *reterr)
{
	struct run *run = NULL;
	int rc;

	switch (event->kind) {
	case EVENT_PLUGIN:
		return plugin_registered(engine, event, reterr);
	case EVENT_REMOVE:
		return plugin_removed(engine, event, reterr);
	case EVENT_QUARANTINE:
		return plugin_quarantined(engine, event, reterr);
	case EVENT_INSTANCE:
		return instance_joined(engine, event, reterr);
	case EVENT_DRAIN:
		return instance_drained(engine, event, reterr);
	case EVENT_GONE:
		return instance_gone(engine, event, reterr);
	case EVENT_RETURNED:
		task_returned(engine, event);
		return 0;
	case EVENT_EXPECT:
		plugins_expected(engine, event);
		return 0;
	case EVENT_START:
		return start_run(engine, event, reterr);
	case EVENT_RESTORE:
		return restore_run(engine, event, reterr);
	case EVENT_COMPLETED:
		task_completed(engine, event);
		return 0;
	case EVENT_PROGRESS:
		task_progressed(engine, event);
		return 0;
	case EVENT_LEASED:
		return queue_leased(engine, event, reterr);
	case EVENT_EXPIRED:
		queue_expired(engine, event);
		return 0;
	case EVENT_PURGED:
		return queue_purged(engine, event, reterr);
	case EVENT_CANCEL:
		rc = runs_find_active(engine, event, &run, reterr);
		return rc ? rc : cancel_run(engine, run, event->actor, reterr);
	case EVENT_SKIP:
		rc = runs_find_active(engine, event, &run, reterr);
		return rc ? rc : skip_tasks(engine, run, event, reterr);
	case EVENT_PAUSE:
		return pause_begin(engine, event, reterr);
	case EVENT_RESUME:
		return pause_end(engine, event, reterr);
	case EVENT_CLOCK:
		clock_stepped(engine, event);
		return 0;
	case EVENT_TIME:
		time_passed(engine);
		return 0;
	}
	return E_INVALID;
}

int engine_step(struct engine *engine, struct event *event, int64_t now_us,
		struct output *out, struct err *reterr)
{
	engine->now_us = now_us;
	engine->out = out;
	int rc = handle(engine, event, reterr);

	if (!engine->on_hold) {
		dispatch_all(engine);
	}
	engine->out = NULL;
	return rc;
}
