/*
 * What a queue waits for, in words and as a machine's word. Pure. Sentences are
 * as those of reason.h.
 */
#ifndef CLI_QUEUE_WAIT_H
#define CLI_QUEUE_WAIT_H

#include "base/buf.h"
#include "cli/queue_book.h"
#include "cli/registry.h"

/* In the order in which they count. X(name, text). */
#define QUEUE_WAIT_MAP(X)                                \
	X(QUEUE_WAIT_EMPTY, "empty")                     \
	X(QUEUE_WAIT_PAUSED, "paused")                   \
	X(QUEUE_WAIT_QUARANTINED, "quarantined")         \
	X(QUEUE_WAIT_NO_PLUGIN, "plugin_not_registered") \
	X(QUEUE_WAIT_NO_DAEMON, "no_daemon")             \
	X(QUEUE_WAIT_NO_CONSUMER, "no_instance")         \
	X(QUEUE_WAIT_RUNS, "runs_paused")                \
	X(QUEUE_WAIT_TIME, "until_time")                 \
	X(QUEUE_WAIT_GROUP, "group")                     \
	X(QUEUE_WAIT_CONCURRENCY, "concurrency")         \
	X(QUEUE_WAIT_BUSY, "no_free_slot")               \
	X(QUEUE_WAIT_RATE, "rate")                       \
	X(QUEUE_WAIT_NOTHING, "ready")

enum queue_wait {
#define X(name, text) name,
	QUEUE_WAIT_MAP(X)
#undef X
};

const char *queue_wait_name(enum queue_wait wait);

/* Borrowed. */
struct queue_scene {
	const struct queue_sheet *sheet;
	const struct registry *registry; /* NULL: nothing known of plugins */
	bool daemon_alive;
	int64_t now_us;
};

/* Why nothing of it is handed out now. */
enum queue_wait queue_wait_of(const struct queue_scene *scene);

/* What would hold back whatever is in it, first or last; QUEUE_WAIT_NOTHING:
 * nothing does. Needs no messages to be counted. */
enum queue_wait queue_held_by(const struct queue_scene *scene);

/* "all 2 consumers are busy", "paused by operator uid 0, 5m ago; ..." */
void queue_wait_put(struct buf *out, const struct queue_scene *scene,
		    enum queue_wait wait);

/* Ready instances of its plugin, or a negative number: not known. */
int64_t queue_consumers(const struct queue_scene *scene);

#endif
