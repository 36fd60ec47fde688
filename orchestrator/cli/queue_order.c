/* In which order the messages of a queue are handed out; see queue_book.h. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/queue_book.h"

/* What decides; those before it in its group hold a message back. */
struct rank {
	int64_t from_us; /* 0: now */
	int priority;
	uint64_t place;
};

struct ranked {
	struct queued *message;
	struct rank rank;
};

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int section(enum message_state state)
{
	return state == MESSAGE_LEASED ? 0 : state == MESSAGE_WAITING ? 1 : 2;
}

static int compare_keys(const void *a, const void *b)
{
	const struct queued *first = a;
	const struct queued *second = b;
	int side = id_compare(&first->run, &second->run);

	return side ? side : compare_numbers(first->task, second->task);
}

static int compare_groups(const void *a, const void *b)
{
	const struct queued *first = ((const struct ranked *)a)->message;
	const struct queued *second = ((const struct ranked *)b)->message;
	int side = 0;

	if (first->group && second->group) {
		side = strcmp(first->group, second->group);
	} else if (first->group || second->group) {
		side = first->group ? 1 : -1;
	}
	/* Whatever is in a consumer's hands was the first of its group. */
	side = side ? side : section(first->state) - section(second->state);
	return side ? side : compare_numbers(first->place, second->place);
}

static int compare_ranks(const struct rank *a, const struct rank *b)
{
	if (a->from_us != b->from_us) {
		return a->from_us < b->from_us ? -1 : 1;
	}
	if (a->priority != b->priority) {
		return a->priority > b->priority ? -1 : 1;
	}
	return compare_numbers(a->place, b->place);
}

static int compare_turns(const void *a, const void *b)
{
	const struct ranked *first = a;
	const struct ranked *second = b;
	int side =
	    section(first->message->state) - section(second->message->state);

	side = side ? side : compare_ranks(&first->rank, &second->rank);
	return side ? side
		    : compare_numbers(first->message->place,
				      second->message->place);
}

static struct rank rank_of(const struct queued *message, int64_t now_us)
{
	struct rank rank = {
		.from_us =
		    message->visible_us > now_us ? message->visible_us : 0,
		.priority = message->priority,
		.place = message->place,
	};

	/* Leased and dead ones are not about to be handed out. */
	if (message->state != MESSAGE_WAITING) {
		rank.from_us = message->dead_us;
		rank.priority = 0;
	}
	return rank;
}

/* `all` is sorted by groups: a message comes after those before it in its own,
 * however urgent it is. */
static void hold_back(struct ranked *all, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		struct queued *message = all[i].message;
		struct ranked *before = i ? &all[i - 1] : NULL;

		message->head = message;
		if (message->state == MESSAGE_DEAD || !before ||
		    !message->group || !before->message->group ||
		    before->message->state == MESSAGE_DEAD ||
		    strcmp(message->group, before->message->group) != 0) {
			continue;
		}
		message->head = before->message->head;
		if (before->message->state == MESSAGE_WAITING &&
		    compare_ranks(&all[i].rank, &before->rank) < 0) {
			all[i].rank = before->rank;
		}
	}
}

static void set_turns(struct queue_sheet *sheet, const struct ranked *all,
		      int64_t now_us)
{
	size_t position = 0;

	sheet->order = alloc_zeroed(sheet->len, sizeof(struct queued *));
	for (size_t i = 0; i < sheet->len; i++) {
		struct queued *message = all[i].message;

		sheet->order[i] = message;
		if (message->state == MESSAGE_WAITING) {
			message->position = ++position;
			sheet->behind += message->head != message &&
					 message->visible_us <= now_us;
		}
	}
}

static void arrange(struct queue_sheet *sheet, int64_t now_us)
{
	struct ranked *all = alloc_zeroed(sheet->len, sizeof(*all));

	qsort(sheet->messages, sheet->len, sizeof(*sheet->messages),
	      compare_keys);
	for (size_t i = 0; i < sheet->len; i++) {
		all[i].message = &sheet->messages[i];
		all[i].rank = rank_of(all[i].message, now_us);
	}
	qsort(all, sheet->len, sizeof(*all), compare_groups);
	hold_back(all, sheet->len);
	qsort(all, sheet->len, sizeof(*all), compare_turns);
	set_turns(sheet, all, now_us);
	free(all);
}

void queue_book_arrange(struct queue_book *book)
{
	for (size_t i = 0; i < book->len; i++) {
		struct queue_sheet *sheet = &book->sheets[i];

		if (sheet->len > 0 && !sheet->order) {
			arrange(sheet, book->now_us);
		}
	}
}
