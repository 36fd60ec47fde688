/*
 * A hash table of things that hold their own node, so that it allocates nothing
 * for each of them. It grows by one bucket at a time (linear hashing, Litwin
 * 1980): no insertion waits until a million others have been moved. One thread.
 */
#ifndef BRIDGE_CHAINS_H
#define BRIDGE_CHAINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chain_node {
	struct chain_node *next;
	uint32_t hash;
};

/* A zeroed struct is an empty table. */
struct chains {
	struct chain_node **buckets;
	size_t bucket_count;
	size_t bucket_cap;
	size_t len;
};

/* Is the node the one of this key? */
typedef bool chains_same(const struct chain_node *node, const void *key);

/* NULL: there is none. */
struct chain_node *chains_find(const struct chains *chains, uint32_t hash,
			       chains_same *same, const void *key);
/* Nothing of that key is in it. */
void chains_add(struct chains *chains, struct chain_node *node, uint32_t hash);
/* It is in it. */
void chains_remove(struct chains *chains, struct chain_node *node);

/* Each node; it may be freed, the table may not be changed. */
void chains_each(const struct chains *chains,
		 void (*each)(void *arg, struct chain_node *node), void *arg);

/* The nodes are the caller's. */
void chains_fini(struct chains *chains);

/* The struct that has the node as its member. */
#define chains_entry(node, type, member) \
	((type *)((uintptr_t)(node)-offsetof(type, member)))

#endif
