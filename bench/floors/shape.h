/*
 * What a run does: phases, one after the other, of plugins that are called
 * together. A commit stands before, between and after them.
 */
#ifndef FLOOR_SHAPE_H
#define FLOOR_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct phase {
	uint32_t activity; /* of the run, from 0 */
	uint32_t plugin;   /* the first one, from 1 within the activity */
	uint32_t plugins;
	bool begins; /* its activity */
	bool ends;   /* its activity */
};

struct shape {
	struct phase *phases;
	size_t len;
	uint32_t activities;
	uint32_t plugins; /* of the whole run */
};

/* An activity: one plugin before, `parallel` (or none), one after. */
void shape_init_activity(struct shape *shape, uint32_t parallel);

/* As many activities, of one plugin each. */
void shape_init_sequence(struct shape *shape, uint32_t activities);

void shape_fini(struct shape *shape);

#endif
