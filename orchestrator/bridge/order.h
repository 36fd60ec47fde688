/*
 * The messages of one queue that can be had now, first those of the highest
 * priority, of these first those that entered first. What enters at the end of
 * its priority is added and taken in constant time, what comes back to a place
 * further ahead in O(log n) of those that did. One thread.
 */
#ifndef BRIDGE_ORDER_H
#define BRIDGE_ORDER_H

#include "bridge/heap.h"
#include "bridge/parcel.h"
#include "model/queue.h"

#define ORDER_LEVELS (2 * QUEUE_PRIORITY_MAX + 1)
#define ORDER_PAGE   64 /* levels; as many as bits in `used` of it */
#define ORDER_PAGES  ((ORDER_LEVELS + ORDER_PAGE - 1) / ORDER_PAGE)

/* Messages of one priority, each behind those with smaller places. */
struct order_level {
	struct parcel *first;
	struct parcel *last;
};

struct order {
	struct order_level *pages[ORDER_PAGES]; /* made when needed */
	uint64_t used[ORDER_PAGES];             /* levels that are not empty */
	uint32_t pages_used;                    /* likewise */
	struct heap back; /* what does not fit behind its level */
	size_t len;
};

void order_init(struct order *order);
/* The messages are the caller's. */
void order_fini(struct order *order);

/* Sets its `where`. */
void order_add(struct order *order, struct parcel *parcel);
void order_remove(struct order *order, struct parcel *parcel);
/* NULL: there is none. */
struct parcel *order_first(const struct order *order);

#endif
