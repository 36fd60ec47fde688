/* The one block of memory that a filter ends in, and what it is built from. */
#include "filter_test.h"

#include "base/limits.h"
#include "filter/scratch.h"

static size_t size_of(const char *json)
{
	struct filter *filter = compile(json);
	size_t size = filter_size(filter);

	filter_destroy(filter);
	return size;
}

static void small_filters_are_small(void **arg)
{
	(void)arg;
	assert_true(size_of("{}") <= 64);
	assert_true(size_of("{\"type\":[\"order\"],\"lang\":[\"de\"]}") <= 232);
	assert_true(size_of("{\"type\":[\"order\"],\"lang\":[\"de\"],"
			    "\"urgent\":[true]}") <= 320);
	/* Branches share their clauses with all conjunctions. */
	assert_true(size_of("{\"type\":[\"order\"],"
			    "\"$or\":[{\"a\":[1]},{\"b\":[2]}]}") <= 344);
}

/* Every kind of operand twice, so that nothing overlaps unseen. */
static void everything_at_once(void **arg)
{
	static const char filter_json[] =
	    "{\"a\":[\"text\",1,{\"prefix\":\"p\"},{\"suffix\":\"s\"},"
	    "{\"wildcard\":\"w*x*y\"},{\"numeric\":[\">\",1,\"<\",2]},"
	    "{\"cidr\":\"10.0.0.0/8\"},{\"anything-but\":{\"wildcard\":"
	    "[\"*\",\"a*\"]}},{\"equals-ignore-case\":\"E\"}],"
	    "\"b\":{\"c\":[{\"cidr\":\"::/0\"},{\"numeric\":[\"=\",7]},"
	    "{\"anything-but\":[1.5,2.5]},{\"wildcard\":\"\\\\**\"}]},"
	    "\"$or\":[{\"d\":[\"x\"]},{\"e\":[{\"exists\":false}]}]}";
	struct filter *filter = compile(filter_json);
	struct filter_explanation why;
	struct value none = value_map();
	struct buf clause = { 0 };

	(void)arg;
	filter_explain(filter, &none, &why);
	json_write(&clause, &why.clause, JSON_COMPACT);
	assert_true(
	    slice_starts_with(slice_of(filter_json) /* its "a" */,
			      (struct slice){ clause.data, clause.len - 1 }));
	buf_fini(&clause);
	filter_explanation_fini(&why);
	value_clear(&none);
	filter_destroy(filter);
}

static void operands_limit(void **arg)
{
	static const char *const names[] = { "prefix", "suffix",
					     "equals-ignore-case",
					     "anything-but" };
	struct err err = { 0 };

	(void)arg;
	for (size_t i = 0; i < COUNT(names); i++) {
		assert_int_equal(
		    compile_and_clear(
			with_operator(names[i],
				      text_of(LIMIT_FILTER_TEXT, 'x')),
			&err),
		    0);
		assert_int_equal(
		    compile_and_clear(
			with_operator(names[i],
				      text_of(LIMIT_FILTER_TEXT + 1, 'x')),
			&err),
		    E_TOO_BIG);
		assert_true(slice_ends_with(
		    slice_of(err.msg), SLICE(": longer than 65536 bytes")));
	}
	assert_int_equal(
	    compile_and_clear(
		with_operator("cidr", text_of(LIMIT_FILTER_TEXT + 1, '1')),
		&err),
	    E_TOO_BIG);
}

static struct value equal_to(struct value operand)
{
	struct value document = value_map();
	struct value list = value_array();

	value_push(&list, operand);
	value_set(&document, "k", list);
	return document;
}

static void plain_text_limit(void **arg)
{
	struct err err = { 0 };

	(void)arg;
	assert_int_equal(
	    compile_and_clear(equal_to(text_of(LIMIT_FILTER_TEXT, 'x')), &err),
	    0);
	assert_int_equal(
	    compile_and_clear(equal_to(text_of(LIMIT_FILTER_TEXT + 1, 'x')),
			      &err),
	    E_TOO_BIG);
	assert_string_equal(err.msg, "filter.k[0]: longer than 65536 bytes");
}

/* {"o": {key: [1]}}, whose path is two bytes longer than the key. */
static struct value with_key(size_t len)
{
	struct value document = value_map();
	struct value map = value_map();
	struct value list = value_array();
	struct value key = text_of(len, 'k');

	value_push(&list, value_int(1));
	value_set_slice(&map, key.as.text, list);
	value_set(&document, "o", map);
	value_clear(&key);
	return document;
}

static void path_limit(void **arg)
{
	struct err err = { 0 };

	(void)arg;
	assert_int_equal(
	    compile_and_clear(with_key(LIMIT_FILTER_PATH - 2), &err), 0);
	assert_int_equal(
	    compile_and_clear(with_key(LIMIT_FILTER_PATH - 1), &err),
	    E_TOO_BIG);
	assert_true(slice_ends_with(slice_of(err.msg),
				    SLICE(": a path of more than 1024 bytes")));
}

static void scratch_grows(void **arg)
{
	struct scratch scratch = { 0 };
	unsigned char *taken[200];
	size_t sizes[200];

	(void)arg;
	for (size_t i = 0; i < 200; i++) {
		sizes[i] = i % 50 == 49 ? 5000 : i;
		taken[i] = scratch_take(&scratch, sizes[i], 1);
		assert_int_equal((uintptr_t)taken[i] % 16, 0);
		for (size_t j = 0; j < sizes[i]; j++) {
			assert_int_equal(taken[i][j], 0);
		}
		memset(taken[i], (int)i, sizes[i]);
	}
	for (size_t i = 0; i < 200; i++) {
		for (size_t j = 0; j < sizes[i]; j++) {
			assert_int_equal(taken[i][j], i);
		}
	}
	assert_true(slice_is(scratch_text(&scratch, SLICE("copy")), "copy"));
	scratch_fini(&scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_filters_are_small),
		cmocka_unit_test(everything_at_once),
		cmocka_unit_test(operands_limit),
		cmocka_unit_test(plain_text_limit),
		cmocka_unit_test(path_limit),
		cmocka_unit_test(scratch_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
