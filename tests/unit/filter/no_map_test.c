/* Attributes that are neither a map nor null match only empty filters. */
#include "document/pack.h"
#include "filter_test.h"

static void assert_found(struct filter_index *index, const char *json,
			 size_t count)
{
	struct value attributes = parse(json);
	struct buf packed = { 0 };
	const uint32_t *ids;

	pack_write(&packed, &attributes);
	assert_int_equal(filter_index_match(index, &attributes, 0, &ids),
			 count);
	assert_int_equal(
	    filter_index_match_packed(index, buf_slice(&packed), 0, &ids),
	    count);
	assert_int_equal(ids[0], 0);
	buf_fini(&packed);
	value_clear(&attributes);
}

static void what_is_no_map_satisfies_no_key(void **arg)
{
	struct filter_index *index = filter_index_create(0);
	struct filter *absent = compile("{\"a\":[{\"exists\":false}]}");
	struct filter *empty = compile("{}");

	(void)arg;
	filter_index_add(index, empty, 0, 0);
	filter_index_add(index, absent, 1, 0);
	assert_found(index, "[]", 1);
	assert_found(index, "[{\"b\":1}]", 1);
	assert_found(index, "\"text\"", 1);
	assert_found(index, "0", 1);
	assert_found(index, "false", 1);
	assert_found(index, "null", 2);
	assert_found(index, "{}", 2);
	assert_found(index, "{\"a\":1}", 1);
	filter_index_destroy(index);
	filter_destroy(absent);
	filter_destroy(empty);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_map_satisfies_no_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
