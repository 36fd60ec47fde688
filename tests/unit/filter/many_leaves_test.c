/*
 * Keys with so many leaves that these are found by value: the index says the
 * same as the filter alone, whatever repeats where.
 */
#include "document/pack.h"
#include "filter_test.h"

static const char *const filters[] = {
	"{\"a.x\":[1]}",
	"{\"a.x\":[0,3]}",
	"{\"a.x\":[1],\"a.y\":[1]}",
	"{\"a.x\":[2],\"a.y\":[0,1]}",
	"{\"a\":{\"x\":[1],\"y\":[2],\"z\":[3]}}",
	"{\"a.x\":[{\"anything-but\":[0,1,2]}],\"a.y\":[2]}",
};

static uint32_t seed = 7;

static uint32_t dice(uint32_t sides)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % sides;
}

static void assert_same(const struct filter *filter, const char *json)
{
	struct filter_index *index = filter_index_create(3);
	struct value attributes = parse(json);
	struct buf packed = { 0 };
	const uint32_t *ids;
	bool expected = filter_match(filter, &attributes);

	pack_write(&packed, &attributes);
	filter_index_add(index, filter, 0, 0);
	assert_int_equal(filter_index_match(index, &attributes, 0, &ids),
			 expected);
	assert_int_equal(
	    filter_index_match_packed(index, buf_slice(&packed), 0, &ids),
	    expected);
	buf_fini(&packed);
	value_clear(&attributes);
	filter_index_destroy(index);
}

/* The ninth repeats the eighth, so that the key has still eight leaves when
 * the tenth comes. */
static void the_ninth_is_no_new_leaf(void **arg)
{
	static const char *const messages[] = {
		"{\"a\":[{\"x\":1},{\"x\":1},{\"x\":[3,4,5,6,7,8,8,9]}]}",
		"{\"a\":[{\"x\":1},{\"x\":1},{\"x\":[3,4,5,6,7,8,8,8,9,1]}]}",
		"{\"a\":[{\"x\":2},{\"x\":[2,4,5,6,7,8,9,9,9]},{\"x\":1}]}",
	};
	struct filter *filter;

	(void)arg;
	for (size_t i = 0; i < COUNT(filters); i++) {
		filter = compile(filters[i]);
		for (size_t j = 0; j < COUNT(messages); j++) {
			assert_same(filter, messages[j]);
		}
		filter_destroy(filter);
	}
}

static void put_list(struct buf *out, char name)
{
	uint32_t len = dice(6);

	buf_printf(out, "\"%c\":[", name);
	for (uint32_t i = 0; i < len; i++) {
		buf_printf(out, "%s%u", i ? "," : "", dice(4));
	}
	buf_put_text(out, "]");
}

static void put_element(struct buf *out)
{
	buf_put_text(out, "{");
	put_list(out, 'x');
	buf_put_text(out, ",");
	put_list(out, 'y');
	buf_put_text(out, ",");
	put_list(out, 'z');
	buf_put_text(out, "}");
}

static void values_repeat_at_random(void **arg)
{
	struct buf json = { 0 };

	(void)arg;
	for (size_t i = 0; i < 3000; i++) {
		struct filter *filter = compile(filters[i % COUNT(filters)]);

		buf_clear(&json);
		buf_put_text(&json, "{\"a\":[");
		for (uint32_t j = dice(8); j; j--) {
			put_element(&json);
			buf_put_text(&json, ",");
		}
		put_element(&json);
		buf_put_text(&json, "]}");
		buf_put_byte(&json, 0);
		assert_same(filter, json.data);
		filter_destroy(filter);
	}
	buf_fini(&json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ninth_is_no_new_leaf),
		cmocka_unit_test(values_repeat_at_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
