#include "daemon/inbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"

void message_destroy(struct message *message)
{
	switch (message->kind) {
	case MESSAGE_COMPLETION:
		host_completion_fini(&message->as.completion);
		break;
	case MESSAGE_PROGRESS:
		free(message->as.progress.note);
		break;
	case MESSAGE_REQUEST:
		if (message->as.request) {
			control_request_fini(message->as.request);
			free(message->as.request);
		}
		break;
	}
	free(message);
}

int inbox_init(struct inbox *inbox, struct err *reterr)
{
	*inbox =
	    (struct inbox){ .wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	if (inbox->wake_fd < 0) {
		return err_set(reterr, E_IO, "eventfd: %s", strerror(errno));
	}
	pthread_mutex_init(&inbox->lock, NULL);
	return 0;
}

void inbox_fini(struct inbox *inbox)
{
	struct message *message = inbox_take(inbox);

	while (message) {
		struct message *next = message->next;

		message_destroy(message);
		message = next;
	}
	close(inbox->wake_fd);
	pthread_mutex_destroy(&inbox->lock);
}

void inbox_wake(struct inbox *inbox)
{
	uint64_t one = 1;

	atomic_store(&inbox->called, true);
	/* It can only fail when the counter is full, and then it is set. */
	(void)!write(inbox->wake_fd, &one, sizeof(one));
}

/* A loop that watches sees it; one that stops watching looks once more. */
static void call(struct inbox *inbox)
{
	atomic_store(&inbox->called, true);
	if (!atomic_load(&inbox->watched)) {
		inbox_wake(inbox);
	}
}

void inbox_post(struct inbox *inbox, struct message *message)
{
	bool was_empty;

	message->next = NULL;
	pthread_mutex_lock(&inbox->lock);
	was_empty = inbox->first == NULL;
	if (was_empty) {
		inbox->first = message;
	} else {
		inbox->last->next = message;
	}
	inbox->last = message;
	pthread_mutex_unlock(&inbox->lock);
	if (was_empty) {
		call(inbox);
	}
}

static bool has_come(struct inbox *inbox)
{
	pthread_mutex_lock(&inbox->lock);
	bool come = inbox->first != NULL;

	pthread_mutex_unlock(&inbox->lock);
	return come;
}

bool inbox_watch(struct inbox *inbox, int64_t for_ns)
{
	int64_t until_ns = clock_mono_ns() + for_ns;

	atomic_store(&inbox->called, false);
	atomic_store(&inbox->watched, true);
	bool come = has_come(inbox);

	while (!come && clock_mono_ns() < until_ns) {
		come = atomic_load(&inbox->called);
	}
	atomic_store(&inbox->watched, false);
	/* Whoever has come before this has not written to wake_fd, maybe. */
	return come || atomic_load(&inbox->called);
}

struct message *inbox_take(struct inbox *inbox)
{
	uint64_t count;

	(void)!read(inbox->wake_fd, &count, sizeof(count));
	pthread_mutex_lock(&inbox->lock);
	struct message *first = inbox->first;

	inbox->first = NULL;
	inbox->last = NULL;
	pthread_mutex_unlock(&inbox->lock);
	return first;
}
