#include <string.h>

#include "bridge/embedded.h"

static struct message_record record_of(const struct parcel *parcel)
{
	const struct letter *letter = &parcel->letter;
	struct message_record record = {
		.run = letter->run,
		.task = letter->task,
		.queue = slice_of(letter->queue->name),
		.plugin = slice_of(letter->queue->plugin),
		.state = letter->state,
		.priority = parcel->priority,
		.place = parcel->place,
		.deliveries = parcel->deliveries,
		.entered_us = parcel->entered_us,
		.leased_us = parcel->leased_us,
		.error = slice_of(parcel->error),
	};

	if (parcel->group) {
		record.group = parcel->group->key;
	}
	for (int i = 0; i < MESSAGE_PARTS; i++) {
		if (letter->parts[i]) {
			memcpy(record.parts[i], letter->parts[i]->key.hash,
			       DEFINITION_HASH_SIZE);
		}
	}
	return record;
}

void row_write(struct queue_backend *backend, const struct parcel *parcel)
{
	struct message_record record = record_of(parcel);

	if (record.state == MESSAGE_LEASED) {
		record.lease_until_us = parcel->due_us;
	} else {
		record.visible_us = parcel->due_us;
	}
	store_put_message(backend->options.store, &record);
}

void row_write_dead(struct queue_backend *backend, const struct parcel *parcel,
		    int64_t now_us)
{
	struct message_record record = record_of(parcel);

	record.state = MESSAGE_DEAD;
	record.dead_us = now_us;
	store_put_message(backend->options.store, &record);
}
