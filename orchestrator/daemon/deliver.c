#include "daemon/deliver.h"

#include "base/alloc.h"

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

static void deliver(struct daemon *daemon, const struct effect *effect)
{
	const struct run *run = effect->run;
	const struct task_record *record = &effect->task->record;
	struct host_task task = {
		.key = key_of(effect),
		.wakes = record->wakes,
		.phase = (int32_t)record->phase,
		.uid = run->record.uid,
		.tenant = run->record.tenant,
		.workflow = run->record.workflow,
		.activity = slice_of(
		    run_activity_definition(run, record->activity)->name),
		.plugin = record->plugin,
		.name = record->name,
		.attributes = run->attributes,
		.input = run->input,
		.stash = run->stash,
		.outputs = effect->outputs,
		.with = effect->with,
		.deadline_us = record->deadline_us,
	};
	struct err err = { 0 };

	/* It is recorded as running and will be delivered at the next start. */
	if (daemon->draining) {
		return;
	}
	if (host_deliver(daemon->host, &task, &err) < 0) {
		refuse(daemon, &task.key, &err);
	}
}

void deliver_effects(struct daemon *daemon)
{
	for (size_t i = 0; i < daemon->output.effect_count; i++) {
		const struct effect *effect = &daemon->output.effects[i];
		struct host_key key = key_of(effect);

		switch (effect->kind) {
		case EFFECT_DELIVER:
			deliver(daemon, effect);
			break;
		case EFFECT_TELL:
			host_cancel(daemon->host, &key,
				    effect->timed_out ? TUTTI_TIMED_OUT
						      : TUTTI_CANCELLED);
			break;
		}
	}
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
	char run[ID_TEXT_SIZE];
	struct buf line = { 0 };

	(void)arg;
	if (task.len) {
		id_format(&key->run, run);
		buf_printf(&line, "run=%s task=", run);
		log_put_quoted(&line, task);
		buf_put_byte(&line, ' ');
	}
	buf_put_text(&line, "plugin=");
	log_put_quoted(&line, plugin);
	buf_put_text(&line, " msg=");
	log_put_quoted(&line, text);
	log_line(level, "%.*s", SLICE_ARG(buf_slice(&line)));
	buf_fini(&line);
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
