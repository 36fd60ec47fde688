/*
 * What other threads have for the loop: one queue, one wake-up. Senders append
 * under a lock and wake the loop only when the queue was empty; the loop takes
 * the whole queue out and works on it without any lock.
 *
 * Waking a thread that sleeps takes longer than a quick plugin: when an answer
 * is likely to come within microseconds the loop may watch for it instead.
 */
#ifndef DAEMON_INBOX_H
#define DAEMON_INBOX_H

#include <pthread.h>
#include <stdatomic.h>

#include "bus/control.h"
#include "host/host.h"

struct progress_report {
	struct host_key key;
	double fraction;
	char *note; /* owned */
};

struct message {
	enum message_kind {
		MESSAGE_COMPLETION,
		MESSAGE_PROGRESS,
		MESSAGE_REQUEST,
	} kind;
	struct message *next;
	union {
		struct host_completion completion;
		struct progress_report progress;
		struct control_request *request; /* owned */
	} as;
};

void message_destroy(struct message *message);

struct inbox {
	pthread_mutex_t lock;
	struct message *first;
	struct message *last;
	int wake_fd; /* readable when something has come, or inbox_wake() */
	atomic_bool watched; /* by the loop */
	atomic_bool called;  /* something has come since it is watched */
};

int inbox_init(struct inbox *inbox, struct err *reterr);
void inbox_fini(struct inbox *inbox);

/* Takes the message over. [any thread] */
void inbox_post(struct inbox *inbox, struct message *message);

/* Make wake_fd readable. [any thread, signal handlers] */
void inbox_wake(struct inbox *inbox);

/*
 * Look for so long, busily, whether something comes; false: nothing has. Then,
 * and only then, wake_fd is to be waited for.
 */
bool inbox_watch(struct inbox *inbox, int64_t for_ns);

/* All messages in the order they came, linked by `next`; clears the wake-up. */
struct message *inbox_take(struct inbox *inbox);

#endif
