/*
 * The queue of a plugin in words.
 */
#ifndef CLI_QUEUE_TEXT_H
#define CLI_QUEUE_TEXT_H

#include "base/buf.h"
#include "model/queue.h"

/* "10/s", "10/30s", as in the config. */
void queue_text_put_rate(struct buf *out, const struct queue_policy *policy);

/* "5 attempts with waits from 1s to 1m, 4 at a time": those, and what is not as
 * by default. */
void queue_text_put_policy(struct buf *out, const struct queue_policy *policy);

/* "ocr, 5 attempts, 4 at a time, 10/30s, in order by attributes.customer":
 * its name and what is not as by default, of a row's "queue". */
void queue_text_put(struct buf *out, const struct value *queue);

#endif
