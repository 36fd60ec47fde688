/*
 * The queues of a store and how much is in them; of those that are looked at
 * closely, the messages too, in the order in which they would be handed out.
 * One thread. Pure, but for what reads a view:
 *
 *	queue_book_read_queues(&book, view, &error)
 *	queue_book_find(&book, name)->keeps = QUEUE_KEEPS_OPEN;
 *	queue_book_read_messages(&book, view, now_us, &error)
 */
#ifndef CLI_QUEUE_BOOK_H
#define CLI_QUEUE_BOOK_H

#include "model/queue.h"
#include "store/view.h"

/* What a queue keeps of the messages that are counted. Those that wait are put
 * in order only when those in hands are there too. */
#define QUEUE_KEEPS_NONE 0u
#define QUEUE_KEEPS_OPEN (1u << MESSAGE_WAITING | 1u << MESSAGE_LEASED)
#define QUEUE_KEEPS_DEAD (1u << MESSAGE_DEAD)
#define QUEUE_KEEPS_ALL  (QUEUE_KEEPS_OPEN | QUEUE_KEEPS_DEAD)

/* A message without what only few want to see. */
struct queued {
	struct id run;
	uint32_t task;
	enum message_state state;
	int priority;
	uint64_t place;
	char *group; /* owned; NULL: it stands alone */
	char *name;  /* of the task; NULL: nobody looked it up */
	int64_t visible_us;
	int64_t dead_us;
	/* Of those that wait, from 1; 0: it does not. */
	size_t position;
	/* The first of its group, which all others of it wait for; itself when
	 * that is it, or it stands alone, or is dead. */
	const struct queued *head;
};

struct queue_sheet {
	char *name;
	char *plugin;
	char *paused_by; /* NULL: nobody has */
	int64_t paused_us;
	struct queue_policy policy;
	size_t waiting; /* those of the next three among them */
	size_t delayed; /* until their time */
	size_t aside;   /* found to be of paused runs */
	size_t behind;  /* others of their group; only of those kept */
	size_t leased;
	size_t dead;
	int64_t oldest_us;       /* of the waiting: the first to have entered */
	unsigned keeps;          /* bits of message states: those are kept */
	struct queued *messages; /* by run and task */
	size_t len;
	size_t cap;
	/* All of them: those leased, those waiting as they would be handed out,
	 * those dead as they died. */
	const struct queued **order;
};

struct queue_book {
	struct queue_sheet *sheets; /* by name */
	size_t len;
	size_t cap;
	int64_t now_us;
};

void queue_book_fini(struct queue_book *book);

/* NULL: there is none of that name. Valid until a queue is added. */
struct queue_sheet *queue_book_find(const struct queue_book *book,
				    struct slice name);

/* A queue; its policy is the default where it cannot be read. */
void queue_book_add_queue(struct queue_book *book,
			  const struct queue_record *queue);

/* Count it, and keep it if its queue does. */
void queue_book_add_message(struct queue_book *book,
			    const struct message_record *message);

/* After all messages: find the order of those that are kept. */
void queue_book_arrange(struct queue_book *book);

/* What view_each_queue() and view_each_message() return. */
int queue_book_read_queues(struct queue_book *book, struct view *view,
			   struct err *reterr);
int queue_book_read_messages(struct queue_book *book, struct view *view,
			     int64_t now_us, struct err *reterr);

/* Look up the tasks that those of the run wait for in their groups; a name that
 * is not to be had is left out. */
void queue_book_read_heads(struct queue_book *book, struct view *view,
			   const struct run_view *run);

/* E_NOT_FOUND with a sentence, with "did you mean" where it helps. */
int queue_book_no_queue(const struct queue_book *book, struct slice name,
			struct err *reterr);

/* The task's message, if it is kept, or NULL. */
const struct queued *queue_sheet_find(const struct queue_sheet *sheet,
				      const struct id *run, uint32_t task);

#endif
