/* Messages as rows; see queue_rows.h. */
#include <string.h>

#include "cli/json_run.h"
#include "cli/queue_rows.h"
#include "document/pack.h"

/* What is taken out of the record, which is gone after the call. */
struct taking {
	const struct queued *message;
	struct value *row;
	int64_t now_us;
	bool found;
	unsigned char parts[MESSAGE_PARTS][DEFINITION_HASH_SIZE];
};

static void set_record(struct value *row, const struct message_record *record,
		       int64_t now_us)
{
	bool waits = record->state == MESSAGE_WAITING;
	bool aside = record->visible_us == QUEUE_ASIDE;
	bool leased = record->state == MESSAGE_LEASED;

	value_set(row, "state", value_text(message_state_name(record->state)));
	value_set(row, "queue", value_string(record->queue));
	value_set(row, "plugin", value_string(record->plugin));
	value_set(row, "group", json_text(record->group));
	value_set(row, "priority", value_int(record->priority));
	value_set(row, "place", value_uint(record->place));
	value_set(row, "deliveries", value_int(record->deliveries));
	value_set(row, "entered_at", json_time(record->entered_us));
	value_set(row, "visible_at",
		  json_time(waits && !aside && record->visible_us > now_us
				? record->visible_us
				: 0));
	value_set(row, "leased_at", json_time(record->leased_us));
	value_set(row, "lease_until",
		  json_time(leased ? record->lease_until_us : 0));
	value_set(row, "dead_at", json_time(record->dead_us));
	value_set(row, "error", json_text(record->error));
}

static int take(void *arg, const struct message_record *record)
{
	struct taking *taking = arg;

	if (record->task != taking->message->task) {
		return 0;
	}
	set_record(taking->row, record, taking->now_us);
	memcpy(taking->parts, record->parts, sizeof(taking->parts));
	taking->found = true;
	return 1;
}

static const struct run_view *run_of(struct queue_reader *reader,
				     const struct id *id)
{
	if (reader->run && id_equal(&reader->run->run.id, id)) {
		return reader->run;
	}
	run_view_destroy(reader->run);
	reader->run = NULL;
	if (view_run(reader->view, id, &reader->run, NULL)) {
		reader->run = NULL;
	}
	return reader->run;
}

/* "Step1/parallel/ocr" */
static struct value json_path(const struct run_view *run,
			      const struct task_record *task)
{
	struct buf path = { 0 };

	buf_printf(&path, "%s/%s/%.*s", run_activity_name(run, task->activity),
		   phase_kind_name(task->phase), SLICE_ARG(task->name));
	struct value value = value_string(buf_slice(&path));

	buf_fini(&path);
	return value;
}

static const struct task_record *task_of(const struct run_view *run,
					 uint32_t number)
{
	return run && number < run->task_count ? &run->tasks[number] : NULL;
}

static void set_task(struct value *row, const struct run_view *run,
		     const struct task_record *task)
{
	value_set(
	    row, "activity",
	    value_text(task ? run_activity_name(run, task->activity) : NULL));
	value_set(row, "phase",
		  value_text(task ? phase_kind_name(task->phase) : NULL));
	value_set(row, "task", task ? value_string(task->name) : value_null());
	value_set(row, "path", task ? json_path(run, task) : value_null());
	value_set(row, "failures",
		  task ? value_int(task->failures) : value_null());
	value_set(row, "instance",
		  task && task->state == TASK_RUNNING
		      ? json_text(task->instance)
		      : value_null());
}

static void set_run(struct value *row, const struct queue_reader *reader,
		    const struct run_view *run)
{
	bool paused =
	    run && paused_of(&run->run, reader->pauses, NULL).scope != NULL;

	value_set(row, "workflow",
		  run ? value_string(run->run.workflow) : value_null());
	value_set(row, "uid", run ? value_string(run->run.uid) : value_null());
	value_set(row, "tenant",
		  run ? value_string(run->run.tenant) : value_null());
	value_set(row, "paused", value_bool(paused));
}

static bool is_none(const unsigned char hash[DEFINITION_HASH_SIZE])
{
	static const unsigned char none[DEFINITION_HASH_SIZE];

	return memcmp(hash, none, sizeof(none)) == 0;
}

static struct value read_part(struct queue_reader *reader, const struct id *run,
			      const unsigned char hash[DEFINITION_HASH_SIZE])
{
	struct value value = value_null();
	struct blob *part;

	if (!is_none(hash) &&
	    view_part(reader->view, run, hash, &part, NULL) == 0) {
		if (pack_read(blob_slice(part), NULL, &value, NULL)) {
			value = value_null();
		}
		blob_unref(part);
	}
	return value;
}

static void set_documents(struct value *row, struct queue_reader *reader,
			  const struct taking *taking,
			  const struct run_view *run)
{
	static const char *const names[MESSAGE_PARTS] = {
		[MESSAGE_STASH] = "stash",
		[MESSAGE_OUTPUTS] = "outputs",
		[MESSAGE_WITH] = "with",
	};

	value_set(row, "attributes",
		  run ? value_copy(&run->attributes) : value_null());
	value_set(row, "input", run ? value_copy(&run->input) : value_null());
	for (size_t i = 0; i < MESSAGE_PARTS; i++) {
		value_set(
		    row, names[i],
		    read_part(reader, &taking->message->run, taking->parts[i]));
	}
}

/* Null when it is gone. */
static struct value message_row(struct queue_reader *reader,
				const struct queued *message,
				enum queue_depth depth)
{
	const struct run_view *run = run_of(reader, &message->run);
	struct value row = value_map();
	struct taking taking = {
		.message = message,
		.row = &row,
		.now_us = reader->now_us,
	};

	value_set(&row, "position",
		  message->position ? value_int((int64_t)message->position)
				    : value_null());
	value_set(&row, "run", json_id(&message->run));
	set_run(&row, reader, run);
	set_task(&row, run, task_of(run, message->task));
	(void)view_each_message(reader->view, &message->run, take, &taking,
				NULL);
	if (!taking.found) {
		value_clear(&row);
	} else if (depth == QUEUE_DOCUMENTS) {
		set_documents(&row, reader, &taking, run);
	}
	return row;
}

void queue_reader_fini(struct queue_reader *reader)
{
	run_view_destroy(reader->run);
	reader->run = NULL;
}

void queue_add_messages(struct listing *listing, struct queue_reader *reader,
			const struct queue_sheet *sheet,
			enum message_state state, size_t limit,
			enum queue_depth depth)
{
	size_t count = 0;

	for (size_t i = 0; i < sheet->len && (!limit || count < limit); i++) {
		struct value row;

		if (sheet->order[i]->state != state) {
			continue;
		}
		row = message_row(reader, sheet->order[i], depth);
		if (row.type != VALUE_NULL) {
			listing_add(listing, row);
			count++;
		}
	}
}
