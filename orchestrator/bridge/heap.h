/*
 * A binary heap of things that hold their own node, which knows where in the
 * heap it is: any of them can be taken out. One thread.
 */
#ifndef BRIDGE_HEAP_H
#define BRIDGE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed when it is in no heap. */
struct heap_node {
	uint32_t slot; /* index + 1 */
};

struct heap {
	struct heap_node **nodes; /* the first one comes first */
	size_t len;
	size_t cap;
	bool (*before)(const struct heap_node *a, const struct heap_node *b);
};

/* NULL: it is empty. */
struct heap_node *heap_first(const struct heap *heap);
void heap_add(struct heap *heap, struct heap_node *node);
void heap_remove(struct heap *heap, struct heap_node *node);
/* Its place may be another one now. */
void heap_moved(struct heap *heap, struct heap_node *node);
/* Any of their places may be. */
void heap_order(struct heap *heap);
/* The nodes are the caller's. */
void heap_fini(struct heap *heap);

/* The struct that has the node as its member. */
#define heap_entry(node, type, member) \
	((type *)((uintptr_t)(node)-offsetof(type, member)))

#endif
