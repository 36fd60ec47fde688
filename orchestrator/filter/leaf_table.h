/*
 * Leaves of keys that have many, by value. Private to message.c.
 */
#ifndef FILTER_LEAF_TABLE_H
#define FILTER_LEAF_TABLE_H

#include "filter/message.h"

/* For the next message. */
void leaf_table_clear(struct leaf_table *table);

/*
 * Enters the leaf, which is filled in but not one of its key's yet; before the
 * first of a key, those that the key has. False when there is one of the same
 * value in the same element already: it tells nothing new.
 */
bool leaf_table_add(struct message *message, const struct seen *seen,
		    uint32_t leaf);

size_t leaf_table_size(const struct leaf_table *table);

#endif
