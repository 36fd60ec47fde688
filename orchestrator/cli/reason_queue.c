/* Sentences about tasks that wait in a queue; see reason.h. */
#include <inttypes.h>

#include "cli/queue_wait.h"
#include "cli/reason.h"
#include "cli/text.h"

/* NULL: nothing is known of the queue. */
static const struct queue_sheet *sheet_of(const struct reason_context *context,
					  const struct task_record *task)
{
	return context->queues ? queue_book_find(context->queues, task->queue)
			       : NULL;
}

static struct queue_scene scene_of(const struct reason_context *context,
				   const struct queue_sheet *sheet)
{
	return (struct queue_scene){
		.sheet = sheet,
		.registry = context->registry,
		.daemon_alive = context->daemon_alive,
		.now_us = context->now_us,
	};
}

static void put_behind(struct buf *out, const struct reason_context *context,
		       const struct queued *message)
{
	const struct queued *head = message->head;
	char id[ID_TEXT_SIZE];

	id_format(&head->run, id);
	buf_put_text(out, "behind ");
	if (head->name) {
		buf_printf(out, "task '%s'", head->name);
	} else {
		buf_put_text(out, "a task");
	}
	if (id_equal(&head->run, &context->run->run.id)) {
		buf_put_text(out, " of this run");
	} else {
		buf_printf(out, " of run %s", id);
	}
	buf_printf(out, " in its group '%s'%s", message->group,
		   head->state == MESSAGE_LEASED ? ", which is at work" : "");
}

static void put_cause(struct buf *out, const struct reason_context *context,
		      const struct queue_sheet *sheet,
		      const struct queued *message)
{
	struct queue_scene scene = scene_of(context, sheet);
	enum queue_wait held = queue_held_by(&scene);
	enum queue_wait wait = queue_wait_of(&scene);

	if (held != QUEUE_WAIT_NOTHING) {
		queue_wait_put(out, &scene, held);
	} else if (message->visible_us == QUEUE_ASIDE) {
		buf_put_text(out, "put aside, its run was paused");
	} else if (message->visible_us > context->now_us) {
		buf_put_text(out, "delayed until ");
		text_put_when(out, message->visible_us, context->now_us);
	} else if (message->head != message) {
		put_behind(out, context, message);
	} else if (wait == QUEUE_WAIT_NOTHING && message->position > 1) {
		buf_put_text(out, "those before it come first");
	} else {
		queue_wait_put(out, &scene, wait);
	}
}

static void put_place(struct buf *out, const struct reason_context *context,
		      const struct task_record *task)
{
	const struct queue_sheet *sheet = sheet_of(context, task);
	const struct queued *message =
	    sheet ? queue_sheet_find(sheet, &context->run->run.id, task->number)
		  : NULL;

	if (message && message->state == MESSAGE_WAITING) {
		buf_printf(out, ", number %zu of %zu", message->position,
			   sheet->waiting);
	}
	if (context->paused.scope) {
		buf_put_text(out, ", ");
		reason_put_held_back(out, context);
	} else if (message && message->state == MESSAGE_WAITING) {
		buf_put_text(out, ": ");
		put_cause(out, context, sheet, message);
	} else {
		buf_put_text(out, ", not taken yet");
	}
}

/* What became of it when it was in somebody's hands last. */
static void put_before(struct buf *out, const struct task_record *task)
{
	const char *what = task->reason == REASON_INSTANCE_LOST
			       ? "; the instance that had it was lost"
			   : task->reason == REASON_RETURNED
			       ? "; it was given back before it was begun"
			   : task->failures > 0 ? "; the last one"
						: "";

	if (*what && task->message.len) {
		buf_printf(out, "%s: %.*s", what, SLICE_ARG(task->message));
	} else if (task->failures == 0) {
		buf_put_text(out, what);
	}
}

void reason_put_queued(struct buf *out, const struct reason_context *context,
		       const struct task_record *task)
{
	struct slice queue = task->queue.len ? task->queue : task->plugin;

	buf_printf(out, "in queue '%.*s'", SLICE_ARG(queue));
	if (task->failures > 0) {
		buf_printf(out, " for attempt %" PRIu32 " of %" PRIu32,
			   task->failures + 1,
			   reason_attempts_allowed(context, task));
	}
	put_place(out, context, task);
	put_before(out, task);
}

void reason_put_queue_held(struct buf *out,
			   const struct reason_context *context,
			   const struct task_record *task)
{
	const struct queue_sheet *sheet = sheet_of(context, task);
	struct queue_scene scene = scene_of(context, sheet);

	enum queue_wait held =
	    sheet ? queue_held_by(&scene) : QUEUE_WAIT_NOTHING;

	if (held != QUEUE_WAIT_NOTHING) {
		buf_put_text(out, "; the queue: ");
		queue_wait_put(out, &scene, held);
	}
}
