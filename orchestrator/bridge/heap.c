#include "bridge/heap.h"

#include <stdlib.h>

#include "base/alloc.h"

struct heap_node *heap_first(const struct heap *heap)
{
	return heap->len ? heap->nodes[0] : NULL;
}

static void place(struct heap *heap, size_t at, struct heap_node *node)
{
	heap->nodes[at] = node;
	node->slot = (uint32_t)at + 1;
}

static void sift_up(struct heap *heap, size_t at, struct heap_node *node)
{
	while (at > 0) {
		size_t parent = (at - 1) / 2;

		if (!heap->before(node, heap->nodes[parent])) {
			break;
		}
		place(heap, at, heap->nodes[parent]);
		at = parent;
	}
	place(heap, at, node);
}

static void sift_down(struct heap *heap, size_t at, struct heap_node *node)
{
	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= heap->len) {
			break;
		}
		if (child + 1 < heap->len &&
		    heap->before(heap->nodes[child + 1], heap->nodes[child])) {
			child++;
		}
		if (!heap->before(heap->nodes[child], node)) {
			break;
		}
		place(heap, at, heap->nodes[child]);
		at = child;
	}
	place(heap, at, node);
}

static void settle(struct heap *heap, size_t at, struct heap_node *node)
{
	if (at > 0 && heap->before(node, heap->nodes[(at - 1) / 2])) {
		sift_up(heap, at, node);
	} else {
		sift_down(heap, at, node);
	}
}

void heap_add(struct heap *heap, struct heap_node *node)
{
	alloc_grow(heap->nodes, heap->len, heap->cap);
	sift_up(heap, heap->len++, node);
}

void heap_remove(struct heap *heap, struct heap_node *node)
{
	size_t at = node->slot - 1;
	struct heap_node *last = heap->nodes[--heap->len];

	node->slot = 0;
	if (last != node) {
		settle(heap, at, last);
	}
}

void heap_moved(struct heap *heap, struct heap_node *node)
{
	settle(heap, node->slot - 1, node);
}

void heap_order(struct heap *heap)
{
	for (size_t at = heap->len / 2; at-- > 0;) {
		sift_down(heap, at, heap->nodes[at]);
	}
}

void heap_fini(struct heap *heap)
{
	free(heap->nodes);
	heap->nodes = NULL;
	heap->len = heap->cap = 0;
}
