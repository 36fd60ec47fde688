#include "filter/ranges.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"

void ranges_fini(struct ranges *ranges)
{
	free(ranges->nodes);
	*ranges = (struct ranges){ 0 };
}

static uint32_t new_node(struct ranges *ranges)
{
	uint32_t number = ranges->free;

	if (number) {
		ranges->free = ranges->nodes[number].left;
		return number;
	}
	if (ranges->len + 1 >= ranges->cap) {
		ranges->cap = ranges->cap ? ranges->cap * 2 : 8;
		ranges->nodes = alloc_resize(ranges->nodes, ranges->cap,
					     sizeof(*ranges->nodes));
	}
	if (ranges->len == 0) {
		ranges->nodes[ranges->len++] =
		    (struct range_node){ .greatest = -HUGE_VAL };
	}
	return ranges->len++;
}

/* The treap stays balanced if priorities look random. */
static uint32_t priority_of(const struct ranges *ranges, uint32_t number)
{
	uint32_t x = (number ^ ranges->seed) * 0x9e3779b9u;

	x ^= x >> 16;
	x *= 0x85ebca6bu;
	x ^= x >> 13;
	return x;
}

/* By lower bound, nodes of the same by number. */
static bool comes_before(const struct ranges *ranges, uint32_t a, uint32_t b)
{
	double x = ranges->nodes[a].lower;
	double y = ranges->nodes[b].lower;

	return x < y || (x <= y && a < b);
}

static void update(struct ranges *ranges, uint32_t number)
{
	struct range_node *node = &ranges->nodes[number];

	node->greatest =
	    fmax(node->upper, fmax(ranges->nodes[node->left].greatest,
				   ranges->nodes[node->right].greatest));
}

/* All before `pivot` to one side, all behind it to the other. */
static void split(struct ranges *ranges, uint32_t tree, uint32_t pivot,
		  uint32_t *ret_before, uint32_t *ret_behind)
{
	if (!tree) {
		*ret_before = 0;
		*ret_behind = 0;
		return;
	}
	struct range_node *node = &ranges->nodes[tree];

	if (comes_before(ranges, tree, pivot)) {
		split(ranges, node->right, pivot, &node->right, ret_behind);
		*ret_before = tree;
	} else {
		split(ranges, node->left, pivot, ret_before, &node->left);
		*ret_behind = tree;
	}
	update(ranges, tree);
}

/* All of `before` come before all of `behind`. */
static uint32_t join(struct ranges *ranges, uint32_t before, uint32_t behind)
{
	if (!before || !behind) {
		return before ? before : behind;
	}
	struct range_node *x = &ranges->nodes[before];
	struct range_node *y = &ranges->nodes[behind];

	if (x->priority > y->priority) {
		x->right = join(ranges, x->right, behind);
		update(ranges, before);
		return before;
	}
	y->left = join(ranges, before, y->left);
	update(ranges, behind);
	return behind;
}

static uint32_t insert(struct ranges *ranges, uint32_t tree, uint32_t added)
{
	struct range_node *node = &ranges->nodes[tree];
	struct range_node *fresh = &ranges->nodes[added];

	if (!tree || node->priority < fresh->priority) {
		split(ranges, tree, added, &fresh->left, &fresh->right);
		update(ranges, added);
		return added;
	}
	if (comes_before(ranges, added, tree)) {
		node->left = insert(ranges, node->left, added);
	} else {
		node->right = insert(ranges, node->right, added);
	}
	update(ranges, tree);
	return tree;
}

uint32_t ranges_add(struct ranges *ranges, double lower, double upper,
		    struct posting posting)
{
	uint32_t number = new_node(ranges);

	ranges->nodes[number] = (struct range_node){
		.lower = lower,
		.upper = upper,
		.greatest = upper,
		.priority = priority_of(ranges, number),
		.posting = posting,
	};
	ranges->root = insert(ranges, ranges->root, number);
	ranges->count++;
	return number;
}

static uint32_t take_out(struct ranges *ranges, uint32_t tree, uint32_t gone)
{
	struct range_node *node = &ranges->nodes[tree];

	if (tree == gone) {
		return join(ranges, node->left, node->right);
	}
	if (comes_before(ranges, gone, tree)) {
		node->left = take_out(ranges, node->left, gone);
	} else {
		node->right = take_out(ranges, node->right, gone);
	}
	update(ranges, tree);
	return tree;
}

void ranges_remove(struct ranges *ranges, uint32_t number)
{
	ranges->root = take_out(ranges, ranges->root, number);
	ranges->nodes[number].left = ranges->free;
	ranges->free = number;
	ranges->count--;
}

static void find(const struct ranges *ranges, uint32_t tree, double number,
		 range_found *found, void *arg)
{
	while (tree && ranges->nodes[tree].greatest >= number) {
		const struct range_node *node = &ranges->nodes[tree];

		find(ranges, node->left, number, found, arg);
		if (node->lower > number) {
			return;
		}
		if (number <= node->upper) {
			found(arg, &node->posting);
		}
		tree = node->right;
	}
}

void ranges_find(const struct ranges *ranges, double number, range_found *found,
		 void *arg)
{
	if (ranges->root) {
		find(ranges, ranges->root, number, found, arg);
	}
}

size_t ranges_size(const struct ranges *ranges)
{
	return ranges->cap * sizeof(*ranges->nodes);
}
