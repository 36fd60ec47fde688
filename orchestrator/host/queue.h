/*
 * The queue that a plugin declares. Pure.
 */
#ifndef HOST_QUEUE_H
#define HOST_QUEUE_H

#include <tutti/plugin.h>

#include "base/err.h"
#include "document/value.h"

/* As queue_policy_to_value(), without what is left out; null for NULL. What it
 * says may be wrong. */
struct value host_queue_describe(const struct tutti_queue *queue);

/* E_INVALID with a sentence; NULL is fine. */
int host_queue_check(const struct tutti_queue *queue, struct err *reterr);

#endif
