/*
 * "Did you mean": the nearest of several names to one that was mistyped.
 */
#ifndef BASE_NEAR_H
#define BASE_NEAR_H

#include <stddef.h>

#include "base/slice.h"

/* Edit distance with adjacent transpositions, at most `max` + 1. */
size_t near_distance(struct slice a, struct slice b, size_t max);

/*
 * Keeps the best candidate: call for each name, starting from a zeroed
 * struct; `best` stays NULL when nothing is near enough (a third of the
 * length, at least one edit).
 */
struct near {
	const char *best; /* borrowed from the candidate given */
	size_t distance;
};

void near_try(struct near *near, struct slice wrong, const char *candidate);

#endif
