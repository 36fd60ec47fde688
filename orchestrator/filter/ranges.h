/*
 * Ranges of numbers of one key, asked for those that hold a number: a treap by
 * lower bound in which each node knows the greatest upper bound below it, so
 * that a question costs O(log n) and what it finds. Bounds are doubles;
 * exact ones are rounded to the nearest, which keeps their order, so that no
 * range is missed and candidates must be tested exactly. Private to this room.
 */
#ifndef FILTER_RANGES_H
#define FILTER_RANGES_H

#include "filter/postings.h"

struct range_node {
	double lower;
	double upper;
	double greatest; /* upper bound in this subtree */
	uint32_t left;   /* 0: none */
	uint32_t right;
	uint32_t priority;
	struct posting posting;
};

struct ranges {
	struct range_node *nodes; /* 0 is not used */
	uint32_t len;
	uint32_t cap;
	uint32_t root;
	uint32_t free; /* a chain through `left`; 0: none */
	uint32_t count;
	uint32_t seed; /* nobody who writes filters may shape the tree */
};

void ranges_fini(struct ranges *ranges);

/* Returns the node's number, which stays until it is removed. */
uint32_t ranges_add(struct ranges *ranges, double lower, double upper,
		    struct posting posting);
void ranges_remove(struct ranges *ranges, uint32_t node);

typedef void range_found(void *arg, const struct posting *posting);

void ranges_find(const struct ranges *ranges, double number, range_found *found,
		 void *arg);

size_t ranges_size(const struct ranges *ranges);

#endif
