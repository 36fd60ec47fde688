/*
 * Events of the workload: attributes as a value and packed.
 */
#ifndef WORKLOAD_EVENTS_H
#define WORKLOAD_EVENTS_H

#include "base/buf.h"
#include "workload/fields.h"

struct event {
	struct value attributes;
	struct buf packed;
};

/* A list of `len` events, not one like the other; events_destroy() it. */
struct event *events_create(struct fields *fields, size_t len);

/* Takes the attributes over. */
struct event event_of(struct value attributes);

void events_destroy(struct event *events, size_t len);

#endif
