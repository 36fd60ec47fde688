/*
 * Clauses as documents, for people to read: private to this room.
 */
#ifndef FILTER_WRITTEN_H
#define FILTER_WRITTEN_H

#include "filter/clause.h"

/* The list of alternatives as it was written. */
struct value written_alternatives(const struct clause *clause);

#endif
