#include "cli/json_run.h"

#include "base/clock.h"

struct value json_time(int64_t wall_us)
{
	char text[CLOCK_TEXT_SIZE];

	if (!wall_us) {
		return value_null();
	}
	clock_format(wall_us, text);
	return value_text(text);
}

struct value json_text(struct slice text)
{
	return text.len ? value_string(text) : value_null();
}

struct value json_reason(enum reason reason)
{
	return json_text(slice_of(reason_name(reason)));
}

struct value json_id(const struct id *id)
{
	char text[ID_TEXT_SIZE];

	id_format(id, text);
	return value_text(text);
}

/* Both forms of a reason; plain success has neither. Empties `sentence`. */
static void set_reason(struct value *map, enum reason reason, bool success,
		       struct buf *sentence)
{
	value_set(map, "reason", json_reason(reason));
	value_set(map, "reason_text",
		  success ? value_null() : value_string(buf_slice(sentence)));
	buf_fini(sentence);
}

static struct value map_or_empty(const struct value *document)
{
	return document->type == VALUE_MAP ? value_copy(document) : value_map();
}

static struct value progress(const struct task_record *task)
{
	struct value map;

	if (task->progress < 0 && !task->note.len) {
		return value_null();
	}
	map = value_map();
	value_set(&map, "fraction",
		  task->progress < 0 ? value_null()
				     : value_double(task->progress));
	value_set(&map, "note", json_text(task->note));
	return map;
}

static struct value json_task(const struct reason_context *context,
			      const struct task_record *task)
{
	const struct value *output = &context->run->outputs[task->number];
	struct value map = value_map();
	struct buf sentence = { 0 };

	value_set(&map, "name", value_string(task->name));
	value_set(&map, "plugin", value_string(task->plugin));
	value_set(&map, "queue", json_text(task->queue));
	value_set(&map, "member", value_null());
	value_set(&map, "mandatory", value_bool(task->mandatory));
	value_set(&map, "state", value_text(task_state_name(task->state)));
	reason_put_task(&sentence, context, task);
	set_reason(&map, reason_of_task(context, task),
		   task->state == TASK_SUCCEEDED, &sentence);
	value_set(&map, "attempt", value_int(task->attempt));
	value_set(&map, "failures", value_int(task->failures));
	value_set(&map, "attempts_allowed",
		  value_int(reason_attempts_allowed(context, task)));
	value_set(&map, "wakes", value_int(task->wakes));
	value_set(&map, "instance", json_text(task->instance));
	value_set(&map, "message", json_text(task->message));
	value_set(&map, "progress", progress(task));
	value_set(&map, "created_at", json_time(task->created_us));
	value_set(&map, "started_at", json_time(task->started_us));
	value_set(&map, "ended_at", json_time(task->ended_us));
	value_set(&map, "wake_at", json_time(task->wake_us));
	value_set(&map, "next_attempt_at",
		  json_time(task->state == TASK_RETRYING ? task->wake_us : 0));
	value_set(&map, "deadline_at", json_time(task->deadline_us));
	value_set(&map, "expires_at", json_time(task->expires_us));
	value_set(&map, "output", value_copy(output));
	return map;
}

static struct value json_phase(const struct reason_context *context,
			       size_t activity, enum phase_kind phase)
{
	const struct phase_record *record =
	    &context->run->activities[activity].phases[phase];
	struct task_list list =
	    run_index_phase(context->index, activity, phase);
	struct value map = value_map();
	struct value tasks = value_array();
	struct buf sentence = { 0 };

	value_set(&map, "state", value_text(group_state_name(record->state)));
	reason_put_phase(&sentence, context, activity, phase);
	set_reason(&map, reason_of_phase(context, activity, phase),
		   record->state == GROUP_SUCCEEDED, &sentence);
	value_set(&map, "mandatory_done",
		  value_bool(record->opened && record->mandatory_done));
	value_set(&map, "expected", value_int(record->expected));
	value_set(&map, "finished", value_int(record->finished));
	value_set(&map, "filtered", value_int(record->filtered));
	value_set(&map, "started_at", json_time(record->started_us));
	value_set(&map, "ended_at", json_time(record->ended_us));
	for (size_t i = 0; i < list.len; i++) {
		value_push(&tasks, json_task(context, list.tasks[i]));
	}
	value_set(&map, "tasks", tasks);
	return map;
}

static struct value json_activity(const struct reason_context *context,
				  size_t index)
{
	const struct activity_record *record = &context->run->activities[index];
	struct value map = value_map();
	struct buf sentence = { 0 };

	value_set(&map, "name",
		  value_text(run_activity_name(context->run, index)));
	value_set(&map, "state", value_text(group_state_name(record->state)));
	reason_put_activity(&sentence, context, index);
	set_reason(&map, reason_of_activity(context, index),
		   record->state == GROUP_SUCCEEDED, &sentence);
	value_set(&map, "visit", value_int(record->visit));
	value_set(&map, "started_at", json_time(record->started_us));
	value_set(&map, "ended_at", json_time(record->ended_us));
	value_set(&map, "deadline_at", json_time(record->deadline_us));
	for (int p = 0; p < PHASE_KINDS; p++) {
		value_set(&map, phase_kind_name((enum phase_kind)p),
			  json_phase(context, index, (enum phase_kind)p));
	}
	return map;
}

/* What whole runs and lists begin with. */
static void set_names(struct value *map, const struct run_record *run)
{
	char version[DEFINITION_VERSION_SIZE];

	definition_version(run->version, version);
	value_set(map, "id", json_id(&run->id));
	value_set(map, "tenant", value_string(run->tenant));
	value_set(map, "uid", value_string(run->uid));
	value_set(map, "workflow", value_string(run->workflow));
	value_set(map, "version", value_text(version));
	value_set(map, "state", value_text(group_state_name(run->state)));
}

static void set_times(struct value *map, const struct run_record *run)
{
	value_set(map, "created_at", json_time(run->created_us));
	value_set(map, "started_at", json_time(run->started_us));
	value_set(map, "ended_at", json_time(run->ended_us));
}

struct value json_run_summary(const struct run_record *run)
{
	struct value map = value_map();

	set_names(&map, run);
	value_set(&map, "reason", json_reason(reason_of_run(run)));
	value_set(&map, "message", json_text(run->message));
	set_times(&map, run);
	value_set(&map, "tasks", value_int(run->task_count));
	return map;
}

struct value json_run(const struct reason_context *context)
{
	const struct run_view *run = context->run;
	struct value map = value_map();
	struct value activities = value_array();
	struct buf sentence = { 0 };

	set_names(&map, &run->run);
	reason_put_run(&sentence, context);
	set_reason(&map, reason_of_run(&run->run),
		   run->run.state == GROUP_SUCCEEDED, &sentence);
	value_set(&map, "message", json_text(run->run.message));
	value_set(&map, "cancel_requested",
		  value_bool(run->run.cancel_requested));
	value_set(&map, "paused", paused_to_value(&context->paused));
	value_set(&map, "resumes", value_int(run->run.resumes));
	set_times(&map, &run->run);
	value_set(&map, "deadline_at", json_time(run->run.deadline_us));
	value_set(&map, "attributes", map_or_empty(&run->attributes));
	value_set(&map, "input", value_copy(&run->input));
	value_set(&map, "stash", map_or_empty(&run->stash));
	value_set(&map, "outputs", run_view_outputs(run));
	for (size_t i = 0; i < run->activity_count; i++) {
		value_push(&activities, json_activity(context, i));
	}
	value_set(&map, "activities", activities);
	return map;
}
