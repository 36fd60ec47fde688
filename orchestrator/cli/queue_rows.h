/*
 * Queues and messages as JSON documents, as docs/schemas/queue.schema.json
 * describes them, and the columns in which tables show them. One thread.
 */
#ifndef CLI_QUEUE_ROWS_H
#define CLI_QUEUE_ROWS_H

#include "cli/listing.h"
#include "cli/queue_wait.h"

/* Of `queue ls`. */
extern const struct column queue_columns[];

/* "running"; "paused" by an operator; "retiring": its plugin has another queue
 * now, or none, and it takes nothing new. */
const char *queue_state_name(const struct queue_scene *scene);

struct value queue_row(const struct queue_scene *scene);

/* Of messages that wait or are in hands, and of dead ones. */
extern const struct column queue_message_columns[];
extern const struct column queue_dead_columns[];

/* Reads what messages are about; keeps the run that was read last. */
struct queue_reader {
	struct view *view;
	const struct pause_list *pauses;
	int64_t now_us;
	struct run_view *run; /* or NULL */
};

enum queue_depth {
	QUEUE_RECORDS,
	QUEUE_DOCUMENTS, /* what its plugin gets, too */
};

void queue_reader_fini(struct queue_reader *reader);

/* The first messages in a state, at most `limit` (0: all), as rows; without
 * those that are gone by now. What cannot be read of them is null. */
void queue_add_messages(struct listing *listing, struct queue_reader *reader,
			const struct queue_sheet *sheet,
			enum message_state state, size_t limit,
			enum queue_depth depth);

#endif
