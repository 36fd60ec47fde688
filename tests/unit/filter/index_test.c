#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "document/json.h"
#include "filter/filter.h"

#define FILTERS 40
#define ROUNDS  2000

static uint32_t seed = 12345;

static uint32_t dice(uint32_t sides)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % sides;
}

static const char *const clauses[] = {
	"\"%c\":[1]",
	"\"%c\":[\"x\",2]",
	"\"%c\":[{\"prefix\":\"x\"}]",
	"\"%c\":[{\"exists\":false}]",
	"\"%c\":[{\"exists\":true}]",
	"\"%c\":[{\"anything-but\":[1,2]}]",
	"\"%c\":[{\"numeric\":[\">\",0,\"<=\",2]}]",
};

static const char *const members[] = {
	"\"%c\":1", "\"%c\":\"xy\"",    "\"%c\":null",
	"\"%c\":2", "\"%c\":[3,\"x\"]", "\"%c\":[]",
};

/* {"a": one of the forms, ...} over some of the keys a to d. */
static struct value random_map(const char *const *forms, uint32_t count)
{
	struct buf json = { 0 };
	struct value value;

	buf_put_byte(&json, '{');
	for (char key = 'a'; key <= 'd'; key++) {
		const char *form = forms[dice(count)];
		const char *hole = strchr(form, '%');

		if (dice(2)) {
			continue;
		}
		if (json.len > 1) {
			buf_put_byte(&json, ',');
		}
		buf_put(&json, form, (size_t)(hole - form));
		buf_put_byte(&json, (uint8_t)key);
		buf_put_text(&json, hole + 2);
	}
	buf_put_byte(&json, '}');
	assert_int_equal(json_read(buf_slice(&json), NULL, &value, NULL), 0);
	buf_fini(&json);
	return value;
}

static struct filter *random_filter(void)
{
	struct value document = random_map(clauses, 7);
	struct filter *filter;

	assert_int_equal(filter_compile(&document, &filter, NULL), 0);
	value_clear(&document);
	return filter;
}

static void assert_same(struct filter_index *index,
			struct filter *const filters[FILTERS],
			const struct value *attributes)
{
	const uint32_t *ids;
	size_t len = filter_index_match(index, attributes, 0, &ids);
	size_t expected = 0;

	for (uint32_t id = 0; id < FILTERS; id++) {
		if (filters[id] && filter_match(filters[id], attributes)) {
			assert_true(expected < len);
			assert_int_equal(ids[expected], id);
			expected++;
		}
	}
	assert_int_equal(len, expected);
}

static void toggle(struct filter_index *index, struct filter **filter,
		   uint32_t id)
{
	if (*filter) {
		assert_int_equal(filter_index_remove(index, id), 0);
		assert_int_equal(filter_index_remove(index, id), E_NOT_FOUND);
		filter_destroy(*filter);
		*filter = NULL;
	} else {
		assert_int_equal(filter_index_remove(index, id), E_NOT_FOUND);
		*filter = random_filter();
		filter_index_add(index, *filter, id, 0);
	}
}

static void index_equals_single_matches(void **arg)
{
	struct filter *filters[FILTERS] = { 0 };
	struct filter_index *index = filter_index_create(0);

	(void)arg;
	for (size_t round = 0; round < ROUNDS; round++) {
		uint32_t id = dice(FILTERS);
		struct value attributes = random_map(members, 6);

		toggle(index, &filters[id], id);
		assert_same(index, filters, &attributes);
		value_clear(&attributes);
	}
	filter_index_destroy(index);
	for (size_t i = 0; i < FILTERS; i++) {
		filter_destroy(filters[i]);
	}
}

static void empty_index_and_null_filters(void **arg)
{
	struct filter_index *index = filter_index_create(0);
	struct value attributes = value_null();
	const uint32_t *ids;

	(void)arg;
	assert_int_equal(filter_index_match(index, &attributes, 0, &ids), 0);
	assert_int_equal(filter_index_remove(index, 1), E_NOT_FOUND);
	filter_index_add(index, NULL, 9, 0);
	filter_index_add(index, NULL, 0, 0);
	assert_int_equal(filter_index_match(index, &attributes, 0, &ids), 2);
	assert_int_equal(ids[0], 0);
	assert_int_equal(ids[1], 9);
	filter_index_destroy(index);
	filter_index_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(index_equals_single_matches),
		cmocka_unit_test(empty_index_and_null_filters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
