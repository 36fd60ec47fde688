/*
 * Memory for what lives only while a filter is compiled: given out bit by bit,
 * released at once. Private to this room.
 */
#ifndef FILTER_SCRATCH_H
#define FILTER_SCRATCH_H

#include <stddef.h>

#include "base/slice.h"

struct scratch_page;

struct scratch {
	struct scratch_page *pages; /* the newest first */
	size_t left;                /* bytes of it */
};

/* Zeroed and aligned for anything. */
void *scratch_take(struct scratch *scratch, size_t count, size_t size);

struct slice scratch_text(struct scratch *scratch, struct slice text);

void scratch_fini(struct scratch *scratch);

#endif
