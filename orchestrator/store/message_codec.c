#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "store/codec.h"
#include "store/record.h"

/* Hashes of documents that are not there take no room: a byte of bits
 * 1 << message_part says which follow. */
static const unsigned char none[DEFINITION_HASH_SIZE];

static bool has_part(const struct message_record *message, int part)
{
	return memcmp(message->parts[part], none, sizeof(none)) != 0;
}

static void put_parts(struct buf *out, const struct message_record *message)
{
	unsigned there = 0;

	for (int i = 0; i < MESSAGE_PARTS; i++) {
		there |= (unsigned)has_part(message, i) << i;
	}
	buf_put_byte(out, (uint8_t)there);
	for (int i = 0; i < MESSAGE_PARTS; i++) {
		if (there & 1u << i) {
			buf_put(out, message->parts[i], DEFINITION_HASH_SIZE);
		}
	}
}

static void get_parts(struct record_reader *in, struct message_record *message)
{
	unsigned there = record_get_choice(in, 1u << MESSAGE_PARTS);

	for (int i = 0; i < MESSAGE_PARTS; i++) {
		if (there & 1u << i) {
			record_get_bytes(in, message->parts[i],
					 DEFINITION_HASH_SIZE);
		}
	}
}

static struct slice cut(struct slice text, size_t max)
{
	if (text.len > max) {
		text.len = utf8_floor(text, max);
	}
	return text;
}

void message_encode(struct buf *out, const struct message_record *message)
{
	record_begin(out);
	buf_put_byte(out, (uint8_t)message->state);
	buf_put_u32(out, (uint32_t)message->priority);
	buf_put_u64(out, message->place);
	buf_put_u32(out, message->deliveries);
	record_put_time(out, message->entered_us);
	record_put_time(out, message->visible_us);
	record_put_time(out, message->leased_us);
	record_put_time(out, message->lease_until_us);
	record_put_time(out, message->dead_us);
	record_put_text(out, message->queue);
	record_put_text(out, message->plugin);
	record_put_text(out, cut(message->group, LIMIT_QUEUE_GROUP));
	record_put_text(out, cut(message->error, LIMIT_MESSAGE));
	put_parts(out, message);
}

static bool within_limits(const struct message_record *message)
{
	return message->queue.len > 0 && message->queue.len <= LIMIT_NAME &&
	       message->plugin.len <= LIMIT_NAME &&
	       message->group.len <= LIMIT_QUEUE_GROUP &&
	       message->error.len <= LIMIT_MESSAGE;
}

int message_decode(struct slice bytes, const struct id *run, uint32_t task,
		   struct message_record *ret_message)
{
	struct record_reader in = record_read(bytes);
	struct message_record message = { .run = *run, .task = task };

	message.state =
	    (enum message_state)record_get_choice(&in, MESSAGE_STATES);
	message.priority = (int)(int32_t)record_get_u32(&in);
	message.place = record_get_u64(&in);
	message.deliveries = record_get_u32(&in);
	message.entered_us = record_get_time(&in);
	message.visible_us = record_get_time(&in);
	message.leased_us = record_get_time(&in);
	message.lease_until_us = record_get_time(&in);
	message.dead_us = record_get_time(&in);
	message.queue = record_get_text(&in);
	message.plugin = record_get_text(&in);
	message.group = record_get_text(&in);
	message.error = record_get_text(&in);
	get_parts(&in, &message);
	int rc = within_limits(&message) ? record_end(&in) : E_CORRUPT;

	if (rc == 0) {
		*ret_message = message;
	}
	return rc;
}
