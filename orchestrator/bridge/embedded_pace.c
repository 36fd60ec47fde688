/*
 * What may be handed out when. With a rate each message has a slot; slots are
 * at least one interval apart. A slot that nothing but the clock was waited for
 * is used a little late, by as much as a loop takes to come round: then the
 * next one keeps its distance to the slot, so that the rate is held on average;
 * else to the moment, so that idling saves nothing up.
 */
#include "bridge/embedded.h"

/* How late a loop may be. */
#define LATE_US 50000

static struct queue *first_of(const struct heap *paces)
{
	struct heap_node *node = heap_first(paces);

	return node ? heap_entry(node, struct queue, pace) : NULL;
}

static void stop(struct queue_backend *backend, struct queue *queue)
{
	if (queue->pace.slot) {
		heap_remove(&backend->paces, &queue->pace);
	}
}

static bool may_hand_out(const struct queue *queue)
{
	uint32_t limit = queue->policy.concurrency;

	return !queue->paused_by && queue->order.len &&
	       (!limit || queue->leased_count < limit);
}

static bool waits_for_slot(const struct queue *queue, int64_t now_us)
{
	return queue->policy.rate && queue->slot.us > now_us;
}

static void wait_for_slot(struct queue_backend *backend, struct queue *queue)
{
	queue->slot.awaited = true;
	if (!queue->pace.slot) {
		heap_add(&backend->paces, &queue->pace);
	}
}

void pace_review(struct queue_backend *backend, struct queue *queue,
		 int64_t now_us)
{
	if (!may_hand_out(queue)) {
		stop(backend, queue);
		queue->slot.awaited = false;
	} else if (waits_for_slot(queue, now_us)) {
		wait_for_slot(backend, queue);
	} else if (!queue->told) {
		queue->told = true;
		backend->options.ready(backend->options.arg,
				       slice_of(queue->name));
	}
}

/* The slot after `from_us`. */
static void next_slot(struct queue *queue, int64_t from_us)
{
	int64_t rate = queue->policy.rate;
	int64_t per_us = queue->policy.rate_per_ms * 1000;

	queue->slot.us = from_us + per_us / rate;
	queue->slot.rest += per_us % rate;
	if (queue->slot.rest >= rate) {
		queue->slot.rest -= rate;
		queue->slot.us++;
	}
}

static void use_slot(struct queue *queue, int64_t now_us)
{
	bool on_time =
	    queue->slot.awaited && now_us - queue->slot.us <= LATE_US;

	queue->slot.awaited = false;
	if (queue->policy.rate) {
		next_slot(queue, on_time ? queue->slot.us : now_us);
		/* The loop came too late for more than one. */
		queue->slot.awaited = queue->slot.us <= now_us;
	}
}

struct parcel *pace_take(struct queue_backend *backend, struct queue *queue,
			 int64_t now_us)
{
	bool may = may_hand_out(queue);

	if (may && waits_for_slot(queue, now_us)) {
		wait_for_slot(backend, queue);
		may = false;
	}
	if (!may) {
		queue->told = false;
		return NULL;
	}
	stop(backend, queue);
	queue->slot_before = queue->slot;
	use_slot(queue, now_us);
	return order_first(&queue->order);
}

void pace_give_back(struct queue_backend *backend, struct queue *queue)
{
	stop(backend, queue);
	queue->slot = queue->slot_before;
}

void pace_change(struct queue_backend *backend, struct queue *queue,
		 int64_t now_us)
{
	stop(backend, queue);
	queue->slot.awaited = false;
	queue->slot.rest = 0;
	if (queue->policy.rate && queue->slot.us > now_us) {
		int64_t before_us = queue->slot.us;

		next_slot(queue, now_us);
		queue->slot.us =
		    before_us < queue->slot.us ? before_us : queue->slot.us;
	}
}

void pace_restore(struct queue *queue, int64_t now_us)
{
	int64_t last_us = queue->slot.us;

	queue->slot.us = 0;
	if (queue->policy.rate && last_us) {
		/* The clock may have been set back meanwhile. */
		next_slot(queue, last_us < now_us ? last_us : now_us);
	}
}

void pace_turn(struct queue_backend *backend, int64_t now_us)
{
	struct queue *queue;

	while ((queue = first_of(&backend->paces)) &&
	       queue->slot.us <= now_us) {
		stop(backend, queue);
		pace_review(backend, queue, now_us);
	}
}

int64_t pace_due(const struct queue_backend *backend)
{
	const struct queue *queue = first_of(&backend->paces);

	return queue ? queue->slot.us : 0;
}
