#include "host/queue.h"

#include <string.h>

#include "base/utf8.h"
#include "model/queue.h"

/* Structs grow by a few members in a lifetime; more is not a size at all. */
#define SIZE_MAX_SANE 65536

/* Its maker may know less of it, or more. */
static struct tutti_queue known_part(const struct tutti_queue *queue)
{
	struct tutti_queue known = { 0 };

	memcpy(&known, queue,
	       queue->size < sizeof(known) ? queue->size : sizeof(known));
	return known;
}

static void put_text(struct value *map, const char *key, const char *text)
{
	if (text) {
		value_set(map, key, value_text(text));
	}
}

static void put_int(struct value *map, const char *key, int64_t number)
{
	if (number) {
		value_set(map, key, value_int(number));
	}
}

static void put_double(struct value *map, const char *key, double number)
{
	if (number < 0 || number > 0) {
		value_set(map, key, value_double(number));
	}
}

struct value host_queue_describe(const struct tutti_queue *queue)
{
	if (!queue) {
		return value_null();
	}
	struct tutti_queue known = known_part(queue);
	struct value map = value_map();

	put_text(&map, "name", known.name);
	put_int(&map, "attempts", known.attempts);
	put_int(&map, "backoff_ms", known.backoff_ms);
	put_double(&map, "factor", known.factor);
	put_int(&map, "max_ms", known.max_ms);
	put_double(&map, "jitter", known.jitter);
	put_int(&map, "visibility_ms", known.visibility_ms);
	put_int(&map, "delay_ms", known.delay_ms);
	put_int(&map, "concurrency", known.concurrency);
	put_int(&map, "rate", known.rate);
	put_int(&map, "rate_per_ms", known.rate_per_ms);
	put_text(&map, "fifo_key", known.fifo_key);
	put_int(&map, "priority", known.priority);
	put_text(&map, "priority", known.priority_key);
	return map;
}

static bool is_text(const char *text)
{
	return !text || utf8_valid(slice_of(text));
}

int host_queue_check(const struct tutti_queue *queue, struct err *reterr)
{
	struct queue_policy policy;

	if (!queue) {
		return 0;
	}
	if (queue->size < sizeof(queue->size) || queue->size > SIZE_MAX_SANE) {
		return err_set(reterr, E_INVALID,
			       "the queue has no valid description (is its "
			       "'size' set?)");
	}
	struct tutti_queue known = known_part(queue);

	if (!is_text(known.name) || !is_text(known.fifo_key) ||
	    !is_text(known.priority_key)) {
		return err_set(reterr, E_INVALID,
			       "the queue's texts must be UTF-8");
	}
	if (known.priority && known.priority_key) {
		return err_set(reterr, E_INVALID,
			       "the queue has either priority or priority_key");
	}
	struct value document = host_queue_describe(queue);
	int rc = queue_policy_from_value(&document, &policy, reterr);

	value_clear(&document);
	if (rc == 0) {
		queue_policy_fini(&policy);
	}
	return rc;
}
