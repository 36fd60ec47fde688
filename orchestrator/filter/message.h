/*
 * A message laid flat for one index: the leaves at the keys that its filters
 * name, each with the elements of lists that it stands in. Buffers stay from
 * one message to the next. Private to this room.
 */
#ifndef FILTER_MESSAGE_H
#define FILTER_MESSAGE_H

#include "base/buf.h"
#include "document/value.h"
#include "filter/keys.h"
#include "filter/postings.h"

struct leaf {
	struct value value; /* borrowed from the message */
	uint64_t hash;      /* hash_leaf() */
	uint32_t key;
	uint32_t trail;
	uint32_t next; /* leaf of the same key; 0: the last */
	uint32_t same; /* among many: the next one of the same value */
	uint32_t tail; /* and of the first such one: the last */
};

/*
 * An element of a list that is no scalar, on the way from the root (number 0)
 * to a leaf. Numbered in the order of the message, so that what is inside an
 * element has the numbers from its own to `end`.
 */
struct trail {
	uint32_t parent;
	uint32_t list; /* which one it is an element of */
	uint32_t end;
	uint32_t depth; /* of the root: 0 */
};

/*
 * A key with many leaves has them in a table by value, too, so that a filter
 * with many values need not compare each with each. There a value is found at
 * its first leaf; those of the same value in other elements hang on that, and
 * those in the same element are left out.
 */
#define MANY_LEAVES 8

struct leaf_slot {
	uint64_t hash;
	uint32_t leaf;
	uint32_t epoch; /* of another message: the slot is free */
};

struct leaf_table {
	struct leaf_slot *slots;
	size_t mask;
	size_t len;
	uint32_t epoch;
};

/* The leaves at one key. */
struct seen {
	uint32_t first; /* 0: none */
	uint32_t last;
	uint32_t count;
};

struct message {
	const struct keys *keys;
	const struct lists *ahead; /* will be asked for each leaf */
	struct leaf *leaves;       /* 0 is not used */
	uint32_t len;
	uint32_t cap;
	struct trail *trails;
	uint32_t trails_len;
	uint32_t trails_cap;
	uint32_t lists;
	bool refused;      /* neither a map nor null: satisfies no clause */
	struct seen *seen; /* by key */
	uint64_t *masks;   /* by key: bit hash mod 64 of each leaf */
	uint32_t keys_cap;
	uint32_t *touched; /* keys that have leaves */
	uint32_t touched_len;
	uint32_t touched_cap;
	struct leaf_table table;
	struct buf path; /* of a nested place */
};

void message_fini(struct message *message);

/* Forgets the last message. `keys` are those of the index now; what `ahead`
 * has of a leaf is fetched while the rest of the message is read. */
void message_begin(struct message *message, const struct keys *keys,
		   const struct lists *ahead);

void message_read(struct message *message, const struct value *attributes);
void message_read_packed(struct message *message, struct slice attributes);

static inline bool message_has_many(const struct message *message, uint32_t key)
{
	return message->seen[key].count > MANY_LEAVES;
}

/* Of a key with many leaves: the first one of that value, or 0. */
uint32_t message_find(const struct message *message, uint32_t key,
		      const struct value *value);

size_t message_size(const struct message *message);

/*
 * For the two readers: below a map's key; below an element of a list, which is
 * no scalar; and a scalar there. What `enter` gives goes back to `leave`.
 */
struct place {        /* zeroed: the root */
	uint32_t key; /* of the path here; 0: no filter names it */
	uint32_t trail;
	uint32_t level;   /* keys on the way here */
	struct slice top; /* on the first level: that key */
	size_t path_len;  /* below: what the path has of this place */
};

struct place message_enter_key(struct message *message,
			       const struct place *above, struct slice key);
struct place message_enter_element(struct message *message,
				   const struct place *above, uint32_t list);
void message_leave_element(struct message *message, const struct place *place);
uint32_t message_new_list(struct message *message);
void message_add_leaf(struct message *message, const struct place *place,
		      const struct value *leaf);

#endif
