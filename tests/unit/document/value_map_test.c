#include "document_test.h"

static void fill(struct value *map, int count)
{
	for (int i = 0; i < count; i++) {
		char key[16];

		(void)snprintf(key, sizeof(key), "k%d", i);
		value_set(map, key, value_int(i));
	}
}

static void assert_keys(const struct value *map, int first, int count)
{
	assert_int_equal(value_len(map), count);
	for (int i = 0; i < count; i++) {
		const struct value_entry *entry =
		    value_entry_at(map, (size_t)i);
		char key[16];

		(void)snprintf(key, sizeof(key), "k%d", first + i);
		assert_true(slice_is(entry->key, key));
		assert_int_equal(value_get_int(map, key, -1), first + i);
	}
}

/* Sizes on both sides of where the index begins and grows. */
static const int sizes[] = { 0, 1, 2, 7, 8, 9, 10, 17, 33, 64, 65, 1000 };

static void test_order_and_lookup(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct value map = value_map();

		fill(&map, sizes[i]);
		assert_keys(&map, 0, sizes[i]);
		assert_null(value_get(&map, "absent"));
		assert_null(value_entry_at(&map, (size_t)sizes[i]));
		value_clear(&map);
	}
}

static void test_replace_keeps_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct value map = value_map();

		fill(&map, sizes[i]);
		fill(&map, sizes[i]);
		assert_keys(&map, 0, sizes[i]);
		value_clear(&map);
	}
	struct value map = from_json("{\"a\":1,\"b\":2,\"c\":3}");

	value_set(&map, "b", value_text("new"));
	assert_value(&map, "{\"a\":1,\"b\":\"new\",\"c\":3}");
	value_clear(&map);
}

static void test_remove_keeps_order(void **state)
{
	(void)state;
	for (int size = 1; size < 40; size++) {
		struct value map = value_map();

		fill(&map, size);
		assert_false(value_remove(&map, SLICE("absent")));
		for (int first = 0; first < size; first++) {
			char key[16];

			assert_keys(&map, first, size - first);
			(void)snprintf(key, sizeof(key), "k%d", first);
			assert_true(value_remove(&map, slice_of(key)));
			assert_null(value_get(&map, key));
		}
		fill(&map, size);
		assert_keys(&map, 0, size);
		value_clear(&map);
	}
}

static void test_remove_by_its_own_key(void **state)
{
	(void)state;
	struct value map = from_json("{\"a\":1,\"b\":2,\"c\":3}");

	assert_true(value_remove(&map, value_entry_at(&map, 1)->key));
	assert_value(&map, "{\"a\":1,\"c\":3}");
	value_clear(&map);
}

static bool is_odd(const struct value_entry *entry, void *arg)
{
	(*(int *)arg)++;
	return entry->value.as.integer % 2 == 1;
}

static void test_remove_if(void **state)
{
	(void)state;
	struct value map = value_map();
	struct value array = value_array();
	int calls = 0;

	fill(&map, 100);
	assert_int_equal(value_remove_if(&map, is_odd, &calls), 50);
	assert_int_equal(calls, 100);
	assert_int_equal(value_len(&map), 50);
	assert_int_equal(value_get_int(&map, "k42", -1), 42);
	assert_null(value_get(&map, "k43"));
	assert_int_equal(value_remove_if(&map, is_odd, &calls), 0);
	assert_int_equal(value_remove_if(&array, is_odd, &calls), 0);
	value_clear(&map);
}

static void test_keys_with_nul(void **state)
{
	(void)state;
	struct value map = value_map();

	value_set_slice(&map, SLICE("a\0b"), value_int(1));
	value_set_slice(&map, SLICE("a"), value_int(2));
	value_set_slice(&map, (struct slice){ 0 }, value_int(3));
	assert_int_equal(value_len(&map), 3);
	assert_int_equal(value_get_slice(&map, SLICE("a\0b"))->as.integer, 1);
	assert_int_equal(value_get_int(&map, "a", 0), 2);
	assert_int_equal(value_get_int(&map, "", 0), 3);
	value_clear(&map);
}

static void test_a_million_keys(void **state)
{
	(void)state;
	const int count = 1000000;
	struct value map = value_map();

	fill(&map, count);
	assert_int_equal(value_len(&map), count);
	for (int i = 0; i < count; i += 997) {
		char key[16];

		(void)snprintf(key, sizeof(key), "k%d", i);
		assert_int_equal(value_get_int(&map, key, -1), i);
	}
	value_clear(&map);
}

static void test_set_without_memory(void **state)
{
	(void)state;
	/* Fail at each allocation in turn on the way past the index. */
	for (size_t at = 1;; at++) {
		struct value map = value_map();
		int set = 0;
		int rc = 0;

		alloc_fail_after(at);
		for (; rc == 0 && set < 50; set += rc == 0) {
			char key[16];

			(void)snprintf(key, sizeof(key), "k%d", set);
			rc = value_set_try(&map, slice_of(key), value_int(set));
		}
		alloc_fail_after(0);
		assert_keys(&map, 0, set);
		fill(&map, 50);
		assert_keys(&map, 0, 50);
		value_clear(&map);
		if (rc == 0) {
			assert_true(at > 50);
			return;
		}
		assert_int_equal(rc, E_NO_MEMORY);
	}
}

static void test_conveniences(void **state)
{
	(void)state;
	struct value map =
	    from_json("{\"t\":\"x\",\"i\":7,\"b\":true,\"d\":1.5}");

	assert_true(slice_is(value_get_text(&map, "t"), "x"));
	assert_int_equal(value_get_text(&map, "i").len, 0);
	assert_int_equal(value_get_text(&map, "none").len, 0);
	assert_int_equal(value_get_int(&map, "i", 1), 7);
	assert_int_equal(value_get_int(&map, "d", 1), 1);
	assert_int_equal(value_get_int(&map, "none", 1), 1);
	assert_true(value_get_bool(&map, "b", false));
	assert_true(value_get_bool(&map, "t", true));
	assert_false(value_get_bool(&map, "none", false));
	value_get_mutable(&map, SLICE("i"))->as.integer = 8;
	assert_int_equal(value_get_int(&map, "i", 1), 8);
	assert_null(value_get_mutable(&map, SLICE("none")));
	value_clear(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_and_lookup),
		cmocka_unit_test(test_replace_keeps_place),
		cmocka_unit_test(test_remove_keeps_order),
		cmocka_unit_test(test_remove_by_its_own_key),
		cmocka_unit_test(test_remove_if),
		cmocka_unit_test(test_keys_with_nul),
		cmocka_unit_test(test_a_million_keys),
		cmocka_unit_test(test_set_without_memory),
		cmocka_unit_test(test_conveniences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
