/*
 * The attributes of a query: {dotted path: wanted value}. A path goes through
 * maps, and through arrays as if they were not there; a key may itself contain
 * dots. Pure.
 */
#ifndef STORE_ATTRIBUTES_H
#define STORE_ATTRIBUTES_H

#include <stdbool.h>

#include "document/value.h"

/* All that is wanted is there. `wanted` NULL or null: nothing is. */
bool attributes_match(const struct value *attributes,
		      const struct value *wanted);

#endif
