#include <stdlib.h>

#include "base/alloc.h"
#include "bridge/embedded.h"
#include "store/view.h"

void dead_add(struct queue_backend *backend, const struct letter *letter)
{
	struct letter *dead = alloc_bytes(sizeof(*dead));

	*dead = *letter;
	dead->state = MESSAGE_DEAD;
	letter_add(backend, dead);
	dead->queue->dead_count++;
	backend->dead_count++;
}

struct queue *dead_remove(struct queue_backend *backend, struct letter *letter)
{
	struct queue *queue = letter->queue;

	parts_drop(backend, letter);
	chains_remove(&backend->letters, &letter->node);
	free(letter);
	queue->dead_count--;
	backend->dead_count--;
	return queue;
}

static struct letter *dead_find(const struct queue_backend *backend,
				const struct message_key *key)
{
	struct letter *letter = letter_find(backend, key);

	return letter && letter->state == MESSAGE_DEAD ? letter : NULL;
}

void embedded_drop_dead(struct queue_backend *backend,
			const struct message_key *key)
{
	struct letter *letter = dead_find(backend, key);

	if (letter) {
		store_delete_message(backend->options.store, &key->run,
				     key->task);
		embedded_settle(backend, dead_remove(backend, letter));
	}
}

static int forget(void *arg, const struct message_record *message)
{
	struct queue_backend *backend = arg;
	struct message_key key = { message->run, message->task };
	struct letter *letter = dead_find(backend, &key);

	if (letter) {
		embedded_settle(backend, dead_remove(backend, letter));
	}
	return 0;
}

/* The rows themselves are the store's to sweep. */
void embedded_forget_run(struct queue_backend *backend, const struct id *run)
{
	if (backend->dead_count) {
		(void)view_each_message(backend->view, run, forget, backend,
					NULL);
	}
}
