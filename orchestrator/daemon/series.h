/*
 * A histogram of all values so far and of the recent ones. Time is cut into
 * windows, which the caller numbers; what is recent are the window of now and
 * the one before. Nothing happens by itself: a window is over when a value of a
 * later one comes, or somebody asks. Zeroed memory is an empty one. One thread.
 */
#ifndef DAEMON_SERIES_H
#define DAEMON_SERIES_H

#include "base/histogram.h"

struct series {
	uint64_t window; /* of `current` */
	struct histogram current;
	struct histogram previous;
	struct histogram earlier; /* all windows before */
};

/* `window` is never less than the last one. */
void series_add(struct series *series, uint64_t window, uint64_t value);

/* Added to `into`. */
void series_merge_recent(const struct series *series, uint64_t window,
			 struct histogram *into);
void series_merge_all(const struct series *series, struct histogram *into);

#endif
