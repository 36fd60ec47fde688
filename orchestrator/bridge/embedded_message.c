#include "base/alloc.h"
#include "bridge/embedded.h"

/* ---- entering ---- */

static int16_t priority_within(int priority)
{
	if (priority > QUEUE_PRIORITY_MAX) {
		return QUEUE_PRIORITY_MAX;
	}
	return (int16_t)(priority < -QUEUE_PRIORITY_MAX ? -QUEUE_PRIORITY_MAX
							: priority);
}

static int64_t first_visible(const struct queue *queue, int64_t visible_us,
			     int64_t now_us)
{
	int64_t delay_us = queue->policy.delay_ms * 1000;

	if (delay_us == 0 || visible_us == QUEUE_ASIDE) {
		return visible_us;
	}
	return (visible_us ? visible_us : now_us) + delay_us;
}

static struct parcel *parcel_make(struct queue_backend *backend,
				  struct queue *queue,
				  const struct queue_message *message,
				  int64_t now_us)
{
	struct parcel *parcel = alloc_zeroed(1, sizeof(*parcel));

	parcel->letter = (struct letter){
		.run = message->key.run,
		.task = message->key.task,
		.state = MESSAGE_WAITING,
		.queue = queue,
	};
	parcel->place = ++backend->place;
	parcel->priority = priority_within(message->priority);
	parcel->entered_us = now_us;
	parcel->due_us = first_visible(queue, message->visible_us, now_us);
	for (int i = 0; i < MESSAGE_PARTS; i++) {
		parcel->letter.parts[i] =
		    part_put(backend, &message->key.run, (enum message_part)i,
			     message->parts[i]);
	}
	return parcel;
}

/* A queue that nobody has set goes when its last message does. */
static struct queue *queue_of(struct queue_backend *backend,
			      const struct queue_message *message)
{
	struct queue *queue =
	    embedded_need(backend, message->queue, message->plugin);

	if (!queue->stored) {
		queue->stored = true;
		queue->retired = true;
		embedded_write(backend, queue);
	}
	return queue;
}

void embedded_put(struct queue_backend *backend,
		  const struct queue_message *message, int64_t now_us)
{
	struct letter *dead = letter_find(backend, &message->key);
	struct queue *before;
	struct parcel *parcel;

	if (dead && dead->state != MESSAGE_DEAD) {
		return;
	}
	/* Its documents are taken before those of the dead one go: they may be
	 * the same. And a queue that held nothing else stays for it. */
	parcel =
	    parcel_make(backend, queue_of(backend, message), message, now_us);
	before = dead ? dead_remove(backend, dead) : NULL;
	parcel_enter(backend, parcel, message->group, now_us);
	row_write(backend, parcel);
	if (before) {
		embedded_settle(backend, before);
	}
}

/* ---- leases ---- */

int embedded_lease(struct queue_backend *backend, struct slice name,
		   int64_t now_us, struct message_key *ret_key)
{
	struct queue *queue = embedded_find(backend, name);
	struct parcel *parcel =
	    queue ? pace_take(backend, queue, now_us) : NULL;
	int64_t visibility_us;

	if (!parcel) {
		return 0;
	}
	visibility_us = queue->policy.visibility_ms * 1000;
	parcel_unfile(backend, parcel);
	parcel_set_state(parcel, MESSAGE_LEASED);
	queue->leased_before_us = parcel->leased_us;
	queue->due_before_us = parcel->due_us;
	parcel->deliveries++;
	parcel->leased_us = now_us;
	parcel->due_us = visibility_us ? now_us + visibility_us : 0;
	if (parcel->due_us) {
		parcel->where = PARCEL_IN_LEASES;
		heap_add(&backend->leases, &parcel->heap);
	}
	row_write(backend, parcel);
	*ret_key = letter_key(&parcel->letter);
	return 1;
}

void embedded_extend(struct queue_backend *backend,
		     const struct message_key *key, int64_t now_us)
{
	struct parcel *parcel = parcel_find(backend, key);
	int64_t visibility_us;

	/* One that has expired is not had any more. */
	if (!parcel || parcel->where != PARCEL_IN_LEASES) {
		return;
	}
	visibility_us = parcel->letter.queue->policy.visibility_ms * 1000;
	if (visibility_us) {
		parcel->due_us = now_us + visibility_us;
		heap_moved(&backend->leases, &parcel->heap);
	} else {
		parcel->due_us = 0;
		parcel_unfile(backend, parcel);
	}
}

static struct parcel *first_of(const struct heap *heap)
{
	struct heap_node *node = heap_first(heap);

	return node ? heap_entry(node, struct parcel, heap) : NULL;
}

bool embedded_expired(struct queue_backend *backend, int64_t now_us,
		      struct message_key *ret_key)
{
	struct parcel *parcel = first_of(&backend->leases);

	if (!parcel || parcel->due_us > now_us) {
		return false;
	}
	parcel_unfile(backend, parcel);
	*ret_key = letter_key(&parcel->letter);
	return true;
}

/* ---- coming back ---- */

static void wait_again(struct queue_backend *backend, struct parcel *parcel,
		       int64_t due_us, int64_t now_us)
{
	parcel_unfile(backend, parcel);
	if (parcel->letter.state != MESSAGE_WAITING) {
		parcel_set_state(parcel, MESSAGE_WAITING);
	}
	parcel->due_us = due_us;
	parcel_file(backend, parcel, now_us);
	/* Also when it has become one less. */
	pace_review(backend, parcel->letter.queue, now_us);
}

void embedded_nack(struct queue_backend *backend, const struct message_key *key,
		   int64_t visible_us, struct slice error, int64_t now_us)
{
	struct parcel *parcel = parcel_find(backend, key);

	if (parcel) {
		parcel_set_error(parcel, error);
		wait_again(backend, parcel, visible_us, now_us);
		row_write(backend, parcel);
	}
}

void embedded_refuse(struct queue_backend *backend,
		     const struct message_key *key, int64_t visible_us,
		     int64_t now_us)
{
	struct parcel *parcel = parcel_find(backend, key);

	if (parcel && parcel->letter.state == MESSAGE_LEASED) {
		struct queue *queue = parcel->letter.queue;
		/* One that could be had can be had, wherever the clock is. */
		int64_t before_us =
		    queue->due_before_us <= now_us ? queue->due_before_us : 0;

		parcel->deliveries--;
		parcel->leased_us = queue->leased_before_us;
		pace_give_back(backend, queue);
		wait_again(backend, parcel, visible_us ? visible_us : before_us,
			   now_us);
		/* Whoever refused it waits for something else, or for another
		 * message to come first. */
		queue->told = false;
		row_write(backend, parcel);
	}
}

void embedded_expose(struct queue_backend *backend,
		     const struct message_key *key, int64_t now_us)
{
	struct parcel *parcel = parcel_find(backend, key);

	if (parcel && parcel->letter.state == MESSAGE_WAITING &&
	    parcel->due_us == QUEUE_ASIDE) {
		wait_again(backend, parcel, 0, now_us);
		row_write(backend, parcel);
	}
}

/* ---- ends ---- */

void embedded_bury(struct queue_backend *backend, const struct message_key *key,
		   struct slice error, int64_t now_us)
{
	struct parcel *parcel = parcel_find(backend, key);

	if (parcel) {
		parcel_set_error(parcel, error);
		row_write_dead(backend, parcel, now_us);
		parcel_leave(backend, parcel, now_us);
		dead_add(backend, &parcel->letter);
		parcel_free(parcel);
	}
}

void embedded_ack(struct queue_backend *backend, const struct message_key *key,
		  int64_t now_us)
{
	struct parcel *parcel = parcel_find(backend, key);

	if (!parcel) {
		embedded_drop_dead(backend, key);
		return;
	}
	struct queue *queue = parcel->letter.queue;

	store_delete_message(backend->options.store, &key->run, key->task);
	parcel_leave(backend, parcel, now_us);
	parts_drop(backend, &parcel->letter);
	parcel_free(parcel);
	embedded_settle(backend, queue);
}
