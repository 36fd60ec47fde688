#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "bridge/heap.h"

struct thing {
	struct heap_node node;
	int key;
};

static bool before(const struct heap_node *a, const struct heap_node *b)
{
	return heap_entry(a, struct thing, node)->key <
	       heap_entry(b, struct thing, node)->key;
}

static void check(const struct heap *heap)
{
	for (size_t i = 0; i < heap->len; i++) {
		assert_int_equal(heap->nodes[i]->slot, i + 1);
		if (i > 0) {
			assert_false(
			    before(heap->nodes[i], heap->nodes[(i - 1) / 2]));
		}
	}
}

static void the_first_comes_first(void **state)
{
	struct heap heap = { .before = before };
	struct thing things[100] = { 0 };

	(void)state;
	assert_null(heap_first(&heap));
	for (int i = 0; i < 100; i++) {
		things[i].key = i * 37 % 100;
		heap_add(&heap, &things[i].node);
		check(&heap);
	}
	for (int i = 0; i < 100; i++) {
		struct heap_node *node = heap_first(&heap);

		assert_int_equal(heap_entry(node, struct thing, node)->key, i);
		heap_remove(&heap, node);
		assert_int_equal(node->slot, 0);
		check(&heap);
	}
	assert_null(heap_first(&heap));
	heap_fini(&heap);
}

static void any_can_be_taken_out_or_moved(void **state)
{
	struct heap heap = { .before = before };
	struct thing things[64] = { 0 };
	unsigned dice = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct thing *thing;

		dice = dice * 1103515245 + 12345;
		thing = &things[dice >> 16 & 63];
		if (!thing->node.slot) {
			thing->key = (int)(dice >> 8 & 255);
			heap_add(&heap, &thing->node);
		} else if (dice >> 24 & 1) {
			heap_remove(&heap, &thing->node);
		} else {
			thing->key = (int)(dice >> 8 & 255);
			heap_moved(&heap, &thing->node);
		}
		check(&heap);
	}
	heap_fini(&heap);
}

static void all_can_be_put_in_order(void **state)
{
	struct heap heap = { .before = before };
	struct thing things[50] = { 0 };

	(void)state;
	for (int i = 0; i < 50; i++) {
		heap_add(&heap, &things[i].node);
	}
	for (int i = 0; i < 50; i++) {
		things[i].key = i * 31 % 50;
	}
	heap_order(&heap);
	check(&heap);
	heap_fini(&heap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_comes_first),
		cmocka_unit_test(any_can_be_taken_out_or_moved),
		cmocka_unit_test(all_can_be_put_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
