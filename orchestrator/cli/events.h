/*
 * The history of a run as rows of a listing.
 */
#ifndef CLI_EVENTS_H
#define CLI_EVENTS_H

#include "cli/listing.h"
#include "store/view.h"

extern const struct column events_columns[];

/* One transition; names come from the run. */
struct value events_row(const struct run_view *run,
			const struct transition_record *transition);

/* Add the last `count` of the history; 0: all. */
void events_add(struct listing *listing, const struct run_view *run,
		const struct history_list *history, size_t count);

#endif
