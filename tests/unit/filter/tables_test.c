/*
 * The tables below an index, each against a plain model of itself: slots,
 * lists of postings, ranges, keys.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "filter/hash.h"
#include "filter/index.h"

#define MODEL  300
#define ROUNDS 20000

static uint32_t seed = 4711;

static uint32_t dice(uint32_t sides)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % sides;
}

/* Few different hashes, so that there are clusters and doubles. */
static uint64_t crowded(uint32_t number)
{
	return number % 37 * UINT64_C(0x100000001);
}

static bool slots_have(const struct slots *slots, uint32_t number)
{
	uint64_t hash = crowded(number);
	size_t at = (size_t)hash;
	uint32_t found;

	while ((found = slots_next(slots, hash, &at))) {
		if (found == number) {
			return true;
		}
	}
	return false;
}

static void slots_equal_their_model(void **arg)
{
	struct slots slots = { 0 };
	bool model[MODEL] = { false };

	(void)arg;
	for (int round = 0; round < ROUNDS; round++) {
		uint32_t number = 1 + dice(MODEL - 1);

		assert_int_equal(slots_have(&slots, number), model[number]);
		if (model[number]) {
			slots_remove(&slots, crowded(number), number);
		} else {
			slots_add(&slots, crowded(number), number);
		}
		model[number] = !model[number];
	}
	for (uint32_t i = 1; i < MODEL; i++) {
		assert_int_equal(slots_have(&slots, i), model[i]);
		if (model[i]) {
			slots_remove(&slots, crowded(i), i);
		}
	}
	assert_int_equal(slots.len, 0);
	slots_fini(&slots);
}

static void lists_keep_positions(void **arg)
{
	struct lists lists = { 0 };
	uint32_t position[MODEL];
	bool model[MODEL] = { false };

	(void)arg;
	for (int round = 0; round < ROUNDS; round++) {
		uint32_t entry = dice(MODEL);
		uint64_t hash = entry % 11;
		struct posting moved = { .entry = 0 };

		if (!model[entry]) {
			position[entry] = lists_add(
			    &lists, hash, (struct posting){ .entry = entry });
		} else if (lists_remove(&lists, hash, position[entry],
					&moved)) {
			position[moved.entry] = position[entry];
		}
		model[entry] = !model[entry];
		for (uint32_t i = 0; i < MODEL; i++) {
			const struct postings *list =
			    model[i] ? lists_find(&lists, i % 11) : NULL;

			assert_true(!list ||
				    postings_first(list)[position[i]].entry ==
					i);
		}
	}
	lists_fini(&lists);
}

static void emptied_lists_give_their_memory_back(void **arg)
{
	struct lists lists = { 0 };
	struct posting moved;

	(void)arg;
	for (uint32_t i = 0; i < 1000; i++) {
		(void)lists_add(&lists, 5, (struct posting){ .entry = i });
	}
	assert_true(lists.heap >= 1000 * sizeof(struct posting));
	for (uint32_t i = 1000; i-- > 0;) {
		(void)lists_remove(&lists, 5, 0, &moved);
	}
	assert_int_equal(lists.heap, 0);
	assert_null(lists_find(&lists, 5));
	lists_fini(&lists);
}

struct interval {
	double lower;
	double upper;
	uint32_t node; /* 0: not there */
	bool found;
};

static struct interval intervals[MODEL];

static void found(void *arg, const struct posting *posting)
{
	assert_false(intervals[posting->entry].found);
	intervals[posting->entry].found = true;
	(*(size_t *)arg)++;
}

static void assert_ranges(const struct ranges *ranges, double number)
{
	size_t count = 0;

	for (size_t i = 0; i < MODEL; i++) {
		intervals[i].found = false;
	}
	ranges_find(ranges, number, found, &count);
	for (size_t i = 0; i < MODEL; i++) {
		const struct interval *one = &intervals[i];

		assert_int_equal(one->found, one->node &&
						 one->lower <= number &&
						 number <= one->upper);
	}
}

static void ranges_equal_their_model(void **arg)
{
	struct ranges ranges = { .seed = 9 };

	(void)arg;
	for (int round = 0; round < ROUNDS / 4; round++) {
		struct interval *one = &intervals[dice(MODEL)];

		if (one->node) {
			ranges_remove(&ranges, one->node);
			one->node = 0;
		} else {
			one->lower = dice(50);
			one->upper = dice(8) ? one->lower + dice(20) : 1e300;
			one->node = ranges_add(
			    &ranges, one->lower, one->upper,
			    (struct posting){
				.entry = (uint32_t)(one - intervals) });
		}
		assert_ranges(&ranges, dice(70));
	}
	for (size_t i = 0; i < MODEL; i++) {
		if (intervals[i].node) {
			ranges_remove(&ranges, intervals[i].node);
		}
	}
	assert_int_equal(ranges.root, 0);
	ranges_fini(&ranges);
}

static void keys_come_and_go(void **arg)
{
	struct keys keys = { .seed = 3 };
	struct slice a = SLICE("a");
	uint64_t hash = hash_text(3, HASH_PATH, 0, a);

	(void)arg;
	assert_int_equal(keys_find(&keys, a, hash), 0);
	uint32_t number = keys_use(&keys, a);

	assert_int_not_equal(number, 0);
	assert_int_equal(keys_use(&keys, a), number);
	assert_int_not_equal(keys_use(&keys, SLICE("b")), number);
	keys_release(&keys, number);
	assert_int_equal(keys_find(&keys, a, hash), number);
	keys_release(&keys, number);
	assert_int_equal(keys_find(&keys, a, hash), 0);
	assert_int_equal(keys_use(&keys, SLICE("c")), number);
	keys_fini(&keys);
}

static void only_traits_of_keys_are_asked_for(void **arg)
{
	struct keys keys = { .seed = 3 };
	struct slice path = SLICE("tenant");
	struct slice like = SLICE("target"); /* the same ends and length */
	uint32_t first = keys_use(&keys, path);
	uint32_t second = keys_use(&keys, like);

	(void)arg;
	assert_false(keys_may_have(&keys, SLICE("")));
	assert_false(keys_may_have(&keys, SLICE("tenan")));
	assert_false(keys_may_have(&keys, SLICE("tenand")));
	assert_false(keys_may_have(&keys, SLICE("xenant")));
	assert_int_equal(keys_use(&keys, path), first);
	keys_release(&keys, first);
	keys_release(&keys, first);
	assert_true(keys_may_have(&keys, path));
	keys_release(&keys, second);
	assert_false(keys_may_have(&keys, path));
	first = keys_use(&keys, SLICE(""));
	assert_true(keys_may_have(&keys, SLICE("")));
	keys_release(&keys, first);
	assert_false(keys_may_have(&keys, SLICE("")));
	keys_fini(&keys);
}

/* More keys of one trait than it can count. */
static void no_key_is_ever_missed(void **arg)
{
	enum { KEYS = UINT8_MAX + 50 };
	struct keys keys = { .seed = 3 };
	uint32_t numbers[KEYS];
	char path[8];

	(void)arg;
	for (int i = 0; i < KEYS; i++) {
		(void)snprintf(path, sizeof(path), "k%03dk", i);
		numbers[i] = keys_use(&keys, slice_of(path));
		assert_true(keys_may_have(&keys, slice_of(path)));
	}
	for (int i = 0; i < KEYS; i++) {
		assert_true(keys_may_have(&keys, slice_of(path)));
		keys_release(&keys, numbers[i]);
	}
	keys_fini(&keys);
}

static void sketches_estimate(void **arg)
{
	static const uint32_t counts[] = { 1, 10, 100, 10000, 100000 };

	(void)arg;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct sketch sketch = { { 0 }, 0 };

		for (uint32_t n = 0; n < 2 * counts[i]; n++) {
			uint32_t value = n / 2;
			struct slice bytes = { (const char *)&value,
					       sizeof(value) };

			sketch_add(&sketch, hash_text(1, HASH_EQUAL, 1, bytes));
		}
		assert_true(sketch.estimate > counts[i] * 0.5);
		assert_true(sketch.estimate < counts[i] * 2.0);
	}
}

static void affixes_are_filed_by_length(void **arg)
{
	(void)arg;
	for (size_t len = 0; len < 2 * AFFIX_MAX; len++) {
		unsigned class = affix_class(len);

		assert_true(affix_lengths[class] <= len);
		assert_true(class + 1 == AFFIX_LENGTHS ||
			    affix_lengths[class + 1] > len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slots_equal_their_model),
		cmocka_unit_test(lists_keep_positions),
		cmocka_unit_test(emptied_lists_give_their_memory_back),
		cmocka_unit_test(ranges_equal_their_model),
		cmocka_unit_test(keys_come_and_go),
		cmocka_unit_test(only_traits_of_keys_are_asked_for),
		cmocka_unit_test(no_key_is_ever_missed),
		cmocka_unit_test(sketches_estimate),
		cmocka_unit_test(affixes_are_filed_by_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
