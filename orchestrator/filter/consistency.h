/*
 * Keys that lists satisfy must agree on the elements they use. Private to this
 * room.
 */
#ifndef FILTER_CONSISTENCY_H
#define FILTER_CONSISTENCY_H

#include "filter/message.h"

/*
 * One of these for each clause that is met only inside elements of lists: the
 * trails of leaves that satisfy it, ascending.
 */
struct goal {
	size_t first; /* in the array of trails */
	size_t end;
	uint32_t group; /* while it is worked on */
};

struct consistency {
	uint32_t *trails;
	size_t trails_len;
	size_t trails_cap;
	struct goal *goals;
	size_t len;
	size_t cap;
	bool unsorted; /* a trail came after a greater one */
	bool tried;    /* a first choice of list, which did not work out */
	size_t work;   /* since then */
};

void consistency_fini(struct consistency *consistency);

void consistency_begin(struct consistency *consistency);
/* A new goal, then its trails. */
void consistency_add_goal(struct consistency *consistency);
void consistency_add_trail(struct consistency *consistency, uint32_t trail);

/* Is there a choice of one element per list that reaches all goals? */
bool consistency_holds(struct consistency *consistency,
		       const struct message *message);

#endif
