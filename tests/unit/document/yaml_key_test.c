#include "yaml_test.h"

static void test_duplicates_name_both_places(void **state)
{
	(void)state;
	struct yaml_error error =
	    assert_refused("a: 1\nb: 2\n\xc3\xa4: {c: 1, 'c': 2}\n", 3, 11,
			   "the key 'c' is here twice");

	assert_mark(error.other, 3, 5);
	error = assert_refused("a: 1\nb: 2\n\"\\x61\": 3\n", 3, 1, "'a'");
	assert_mark(error.other, 1, 1);
	error = assert_refused("1: 1\n'1': 2\n", 2, 1, "'1'");
	assert_mark(error.other, 1, 1);
	error = assert_refused("- &a k\n- {k: 1, *a : 2}\n", 2, 10, "'k'");
	assert_mark(error.other, 2, 4);
}

static void test_duplicates_in_mappings_of_any_size(void **state)
{
	(void)state;
	for (unsigned size = 1; size < 60; size++) {
		struct buf text = { 0 };

		for (unsigned i = 0; i < size; i++) {
			buf_printf(&text, "k%u: 1\n", i);
		}
		yaml_tree_destroy(read_yaml(buf_slice(&text)));
		buf_put_text(&text, "k0: 2\n");
		struct yaml_error error = assert_refused_within(
		    buf_slice(&text), NULL, E_INVALID, size + 1, 1, "'k0'");

		assert_mark(error.other, 1, 1);
		buf_fini(&text);
	}
}

static void test_long_names_are_cut(void **state)
{
	(void)state;
	struct buf text = { 0 };

	for (int twice = 0; twice < 2; twice++) {
		for (int i = 0; i < 400; i++) {
			buf_put_text(&text, "\xc3\xa4");
		}
		buf_put_text(&text, ": 1\n");
	}
	(void)assert_refused_within(buf_slice(&text), NULL, E_INVALID, 2, 1,
				    "twice");
	buf_fini(&text);
}

static void test_what_is_no_key(void **state)
{
	(void)state;
	(void)assert_refused("a: {{ x }}\n", 1, 5, "cannot be a key");
	(void)assert_refused("? [a]\n: b\n", 1, 3, "cannot be a key");
	(void)assert_refused("- &a [b]\n- *a : c\n", 2, 3, "cannot be a key");
	(void)assert_refused("? # none\n: b\n", 1, 2, "a key is missing");
	(void)assert_refused("- &a\n- *a : c\n", 1, 3, "a key is missing");
	(void)assert_refused("!!int 1: b\n", 1, 1, "2002:int' is not known");
	(void)assert_refused("!!binary aGk=: b\n", 1, 1, "not known");
	assert_yaml("!!str 1: b\n", "{\"1\":\"b\"}");
}

static void test_merge_keys(void **state)
{
	(void)state;
	struct yaml_error error =
	    assert_refused("a: &a {b: 1}\nc:\n  <<: *a\n", 3, 3, "merge keys");

	assert_non_null(strstr(error.hint, "write the keys out"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_duplicates_name_both_places),
		cmocka_unit_test(test_duplicates_in_mappings_of_any_size),
		cmocka_unit_test(test_long_names_are_cut),
		cmocka_unit_test(test_what_is_no_key),
		cmocka_unit_test(test_merge_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
