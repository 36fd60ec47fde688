/*
 * The index against the oracle: many filters, one after the other, on more
 * than a million pairs of a filter and a message, with changes in between.
 * TUTTI_SEED repeats a run; without it there is one fixed seed and one of the
 * time, which is printed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "support/random_message.h"
#include "support/world.h"

#define SEED 20260301
#ifdef TEST_SANITIZED
#define PAIRS 400000
#else
#define PAIRS 2500000
#endif
#define MESSAGES 60 /* in one world */

/* Pairs and matches among them, over all worlds. */
struct count {
	size_t pairs;
	size_t matches;
};

static void run_world(uint64_t seed, struct count *count)
{
	struct world world;

	world_init(&world, seed);
	for (size_t i = 0; i < MESSAGES; i++) {
		struct value message =
		    random_message(&world.words, &world.chance);

		world_check(&world, &message);
		value_clear(&message);
		for (uint32_t j = chance_below(&world.chance, 8); j; j--) {
			world_change(&world);
		}
	}
	count->pairs += world.pairs;
	count->matches += world.matches;
	world_fini(&world);
}

/* One world's seed follows the other's, so that a failure names its own. */
static void run_worlds(uint64_t first, size_t pairs)
{
	struct count count = { 0 };
	uint64_t seed = first;

	while (count.pairs < pairs) {
		run_world(seed++, &count);
	}
	print_message("TUTTI_SEED=%llu: %zu pairs, %zu of them match\n",
		      (unsigned long long)first, count.pairs, count.matches);
	/* Both answers must be common for this to say anything. */
	assert_true(count.matches > count.pairs / 50);
	assert_true(count.matches < count.pairs / 2);
}

static void index_equals_oracle(void **arg)
{
	(void)arg;
	run_worlds(chance_seed(SEED), PAIRS);
}

static void index_equals_oracle_today(void **arg)
{
	uint64_t seed = chance_seed((uint64_t)time(NULL) * 1000000);

	(void)arg;
	print_message("TUTTI_SEED=%llu\n", (unsigned long long)seed);
	run_worlds(seed, PAIRS / 5);
}

/* The ids that match in an old generation, noted for later. */
struct note {
	struct value message;
	uint64_t generation;
	uint32_t ids[WORLD_SLOTS];
	size_t len;
};

#define NOTES 40

static void note_init(struct note *note, struct world *world)
{
	const uint32_t *ids;

	note->message = random_message(&world->words, &world->chance);
	note->generation = world->generation;
	note->len = filter_index_match(world->index, &note->message,
				       world->generation, &ids);
	for (size_t i = 0; i < note->len; i++) {
		note->ids[i] = ids[i];
	}
}

static void note_check(const struct note *note, struct world *world)
{
	const uint32_t *ids;
	size_t len = filter_index_match(world->index, &note->message,
					note->generation, &ids);

	if (len != note->len ||
	    (len && memcmp(ids, note->ids, len * sizeof(*ids)) != 0)) {
		fail_msg("TUTTI_SEED=%llu step %llu: generation %llu changed",
			 (unsigned long long)world->seed,
			 (unsigned long long)world->step,
			 (unsigned long long)note->generation);
	}
}

static void old_generations_stay(void **arg)
{
	static struct note notes[NOTES];
	struct world world;

	(void)arg;
	world_init(&world, chance_seed(SEED));
	for (size_t i = 0; i < NOTES; i++) {
		note_init(&notes[i], &world);
		world.generation++;
		for (size_t j = 0; j < 20; j++) {
			world_change_later(&world);
		}
		for (size_t j = 0; j <= i; j++) {
			note_check(&notes[j], &world);
		}
	}
	for (size_t i = 0; i < NOTES; i++) {
		value_clear(&notes[i].message);
	}
	world_fini(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(index_equals_oracle),
		cmocka_unit_test(index_equals_oracle_today),
		cmocka_unit_test(old_generations_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
