#include "bridge/chains.h"

#include <stdlib.h>

#include "base/alloc.h"

/* The largest power of two that is not above `count`; count > 0. */
static size_t round_of(size_t count)
{
	return (size_t)1 << (63 - __builtin_clzll(count));
}

/* Buckets from the round's beginning on have not been split yet. */
static size_t bucket_of(const struct chains *chains, uint32_t hash)
{
	size_t round = round_of(chains->bucket_count);
	size_t at = hash & (2 * round - 1);

	return at < chains->bucket_count ? at : at - round;
}

struct chain_node *chains_find(const struct chains *chains, uint32_t hash,
			       chains_same *same, const void *key)
{
	struct chain_node *node;

	if (chains->bucket_count == 0) {
		return NULL;
	}
	node = chains->buckets[bucket_of(chains, hash)];
	while (node && (node->hash != hash || !same(node, key))) {
		node = node->next;
	}
	return node;
}

static void split(struct chains *chains)
{
	size_t added = chains->bucket_count;

	alloc_grow(chains->buckets, chains->bucket_count, chains->bucket_cap);
	chains->buckets[chains->bucket_count++] = NULL;
	if (added == 0) {
		return;
	}
	size_t round = round_of(added);
	struct chain_node **from = &chains->buckets[added - round];
	struct chain_node **to = &chains->buckets[added];

	while (*from) {
		struct chain_node *node = *from;

		if (bucket_of(chains, node->hash) == added) {
			*from = node->next;
			*to = node;
			to = &node->next;
		} else {
			from = &node->next;
		}
	}
	*to = NULL;
}

void chains_add(struct chains *chains, struct chain_node *node, uint32_t hash)
{
	if (chains->len++ == chains->bucket_count) {
		split(chains);
	}
	struct chain_node **bucket = &chains->buckets[bucket_of(chains, hash)];

	node->hash = hash;
	node->next = *bucket;
	*bucket = node;
}

void chains_remove(struct chains *chains, struct chain_node *node)
{
	struct chain_node **at =
	    &chains->buckets[bucket_of(chains, node->hash)];

	while (*at != node) {
		at = &(*at)->next;
	}
	*at = node->next;
	chains->len--;
}

void chains_each(const struct chains *chains,
		 void (*each)(void *arg, struct chain_node *node), void *arg)
{
	for (size_t i = 0; i < chains->bucket_count; i++) {
		struct chain_node *node = chains->buckets[i];

		while (node) {
			struct chain_node *next = node->next;

			each(arg, node);
			node = next;
		}
	}
}

void chains_fini(struct chains *chains)
{
	free(chains->buckets);
	*chains = (struct chains){ 0 };
}
