/*
 * A message of the embedded driver in memory. Of a dead one only the letter is
 * there: that it is, and which documents it holds.
 */
#ifndef BRIDGE_PARCEL_H
#define BRIDGE_PARCEL_H

#include "base/id.h"
#include "bridge/chains.h"
#include "bridge/heap.h"
#include "model/record.h"

struct group;
struct part;
struct queue;

struct letter {
	struct chain_node node; /* of all, by run and task */
	struct id run;
	uint32_t task;
	enum message_state state;
	struct queue *queue;
	struct part *parts[MESSAGE_PARTS]; /* NULL: it has none */
};

/* What its links and its heap node are used for. */
enum parcel_where {
	PARCEL_NOWHERE,   /* put aside, behind another one of its group, or
			      leased for good */
	PARCEL_IN_LEVEL,  /* of the order: it can be had */
	PARCEL_IN_BACK,   /* the same, in the order's heap */
	PARCEL_IN_LATER,  /* it can be had from due_us on */
	PARCEL_IN_LEASES, /* its lease ends at due_us */
};

struct parcel {
	struct letter letter;
	uint64_t place;
	int64_t entered_us;
	int64_t leased_us; /* last */
	/* Waiting: not to be had before; 0: at once. Leased: until when; 0: as
	 * long as its consumer lives. */
	int64_t due_us;
	uint32_t deliveries;
	struct heap_node heap;
	int16_t priority;
	uint8_t where;         /* enum parcel_where */
	struct group *group;   /* NULL: it stands alone */
	struct parcel *before; /* in its group, else in its level */
	struct parcel *next;
	struct parcel *waiting_before; /* of those of its queue that wait */
	struct parcel *waiting_next;
	char *error; /* of the last attempt; or NULL */
};

#endif
