#include "document_test.h"

#include <float.h>
#include <math.h>

static void test_makers(void **state)
{
	(void)state;
	struct value zeroed = { 0 };
	struct value not_a_number = value_double((double)NAN);
	struct value infinite = value_double((double)INFINITY);

	assert_int_equal(zeroed.type, VALUE_NULL);
	assert_int_equal(not_a_number.type, VALUE_NULL);
	assert_int_equal(infinite.type, VALUE_NULL);
	assert_int_equal(value_uint(INT64_MAX).type, VALUE_INT);
	assert_int_equal(value_uint((uint64_t)INT64_MAX + 1).type, VALUE_UINT);
	assert_int_equal(value_text(NULL).type, VALUE_NULL);
}

static void test_text_is_copied(void **state)
{
	(void)state;
	char text[] = "abc";
	struct value value = value_text(text);

	text[0] = 'x';
	assert_true(slice_is(value.as.text, "abc"));
	assert_int_equal(value.as.text.ptr[3], '\0');
	value_clear(&value);
	assert_int_equal(value.type, VALUE_NULL);
	value_clear(&value);
	value_clear(NULL);
}

static void test_empty_text(void **state)
{
	(void)state;
	struct value value = value_string((struct slice){ 0 });

	assert_int_equal(value.as.text.len, 0);
	assert_non_null(value.as.text.ptr);
	value_clear(&value);
}

static void test_array(void **state)
{
	(void)state;
	struct value array = value_array();

	assert_null(value_at(&array, 0));
	for (int i = 0; i < 1000; i++) {
		value_push(&array, value_int(i));
	}
	assert_int_equal(value_len(&array), 1000);
	assert_int_equal(value_at(&array, 999)->as.integer, 999);
	assert_null(value_at(&array, 1000));
	assert_null(value_get(&array, "x"));
	assert_null(value_entry_at(&array, 0));
	value_clear(&array);
}

static void test_copy_is_deep(void **state)
{
	(void)state;
	struct value value = from_json("{\"a\":[1,{\"b\":\"c\"}],\"d\":2.5}");
	struct value copy = value_copy(&value);

	value_set(&value, "a", value_null());
	assert_value(&copy, "{\"a\":[1,{\"b\":\"c\"}],\"d\":2.5}");
	value_clear(&value);
	value_clear(&copy);
}

static void test_copy_of_bytes(void **state)
{
	(void)state;
	struct value bytes = value_bytes(SLICE("\0\xff"));
	struct value copy = value_copy(&bytes);
	struct value text = value_string(SLICE("ab"));
	struct value other = value_bytes(SLICE("ab"));

	assert_int_equal(copy.type, VALUE_BYTES);
	assert_true(value_equal(&bytes, &copy));
	assert_false(value_equal(&text, &other));
	value_clear(&bytes);
	value_clear(&copy);
	value_clear(&text);
	value_clear(&other);
}

static void test_type_names(void **state)
{
	(void)state;
	static const struct {
		struct value value;
		const char *name;
	} cases[] = {
		{ { .type = VALUE_NULL }, "null" },
		{ { .type = VALUE_BOOL }, "boolean" },
		{ { .type = VALUE_INT }, "number" },
		{ { .type = VALUE_UINT }, "number" },
		{ { .type = VALUE_DOUBLE }, "number" },
		{ { .type = VALUE_STRING }, "string" },
		{ { .type = VALUE_BYTES }, "bytes" },
		{ { .type = VALUE_ARRAY }, "list" },
		{ { .type = VALUE_MAP }, "map" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_string_equal(value_type_name(&cases[i].value),
				    cases[i].name);
	}
}

static void test_equal(void **state)
{
	(void)state;
	static const struct {
		const char *a;
		const char *b;
		bool equal;
	} cases[] = {
		{ "null", "null", true },
		{ "null", "false", false },
		{ "true", "true", true },
		{ "true", "false", false },
		{ "1", "1.0", true },
		{ "1", "\"1\"", false },
		{ "\"a\"", "\"a\"", true },
		{ "\"a\"", "\"A\"", false },
		{ "[]", "{}", false },
		{ "[1,2]", "[1,2]", true },
		{ "[1,2]", "[2,1]", false },
		{ "[1,2]", "[1,2,3]", false },
		{ "{\"a\":1,\"b\":2}", "{\"b\":2.0,\"a\":1}", true },
		{ "{\"a\":1}", "{\"b\":1}", false },
		{ "{\"a\":1}", "{\"a\":1,\"b\":null}", false },
		{ "{\"a\":[{}]}", "{\"a\":[{}]}", true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct value a = from_json(cases[i].a);
		struct value b = from_json(cases[i].b);

		assert_int_equal(value_equal(&a, &b), cases[i].equal);
		assert_int_equal(value_equal(&b, &a), cases[i].equal);
		value_clear(&a);
		value_clear(&b);
	}
}

static void test_push_without_memory(void **state)
{
	(void)state;
	struct value array = value_array();
	size_t pushed = 0;

	alloc_fail_after(4);
	while (value_push_try(&array, value_int(1)) == 0) {
		pushed++;
	}
	alloc_fail_after(0);
	assert_int_equal(value_len(&array), pushed);
	assert_int_equal(value_push_try(&array, value_int(2)), 0);
	assert_int_equal(value_len(&array), pushed + 1);
	value_clear(&array);
}

static void test_item_taken_on_failure(void **state)
{
	(void)state;
	struct value array = value_array();
	struct value map = value_map();
	struct value item;

	alloc_fail_after(1);
	assert_int_equal(value_text_try(VALUE_STRING, SLICE("a"), &item),
			 E_NO_MEMORY);
	assert_int_equal(value_push_try(&array, value_text("item")),
			 E_NO_MEMORY);
	assert_int_equal(value_set_try(&map, SLICE("k"), value_text("item")),
			 E_NO_MEMORY);
	alloc_fail_after(0);
	assert_int_equal(value_len(&array), 0);
	assert_int_equal(value_len(&map), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_makers),
		cmocka_unit_test(test_text_is_copied),
		cmocka_unit_test(test_empty_text),
		cmocka_unit_test(test_array),
		cmocka_unit_test(test_copy_is_deep),
		cmocka_unit_test(test_copy_of_bytes),
		cmocka_unit_test(test_type_names),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_push_without_memory),
		cmocka_unit_test(test_item_taken_on_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
