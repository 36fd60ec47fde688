#include "daemon/deliver.h"

#include <string.h>

#include "base/alloc.h"
#include "bridge/bridge.h"
#include "daemon/metrics.h"
#include "daemon/registrations.h"

/* Quick plugins are called at once when there are no more tasks than that. */
#define FEW 32

static struct host_key key_of(const struct effect *effect)
{
	return (struct host_key){
		.run = effect->run->record.id,
		.number = effect->task->record.number,
		.attempt = effect->attempt,
	};
}

/* A task that cannot be handed over has failed, like any other. */
static void refuse(struct daemon *daemon, const struct host_key *key,
		   const struct err *err)
{
	struct message *message = alloc_zeroed(1, sizeof(*message));

	message->kind = MESSAGE_COMPLETION;
	message->as.completion.key = *key;
	message->as.completion.outcome = TUTTI_FAILED;
	message->as.completion.message = alloc_string(err->msg);
	inbox_post(&daemon->inbox, message);
}

/* It never reaches whom it was meant for: the version has been replaced in this
 * very turn, or the task has been taken back. Had it been given up, too, its
 * slot is free only now. */
static void give_back(struct daemon *daemon, const struct host_key *key)
{
	struct message *message = alloc_zeroed(1, sizeof(*message));

	message->kind = MESSAGE_COMPLETION;
	message->as.completion.key = *key;
	message->as.completion.never_called = true;
	inbox_post(&daemon->inbox, message);
}

static bool is_replaced(const struct daemon *daemon,
			const struct effect *effect)
{
	const struct task_record *record = &effect->task->record;
	const struct registration *registration =
	    registration_find(daemon, record->plugin);

	return !registration || !registration->inside ||
	       !slice_is(effect->instance, registration->inside);
}

static struct slice activity_of(const struct effect *effect)
{
	return slice_of(
	    run_activity_definition(effect->run, effect->task->record.activity)
		->name);
}

static void deliver_here(struct daemon *daemon, const struct effect *effect)
{
	const struct run *run = effect->run;
	const struct task_record *record = &effect->task->record;
	struct host_task task = {
		.key = key_of(effect),
		.wakes = effect->wakes,
		.phase = (int32_t)record->phase,
		.uid = run->record.uid,
		.tenant = run->record.tenant,
		.workflow = run->record.workflow,
		.activity = activity_of(effect),
		.plugin = record->plugin,
		.name = record->name,
		.attributes = run->attributes,
		.input = run->input,
		.stash = effect->stash,
		.outputs = effect->outputs,
		.with = effect->with,
		.deadline_us = effect->deadline_us,
		.at_once = daemon->few_effects,
	};
	struct err err = { 0 };

	daemon->awaited++;
	metrics_task_delivered(daemon->metrics, effect->task);
	if (host_deliver(daemon->host, &task, &err) < 0) {
		refuse(daemon, &task.key, &err);
	}
}

static struct wire_key wire_key_of(const struct effect *effect)
{
	return (struct wire_key){
		.run = effect->run->record.id,
		.task = effect->task->record.number,
		.attempt = effect->attempt,
		.wakes = effect->wakes,
	};
}

static void deliver_there(struct daemon *daemon, const struct effect *effect)
{
	const struct run *run = effect->run;
	const struct task_record *record = &effect->task->record;
	struct link_task task = {
		.key = wire_key_of(effect),
		.instance = effect->instance,
		.plugin = record->plugin,
		.name = record->name,
		.uid = run->record.uid,
		.tenant = run->record.tenant,
		.workflow = run->record.workflow,
		.activity = activity_of(effect),
		.phase = (int)record->phase,
		.attributes = run->attributes,
		.input = run->input,
		.stash = effect->stash,
		.outputs = effect->outputs,
		.with = effect->with,
		.deadline_us = effect->deadline_us,
	};

	daemon->awaited++;
	daemon->awaits_there = true;
	metrics_task_delivered(daemon->metrics, effect->task);
	link_deliver(daemon->link, &task);
}

/* Is it a thread of this process that gets the task? */
static bool is_here(const struct effect *effect)
{
	return slice_starts_with(effect->instance, SLICE(INSIDE_PREFIX));
}

/* Taken back since, in the same commit or the next; a later effect may have
 * its new attempt. */
static bool is_outdated(const struct effect *effect)
{
	const struct task_record *record = &effect->task->record;

	return record->attempt != effect->attempt ||
	       record->wakes != effect->wakes || record->state != TASK_RUNNING;
}

static void hand_over(struct daemon *daemon, const struct effect *effect)
{
	if (is_here(effect)) {
		deliver_here(daemon, effect);
	} else if (daemon->link) {
		deliver_there(daemon, effect);
	}
}

/* With the documents of its message. */
static void hand_over_message(struct daemon *daemon,
			      const struct effect *effect)
{
	struct message_key message = {
		.run = effect->run->record.id,
		.task = effect->task->record.number,
	};
	struct host_key key = key_of(effect);
	struct effect filled = *effect;
	struct blob *parts[MESSAGE_PARTS] = { 0 };
	struct err err = { 0 };

	if (bridge_parts(daemon->bridge, &message, parts, &err) < 0) {
		refuse(daemon, &key, &err);
		return;
	}
	filled.stash = parts[MESSAGE_STASH];
	filled.outputs = parts[MESSAGE_OUTPUTS];
	filled.with = parts[MESSAGE_WITH];
	hand_over(daemon, &filled);
	for (int i = 0; i < MESSAGE_PARTS; i++) {
		blob_unref(parts[i]);
	}
}

static void deliver(struct daemon *daemon, const struct effect *effect)
{
	/* While draining: it is recorded as running and will be delivered at
	 * the next start. */
	if (daemon->draining) {
		return;
	}
	if (is_outdated(effect) ||
	    (is_here(effect) && is_replaced(daemon, effect))) {
		struct host_key key = key_of(effect);

		give_back(daemon, &key);
	} else if (effect->queued) {
		hand_over_message(daemon, effect);
	} else {
		hand_over(daemon, effect);
	}
}

static void tell(struct daemon *daemon, const struct effect *effect)
{
	struct host_key key = key_of(effect);
	struct wire_key wire_key = wire_key_of(effect);
	char instance[WIRE_INSTANCE_MAX + 1];
	struct slice name = effect->instance;

	if (is_here(effect)) {
		host_cancel(daemon->host, &key,
			    effect->timed_out ? TUTTI_TIMED_OUT
					      : TUTTI_CANCELLED);
	} else if (daemon->link && name.len < sizeof(instance)) {
		memcpy(instance, name.ptr, name.len);
		instance[name.len] = 0;
		link_cancel(daemon->link, instance, &wire_key,
			    effect->timed_out);
	}
}

static void carry_out(struct daemon *daemon, const struct effect *effect)
{
	switch (effect->kind) {
	case EFFECT_DELIVER:
		deliver(daemon, effect);
		break;
	case EFFECT_TELL:
		tell(daemon, effect);
		break;
	}
}

/* Of many another thread takes its share. */
static void begin(struct daemon *daemon, size_t effects)
{
	daemon->few_effects = effects <= FEW;
	host_hold_wakes(daemon->host);
}

void deliver_effects(struct daemon *daemon, const struct output *output)
{
	begin(daemon, output->effect_count);
	for (size_t i = 0; i < output->effect_count; i++) {
		if (!output->effects[i].left) {
			carry_out(daemon, &output->effects[i]);
		}
	}
	host_wake(daemon->host);
	if (daemon->link) {
		link_flush(daemon->link);
	}
}

void deliver_inside(struct daemon *daemon, struct output *output)
{
	size_t i;

	begin(daemon, output->effect_count - output->looked_at);
	/* Those of former turns have left already, or are not for inside. */
	for (i = output->looked_at; i < output->effect_count; i++) {
		struct effect *effect = &output->effects[i];

		/* A message is read from the store, where it must be first. */
		if (is_here(effect) && !effect->queued) {
			carry_out(daemon, effect);
			effect->left = true;
		}
	}
	output->looked_at = i;
	host_wake(daemon->host);
}

static void completed(void *arg, const struct host_completion *completion)
{
	struct daemon *daemon = arg;
	struct message *message = alloc_zeroed(1, sizeof(*message));

	message->kind = MESSAGE_COMPLETION;
	message->as.completion = *completion;
	inbox_post(&daemon->inbox, message);
}

static void progressed(void *arg, const struct host_key *key, double fraction,
		       struct slice note)
{
	struct daemon *daemon = arg;
	struct message *message = alloc_zeroed(1, sizeof(*message));

	message->kind = MESSAGE_PROGRESS;
	message->as.progress = (struct progress_report){
		.key = *key,
		.fraction = fraction,
		.note = slice_dup(note),
	};
	inbox_post(&daemon->inbox, message);
}

static void logged(void *arg, const struct host_key *key, struct slice plugin,
		   struct slice task, enum log_level level, struct slice text)
{
	struct daemon *daemon = arg;

	plugin_log_write(daemon->plugin_log,
			 &(struct plugin_log_line){
			     .level = level,
			     .plugin = plugin,
			     .stream = "log",
			     .run = task.len ? &key->run : NULL,
			     .task = task,
			     .text = text,
			 });
}

struct host_callbacks deliver_callbacks(struct daemon *daemon)
{
	return (struct host_callbacks){
		.arg = daemon,
		.completed = completed,
		.progressed = progressed,
		.logged = logged,
	};
}
