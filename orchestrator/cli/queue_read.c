/* Queues out of a store; see queue_book.h. */
#include "cli/queue_book.h"

static int add_queue(void *arg, const struct queue_record *queue)
{
	queue_book_add_queue(arg, queue);
	return 0;
}

static int add_message(void *arg, const struct message_record *message)
{
	queue_book_add_message(arg, message);
	return 0;
}

int queue_book_read_queues(struct queue_book *book, struct view *view,
			   struct err *reterr)
{
	return view_each_queue(view, add_queue, book, reterr);
}

int queue_book_read_messages(struct queue_book *book, struct view *view,
			     int64_t now_us, struct err *reterr)
{
	book->now_us = now_us;
	int rc = view_each_message(view, NULL, add_message, book, reterr);

	if (rc == 0) {
		queue_book_arrange(book);
	}
	return rc;
}

/* Names that are looked up for one picture: each may be in a run of its own. */
#define HEADS 100

static void read_name(struct queued *message, struct view *view,
		      const struct run_view *run)
{
	struct run_view *other = NULL;

	if (!id_equal(&message->run, &run->run.id)) {
		if (view_run(view, &message->run, &other, NULL)) {
			return;
		}
		run = other;
	}
	if (message->task < run->task_count) {
		message->name = slice_dup(run->tasks[message->task].name);
	}
	run_view_destroy(other);
}

void queue_book_read_heads(struct queue_book *book, struct view *view,
			   const struct run_view *run)
{
	size_t left = HEADS;

	for (size_t i = 0; i < run->task_count && left > 0; i++) {
		const struct task_record *task = &run->tasks[i];
		struct queue_sheet *sheet = queue_book_find(book, task->queue);
		const struct queued *message =
		    sheet ? queue_sheet_find(sheet, &run->run.id, task->number)
			  : NULL;

		if (message && message->head != message &&
		    !message->head->name) {
			read_name(
			    &sheet->messages[message->head - sheet->messages],
			    view, run);
			left--;
		}
	}
}
