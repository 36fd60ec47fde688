#include "filter/leaf_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "filter/hash.h"

#define SLOTS_MIN 64

void leaf_table_clear(struct leaf_table *table)
{
	table->len = 0;
	if (++table->epoch == 0) {
		if (table->slots) {
			memset(table->slots, 0,
			       (table->mask + 1) * sizeof(*table->slots));
		}
		table->epoch = 1;
	}
}

size_t leaf_table_size(const struct leaf_table *table)
{
	return table->slots ? (table->mask + 1) * sizeof(*table->slots) : 0;
}

static bool is_taken(const struct leaf_table *table, size_t at)
{
	return table->slots[at].epoch == table->epoch;
}

static void grow(struct leaf_table *table)
{
	struct leaf_table old = *table;
	size_t old_cap = old.slots ? old.mask + 1 : 0;
	size_t cap = old_cap ? old_cap * 2 : SLOTS_MIN;

	table->slots = alloc_zeroed(cap, sizeof(*table->slots));
	table->mask = cap - 1;
	for (size_t i = 0; i < old_cap; i++) {
		if (!is_taken(&old, i)) {
			continue;
		}
		size_t at = (size_t)old.slots[i].hash & table->mask;

		while (is_taken(table, at)) {
			at = (at + 1) & table->mask;
		}
		table->slots[at] = old.slots[i];
	}
	free(old.slots);
}

/* Where the value is, or would be. */
static size_t slot_of(const struct message *message, uint32_t key,
		      uint64_t hash, const struct value *value)
{
	const struct leaf_table *table = &message->table;
	size_t at = (size_t)hash & table->mask;

	while (is_taken(table, at)) {
		const struct leaf *leaf =
		    &message->leaves[table->slots[at].leaf];

		if (table->slots[at].hash == hash && leaf->key == key &&
		    value_equal(&leaf->value, value)) {
			break;
		}
		at = (at + 1) & table->mask;
	}
	return at;
}

static bool enter(struct message *message, uint32_t number)
{
	struct leaf_table *table = &message->table;
	struct leaf *leaf = &message->leaves[number];

	if (!table->slots || (table->len + 1) * 4 > (table->mask + 1) * 3) {
		grow(table);
	}
	size_t at = slot_of(message, leaf->key, leaf->hash, &leaf->value);

	if (!is_taken(table, at)) {
		table->slots[at] = (struct leaf_slot){
			.hash = leaf->hash,
			.leaf = number,
			.epoch = table->epoch,
		};
		table->len++;
		leaf->tail = number;
		return true;
	}
	struct leaf *first = &message->leaves[table->slots[at].leaf];
	struct leaf *last = &message->leaves[first->tail];

	if (last->trail == leaf->trail) {
		return false;
	}
	last->same = number;
	first->tail = number;
	return true;
}

bool leaf_table_add(struct message *message, const struct seen *seen,
		    uint32_t number)
{
	uint32_t at = seen->first;

	/* Not again when the last one was no new leaf: what has been entered
	 * would be hung behind itself. */
	if (!message->leaves[at].tail) {
		for (; at; at = message->leaves[at].next) {
			(void)enter(message, at);
		}
	}
	return enter(message, number);
}

uint32_t message_find(const struct message *message, uint32_t key,
		      const struct value *value)
{
	uint64_t hash = hash_leaf(message->keys->seed, key, value);
	size_t at = slot_of(message, key, hash, value);

	return is_taken(&message->table, at) ? message->table.slots[at].leaf
					     : 0;
}
