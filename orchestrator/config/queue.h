/*
 * Policies as a config writes them. Pure.
 */
#ifndef CONFIG_QUEUE_H
#define CONFIG_QUEUE_H

#include "model/queue.h"

/* What `queue` and `retry` have in a file, with every default. */
struct value queue_document(const struct queue_policy *policy);
struct value retry_document(const struct retry_policy *policy);

#endif
