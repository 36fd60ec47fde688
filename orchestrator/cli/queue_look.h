/*
 * What the verbs about queues look at: the store, all its queues, and what is
 * known of their plugins. On the caller's memory. One thread.
 */
#ifndef CLI_QUEUE_LOOK_H
#define CLI_QUEUE_LOOK_H

#include "cli/place.h"
#include "cli/queue_rows.h"
#include "cli/registry.h"

struct queue_look {
	struct looking looking;
	struct queue_book book;
	struct registry registry;
	struct pause_list pauses;
	struct queue_sheet *sheet; /* the one that was named, or NULL */
};

/* All are counted, and of the queue `name` (or NULL) messages kept as `keeps`
 * says. Failures are told; returns an exit code. */
int queue_look_open(const struct cli *cli, const char *name, unsigned keeps,
		    struct queue_look *look);
void queue_look_close(struct queue_look *look);

struct queue_scene queue_look_scene(const struct queue_look *look,
				    const struct queue_sheet *sheet);
struct queue_reader queue_look_reader(const struct queue_look *look);

#endif
