#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "bridge/embedded.h"
#include "document/json.h"
#include "store/view.h"

struct loading {
	struct queue_backend *backend;
	struct loaded {
		struct parcel *parcel;
		struct slice group; /* owned */
	} * parcels;
	size_t len;
	size_t cap;
};

/* ---- queues ---- */

/* A policy that is not understood is the default one until it is set. */
static void read_policy(struct queue *queue, struct slice text)
{
	struct queue_policy policy;
	struct value map;

	if (json_read(text, NULL, &map, NULL)) {
		return;
	}
	if (queue_policy_from_value(&map, &policy, NULL) == 0) {
		queue_policy_fini(&queue->policy);
		queue->policy = policy;
	}
	value_clear(&map);
}

static int load_queue(void *arg, const struct queue_record *record)
{
	struct loading *loading = arg;
	struct queue *queue =
	    embedded_need(loading->backend, record->name, record->plugin);

	queue->stored = true;
	read_policy(queue, record->policy);
	if (record->paused_by.len) {
		queue->paused_by = slice_dup(record->paused_by);
		queue->paused_us = record->paused_us;
	}
	return 0;
}

/* ---- messages ---- */

static struct letter letter_of(struct queue_backend *backend,
			       const struct message_record *record)
{
	struct letter letter = {
		.run = record->run,
		.task = record->task,
		.state = record->state,
		.queue = embedded_need(backend, record->queue, record->plugin),
	};

	for (int i = 0; i < MESSAGE_PARTS; i++) {
		letter.parts[i] =
		    part_load(backend, &record->run, record->parts[i]);
	}
	if (letter.queue->slot.us < record->leased_us) {
		letter.queue->slot.us = record->leased_us;
	}
	return letter;
}

static struct parcel *parcel_of(struct queue_backend *backend,
				const struct message_record *record)
{
	struct parcel *parcel = alloc_zeroed(1, sizeof(*parcel));

	parcel->letter = letter_of(backend, record);
	parcel->place = record->place;
	parcel->priority = (int16_t)record->priority;
	parcel->deliveries = record->deliveries;
	parcel->entered_us = record->entered_us;
	parcel->leased_us = record->leased_us;
	if (record->state == MESSAGE_WAITING) {
		parcel->due_us = record->visible_us;
	}
	parcel_set_error(parcel, record->error);
	return parcel;
}

static int load_message(void *arg, const struct message_record *record)
{
	struct loading *loading = arg;
	struct queue_backend *backend = loading->backend;

	if (record->place > backend->place) {
		backend->place = record->place;
	}
	if (record->state == MESSAGE_DEAD) {
		struct letter letter = letter_of(backend, record);

		dead_add(backend, &letter);
		return 0;
	}
	alloc_grow(loading->parcels, loading->len, loading->cap);
	struct loaded *loaded = &loading->parcels[loading->len++];

	loaded->parcel = parcel_of(backend, record);
	loaded->group = (struct slice){ 0 };
	slice_own(&loaded->group, record->group);
	return 0;
}

static int compare_places(const void *a, const void *b)
{
	uint64_t one = ((const struct loaded *)a)->parcel->place;
	uint64_t other = ((const struct loaded *)b)->parcel->place;

	return one < other ? -1 : one > other;
}

static void enter(struct queue_backend *backend, struct loaded *loaded,
		  int64_t now_us)
{
	struct parcel *parcel = loaded->parcel;
	bool was_leased = parcel->letter.state == MESSAGE_LEASED;

	parcel->letter.state = MESSAGE_WAITING;
	parcel_enter(backend, parcel, loaded->group, now_us);
	if (was_leased) {
		row_write(backend, parcel);
	}
	slice_disown(&loaded->group);
}

static void write_unstored(void *arg, struct chain_node *node)
{
	struct queue_backend *backend = arg;
	struct queue *queue = chains_entry(node, struct queue, node);

	if (!queue->stored) {
		queue->stored = true;
		embedded_write(backend, queue);
	}
}

static void drop(struct loaded *loaded)
{
	slice_disown(&loaded->group);
	parcel_free(loaded->parcel);
}

int embedded_load(struct queue_backend *backend, int64_t now_us,
		  struct err *reterr)
{
	struct loading loading = { .backend = backend };
	int rc = view_each_queue(backend->view, load_queue, &loading, reterr);

	if (rc == 0) {
		rc = view_each_message(backend->view, NULL, load_message,
				       &loading, reterr);
	}
	if (loading.len) {
		qsort(loading.parcels, loading.len, sizeof(*loading.parcels),
		      compare_places);
	}
	for (struct queue *queue = backend->first; queue; queue = queue->next) {
		pace_restore(queue, now_us);
	}
	for (size_t i = 0; i < loading.len; i++) {
		if (rc == 0) {
			enter(backend, &loading.parcels[i], now_us);
		} else {
			drop(&loading.parcels[i]);
		}
	}
	free(loading.parcels);
	if (rc == 0) {
		chains_each(&backend->queues, write_unstored, backend);
	}
	return rc;
}
