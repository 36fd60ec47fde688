/*
 * Patterns in which '*' stands for any text, also none: private to this room.
 */
#ifndef FILTER_WILDCARD_H
#define FILTER_WILDCARD_H

#include "base/buf.h"
#include "filter/clause.h"

/* Time is linear in the text for each piece. */
bool wildcard_matches(const struct pieces *pieces, struct slice text);

/* The pattern again, escaped where it must be. */
void wildcard_write(struct buf *out, const struct pieces *pieces);

#endif
