#include "document_test.h"

#include "document/merge_patch.h"

static void assert_merge(const char *target, const char *patch,
			 const char *wanted)
{
	struct value value = from_json(target);
	struct value change = from_json(patch);
	struct value result = from_json(wanted);

	merge_patch(&value, &change);
	assert_same(&value, &result);
	assert_value(&change, patch);
	value_clear(&value);
	value_clear(&change);
	value_clear(&result);
}

static void test_appendix_a(void **state)
{
	(void)state;
	static const char *const cases[][3] = {
		{ "{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}" },
		{ "{\"a\":\"b\"}", "{\"b\":\"c\"}",
		  "{\"a\":\"b\",\"b\":\"c\"}" },
		{ "{\"a\":\"b\"}", "{\"a\":null}", "{}" },
		{ "{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}",
		  "{\"b\":\"c\"}" },
		{ "{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}" },
		{ "{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}" },
		{ "{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}",
		  "{\"a\":{\"b\":\"d\"}}" },
		{ "{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}" },
		{ "[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]" },
		{ "{\"a\":\"b\"}", "[\"c\"]", "[\"c\"]" },
		{ "{\"a\":\"foo\"}", "null", "null" },
		{ "{\"a\":\"foo\"}", "\"bar\"", "\"bar\"" },
		{ "{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}" },
		{ "[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}" },
		{ "{}", "{\"a\":{\"bb\":{\"ccc\":null}}}",
		  "{\"a\":{\"bb\":{}}}" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_merge(cases[i][0], cases[i][1], cases[i][2]);
	}
}

static void test_chapter_three(void **state)
{
	(void)state;
	assert_merge("{\"title\":\"Goodbye!\",\"author\":{\"givenName\":"
		     "\"John\",\"familyName\":\"Doe\"},\"tags\":[\"example\","
		     "\"sample\"],\"content\":\"This will be unchanged\"}",
		     "{\"title\":\"Hello!\",\"phoneNumber\":"
		     "\"+01-123-456-7890\",\"author\":{\"familyName\":null},"
		     "\"tags\":[\"example\"]}",
		     "{\"title\":\"Hello!\",\"author\":{\"givenName\":"
		     "\"John\"},\"tags\":[\"example\"],\"content\":"
		     "\"This will be unchanged\",\"phoneNumber\":"
		     "\"+01-123-456-7890\"}");
}

static void test_null_in_arrays_stays(void **state)
{
	(void)state;
	assert_merge("{}", "{\"a\":[null,{\"b\":null}]}",
		     "{\"a\":[null,{\"b\":null}]}");
}

static void test_order_is_kept(void **state)
{
	(void)state;
	struct value value = from_json("{\"a\":1,\"b\":2,\"c\":3}");
	struct value patch = from_json("{\"d\":4,\"a\":null,\"c\":5}");

	merge_patch(&value, &patch);
	assert_value(&value, "{\"b\":2,\"c\":5,\"d\":4}");
	value_clear(&value);
	value_clear(&patch);
}

/* Removal of very many members must not take the square of the time. */
static void test_many_removals(void **state)
{
	(void)state;
	struct value value = value_map();
	struct value patch = value_map();

	for (int i = 0; i < 300000; i++) {
		char key[16];

		(void)snprintf(key, sizeof(key), "k%d", i);
		value_set(&value, key, value_int(i));
		if (i % 3 != 0) {
			value_set(&patch, key, value_null());
		}
	}
	merge_patch(&value, &patch);
	assert_int_equal(value_len(&value), 100000);
	assert_int_equal(value_get_int(&value, "k299997", 0), 299997);
	assert_null(value_get(&value, "k299998"));
	value_clear(&value);
	value_clear(&patch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_appendix_a),
		cmocka_unit_test(test_chapter_three),
		cmocka_unit_test(test_null_in_arrays_stays),
		cmocka_unit_test(test_order_is_kept),
		cmocka_unit_test(test_many_removals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
