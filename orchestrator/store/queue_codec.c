#include "base/limits.h"
#include "store/codec.h"
#include "store/record.h"

void queue_encode(struct buf *out, const struct queue_record *queue)
{
	record_begin(out);
	record_put_time(out, queue->paused_us);
	record_put_text(out, queue->plugin);
	record_put_text(out, queue->paused_by);
	record_put_long_text(out, queue->policy);
}

int queue_decode(struct slice bytes, struct slice name,
		 struct queue_record *ret_queue)
{
	struct record_reader in = record_read(bytes);
	struct queue_record queue = { .name = name };

	queue.paused_us = record_get_time(&in);
	queue.plugin = record_get_text(&in);
	queue.paused_by = record_get_text(&in);
	queue.policy = record_get_long_text(&in);
	if (name.len == 0 || name.len > LIMIT_NAME ||
	    queue.plugin.len > LIMIT_NAME) {
		return E_CORRUPT;
	}
	int rc = record_end(&in);

	if (rc == 0) {
		*ret_queue = queue;
	}
	return rc;
}
