#include "cli/queue_book.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/near.h"
#include "document/json.h"

static void fini_sheet(struct queue_sheet *sheet)
{
	for (size_t i = 0; i < sheet->len; i++) {
		free(sheet->messages[i].group);
		free(sheet->messages[i].name);
	}
	free(sheet->messages);
	free(sheet->order);
	free(sheet->name);
	free(sheet->plugin);
	free(sheet->paused_by);
	queue_policy_fini(&sheet->policy);
}

void queue_book_fini(struct queue_book *book)
{
	for (size_t i = 0; i < book->len; i++) {
		fini_sheet(&book->sheets[i]);
	}
	free(book->sheets);
	*book = (struct queue_book){ 0 };
}

/* Where a queue of that name is, or belongs. */
static size_t find_place(const struct queue_book *book, struct slice name)
{
	size_t low = 0;
	size_t high = book->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (slice_compare(slice_of(book->sheets[middle].name), name) <
		    0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

struct queue_sheet *queue_book_find(const struct queue_book *book,
				    struct slice name)
{
	size_t at = find_place(book, name);

	return at < book->len && slice_is(name, book->sheets[at].name)
		   ? &book->sheets[at]
		   : NULL;
}

static struct queue_sheet *add_sheet(struct queue_book *book, struct slice name,
				     struct slice plugin)
{
	size_t at = find_place(book, name);

	alloc_grow(book->sheets, book->len, book->cap);
	memmove(&book->sheets[at + 1], &book->sheets[at],
		(book->len - at) * sizeof(*book->sheets));
	book->len++;
	book->sheets[at] = (struct queue_sheet){
		.name = slice_dup(name),
		.plugin = slice_dup(plugin),
		.policy = queue_policy_default(),
	};
	return &book->sheets[at];
}

static void read_policy(struct queue_sheet *sheet, struct slice json)
{
	struct queue_policy policy;
	struct value map;

	if (json_read(json, NULL, &map, NULL)) {
		return;
	}
	if (queue_policy_from_value(&map, &policy, NULL) == 0) {
		queue_policy_fini(&sheet->policy);
		sheet->policy = policy;
	}
	value_clear(&map);
}

void queue_book_add_queue(struct queue_book *book,
			  const struct queue_record *queue)
{
	struct queue_sheet *sheet = add_sheet(book, queue->name, queue->plugin);

	if (queue->paused_by.len) {
		sheet->paused_by = slice_dup(queue->paused_by);
		sheet->paused_us = queue->paused_us;
	}
	read_policy(sheet, queue->policy);
}

static void count(const struct queue_book *book, struct queue_sheet *sheet,
		  const struct message_record *message)
{
	bool aside = message->visible_us == QUEUE_ASIDE;

	switch (message->state) {
	case MESSAGE_WAITING:
		sheet->waiting++;
		sheet->aside += aside;
		sheet->delayed += !aside && message->visible_us > book->now_us;
		sheet->oldest_us =
		    clock_earlier(sheet->oldest_us, message->entered_us);
		break;
	case MESSAGE_LEASED:
		sheet->leased++;
		break;
	default:
		sheet->dead++;
	}
}

static void keep(struct queue_sheet *sheet,
		 const struct message_record *message)
{
	alloc_grow(sheet->messages, sheet->len, sheet->cap);
	sheet->messages[sheet->len++] = (struct queued){
		.run = message->run,
		.task = message->task,
		.state = message->state,
		.priority = message->priority,
		.place = message->place,
		.group = message->group.len ? slice_dup(message->group) : NULL,
		.visible_us = message->visible_us,
		.dead_us = message->dead_us,
	};
}

void queue_book_add_message(struct queue_book *book,
			    const struct message_record *message)
{
	struct queue_sheet *sheet = queue_book_find(book, message->queue);

	if (!sheet) {
		sheet = add_sheet(book, message->queue, message->plugin);
	}
	count(book, sheet, message);
	if (sheet->keeps & 1u << message->state) {
		keep(sheet, message);
	}
}

int queue_book_no_queue(const struct queue_book *book, struct slice name,
			struct err *reterr)
{
	struct near near = { 0 };

	for (size_t i = 0; i < book->len; i++) {
		near_try(&near, name, book->sheets[i].name);
	}
	if (near.best) {
		return err_set(reterr, E_NOT_FOUND,
			       "there is no queue '%.*s'; did you mean '%s'?",
			       SLICE_ARG(name), near.best);
	}
	return err_set(reterr, E_NOT_FOUND,
		       "there is no queue '%.*s'; 'tutti queue ls' lists them",
		       SLICE_ARG(name));
}

const struct queued *queue_sheet_find(const struct queue_sheet *sheet,
				      const struct id *run, uint32_t task)
{
	size_t low = 0;
	size_t high = sheet->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct queued *it = &sheet->messages[middle];
		int side = id_compare(&it->run, run);

		if (side == 0 && it->task == task) {
			return it;
		}
		if (side < 0 || (side == 0 && it->task < task)) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return NULL;
}
