#include "document_test.h"

#include "document/key_index.h"

static bool has_place(const struct key_index *index, uint32_t hash,
		      size_t wanted)
{
	struct key_probe probe = key_index_probe(index, hash);
	size_t place;

	while (key_index_next(index, &probe, &place)) {
		if (place == wanted) {
			return true;
		}
	}
	return false;
}

static void test_hash(void **state)
{
	(void)state;
	char zeros[20] = { 0 };

	/* Equal bytes, equal hash; length and place of bytes matter. */
	assert_int_equal(key_hash(SLICE("name")), key_hash(SLICE("name")));
	for (size_t a = 0; a < sizeof(zeros); a++) {
		for (size_t b = 0; b < a; b++) {
			assert_int_not_equal(
			    key_hash((struct slice){ zeros, a }),
			    key_hash((struct slice){ zeros, b }));
		}
	}
	assert_int_not_equal(key_hash(SLICE("ab")), key_hash(SLICE("ba")));
}

static void test_same_hash(void **state)
{
	(void)state;
	struct key_index index = { 0 };
	size_t seen = 0;
	size_t place;

	for (size_t i = 0; i < 500; i++) {
		assert_true(key_index_add(&index, 7, i, key_resize_or_end));
	}
	assert_true(key_index_add(&index, 8, 500, key_resize_or_end));
	struct key_probe probe = key_index_probe(&index, 7);

	while (key_index_next(&index, &probe, &place)) {
		assert_true(place < 500);
		seen++;
	}
	assert_int_equal(seen, 500);
	assert_true(has_place(&index, 8, 500));
	key_index_fini(&index);
}

static void test_grow_and_clear(void **state)
{
	(void)state;
	struct key_index index = { 0 };

	assert_false(has_place(&index, 1, 0));
	for (uint32_t i = 0; i < 10000; i++) {
		assert_true(
		    key_index_add(&index, i * 64, i, key_resize_or_end));
	}
	for (uint32_t i = 0; i < 10000; i++) {
		assert_true(has_place(&index, i * 64, i));
	}
	assert_false(has_place(&index, 1, 0));
	key_index_clear(&index);
	assert_false(has_place(&index, 64, 1));
	assert_true(key_index_add(&index, 64, 5, key_resize_or_end));
	assert_true(has_place(&index, 64, 5));
	key_index_fini(&index);
	assert_int_equal(index.size, 0);
}

static void test_without_memory(void **state)
{
	(void)state;
	struct key_index index = { 0 };
	uint32_t added = 0;

	alloc_fail_after(3);
	while (key_index_add(&index, added, added, alloc_try_resize)) {
		added++;
	}
	alloc_fail_after(0);
	assert_int_equal(index.len, added);
	for (uint32_t i = 0; i < added; i++) {
		assert_true(has_place(&index, i, i));
	}
	key_index_fini(&index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_same_hash),
		cmocka_unit_test(test_grow_and_clear),
		cmocka_unit_test(test_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
