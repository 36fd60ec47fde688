#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "bridge/chains.h"

#define MANY 5000

struct thing {
	struct chain_node node;
	uint32_t key;
	bool there;
};

static bool same_key(const struct chain_node *node, const void *key)
{
	return chains_entry(node, struct thing, node)->key ==
	       *(const uint32_t *)key;
}

/* Few bits, so that many share one. */
static uint32_t hash_of(uint32_t key, uint32_t bits)
{
	return key * 2654435761u & bits;
}

static void check(const struct chains *chains, struct thing *things,
		  uint32_t bits)
{
	size_t count = 0;

	for (uint32_t i = 0; i < MANY; i++) {
		struct chain_node *found =
		    chains_find(chains, hash_of(i, bits), same_key, &i);

		assert_ptr_equal(found,
				 things[i].there ? &things[i].node : NULL);
		count += things[i].there;
	}
	assert_int_equal(chains->len, count);
}

static void live(uint32_t bits)
{
	struct thing *things = alloc_zeroed(MANY, sizeof(*things));
	struct chains chains = { 0 };
	unsigned dice = 1;

	check(&chains, things, bits);
	for (int i = 0; i < 4 * MANY; i++) {
		struct thing *thing;

		dice = dice * 1103515245 + 12345;
		thing = &things[(dice >> 8) % MANY];
		thing->key = (uint32_t)(thing - things);
		if (thing->there) {
			chains_remove(&chains, &thing->node);
		} else {
			chains_add(&chains, &thing->node,
				   hash_of(thing->key, bits));
		}
		thing->there = !thing->there;
		if (i % MANY == 0 || i == 7) {
			check(&chains, things, bits);
		}
	}
	check(&chains, things, bits);
	chains_fini(&chains);
	free(things);
}

static void what_is_in_it_is_found(void **state)
{
	(void)state;
	live(UINT32_MAX);
}

static void also_when_hashes_are_the_same(void **state)
{
	(void)state;
	live(0xff);
}

/* Chains stay short at every size, also between powers of two. */
static void chains_are_short(void **state)
{
	struct thing *things = alloc_zeroed(MANY, sizeof(*things));
	struct chains chains = { 0 };

	(void)state;
	for (uint32_t i = 0; i < MANY; i++) {
		chains_add(&chains, &things[i].node, hash_of(i, UINT32_MAX));
		assert_int_equal(chains.bucket_count, i + 1);
	}
	for (size_t i = 0; i < chains.bucket_count; i++) {
		size_t len = 0;

		for (struct chain_node *node = chains.buckets[i]; node;
		     node = node->next) {
			len++;
		}
		assert_in_range(len, 0, 10);
	}
	chains_fini(&chains);
	free(things);
}

static void count(void *arg, struct chain_node *node)
{
	(*(size_t *)arg)++;
	free(chains_entry(node, struct thing, node));
}

static void each_may_be_freed(void **state)
{
	struct chains chains = { 0 };
	size_t counted = 0;

	(void)state;
	for (uint32_t i = 0; i < 100; i++) {
		struct thing *thing = alloc_zeroed(1, sizeof(*thing));

		chains_add(&chains, &thing->node, hash_of(i, UINT32_MAX));
	}
	chains_each(&chains, count, &counted);
	assert_int_equal(counted, 100);
	chains_fini(&chains);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_it_is_found),
		cmocka_unit_test(also_when_hashes_are_the_same),
		cmocka_unit_test(chains_are_short),
		cmocka_unit_test(each_may_be_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
