#include "yaml_test.h"

#include "base/limits.h"

static void test_documents(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "", "null" },
		{ "\n", "null" },
		{ "# only a comment\n", "null" },
		{ "---\n", "null" },
		{ "--- # x\n...\n", "null" },
		{ "a", "\"a\"" },
		{ "--- 5\n...\n", "5" },
		{ "a: 1\nb: [x, 2.0, null]\n",
		  "{\"a\":1,\"b\":[\"x\",2.0,null]}" },
		{ "a:\n- 1\n- b: 2\n  c: 3\n-\n  - 4\n",
		  "{\"a\":[1,{\"b\":2,\"c\":3},[4]]}" },
		{ "a:\nb: ~\n", "{\"a\":null,\"b\":null}" },
		{ "a: |\n  x\n   y\n\nb: >-\n  p\n  q\n",
		  "{\"a\":\"x\\n y\\n\",\"b\":\"p q\"}" },
		{ "a: 'it''s'\nb: \"\\t\\u00e4\"\n",
		  "{\"a\":\"it's\",\"b\":\"\\t\xc3\xa4\"}" },
		{ "? a\n: b\n", "{\"a\":\"b\"}" },
		{ "1: a\ntrue: b\nnull: c\n",
		  "{\"1\":\"a\",\"true\":\"b\",\"null\":\"c\"}" },
		{ "\"\": a\n'<<': b\n", "{\"\":\"a\",\"<<\":\"b\"}" },
		{ "a: ${{ x.y }}\n", "{\"a\":\"${{ x.y }}\"}" },
		{ "\xef\xbb\xbf"
		  "a: 1\r\nb: 2\r\n",
		  "{\"a\":1,\"b\":2}" },
		{ "{\"a\":1,\"b\":[true,{}],\"c\\/d\":\"\\u00e4\"}",
		  "{\"a\":1,\"b\":[true,{}],\"c/d\":\"\xc3\xa4\"}" },
		{ "{\n\t\"a\": [\n\t\t1\n\t]\n}\n", "{\"a\":[1]}" },
		{ "%a", NULL },
	};

	for (size_t i = 0; cases[i][1]; i++) {
		assert_yaml(cases[i][0], cases[i][1]);
	}
	struct yaml_tree *tree = read_yaml((struct slice){ 0 });

	assert_int_equal(yaml_tree_root(tree)->scalar.type, VALUE_NULL);
	assert_mark(yaml_tree_root(tree)->start, 1, 1);
	yaml_tree_destroy(tree);
	yaml_tree_destroy(NULL);
}

static void test_marks(void **state)
{
	(void)state;
	struct yaml_tree *tree =
	    read_yaml(SLICE("# \xc3\xa4\n"
			    "\xc3\xa4\xe2\x82\xac: [x, 'y z']\n"
			    "list:\n"
			    "  - one\n"
			    "  - k: \"v\"\n"
			    "end:\n"));
	const struct yaml_node *root = yaml_tree_root(tree);
	const struct yaml_node *list = yaml_get(root, "list");

	assert_int_equal(root->kind, YAML_MAPPING);
	assert_int_equal(root->len, 3);
	assert_mark(root->start, 2, 1);
	assert_mark(root->end, 6, 5);
	assert_mark(root->keys[0]->start, 2, 1);
	assert_mark(root->keys[0]->end, 2, 3);
	assert_mark(root->items[0]->start, 2, 5);
	assert_mark(root->items[0]->end, 2, 15);
	assert_mark(root->items[0]->items[1]->start, 2, 9);
	assert_mark(root->items[0]->items[1]->end, 2, 14);
	assert_mark(list->start, 4, 3);
	assert_mark(list->end, 5, 11);
	assert_mark(list->items[1]->start, 5, 5);
	assert_mark(list->items[1]->items[0]->start, 5, 8);
	assert_mark(yaml_get(root, "end")->start, 6, 5);
	yaml_tree_destroy(tree);
}

static void test_byte_order_mark_is_no_column(void **state)
{
	(void)state;
	struct yaml_tree *tree = read_yaml(SLICE("\xef\xbb\xbf"
						 "a: b"));

	assert_mark(yaml_get(yaml_tree_root(tree), "a")->start, 1, 4);
	yaml_tree_destroy(tree);
}

static void test_scalars(void **state)
{
	(void)state;
	struct yaml_tree *tree =
	    read_yaml(SLICE("a: 0x1f\nb: '0x1f'\nc: |\n  1\nd: !!str 2\n"));
	const struct yaml_node *root = yaml_tree_root(tree);
	const struct yaml_node *plain = yaml_get(root, "a");
	const struct yaml_node *quoted = yaml_get(root, "b");

	assert_int_equal(plain->scalar.type, VALUE_INT);
	assert_int_equal(plain->scalar.as.integer, 31);
	assert_true(slice_is(plain->text, "0x1f"));
	assert_false(plain->quoted);
	assert_int_equal(quoted->scalar.type, VALUE_STRING);
	assert_true(slice_is(quoted->text, "0x1f"));
	assert_true(quoted->quoted);
	assert_true(yaml_get(root, "c")->quoted);
	assert_int_equal(yaml_get(root, "c")->scalar.type, VALUE_STRING);
	assert_int_equal(yaml_get(root, "d")->scalar.type, VALUE_STRING);
	assert_int_equal(root->keys[0]->scalar.type, VALUE_STRING);
	yaml_tree_destroy(tree);
}

static void test_get(void **state)
{
	(void)state;
	struct yaml_tree *tree = read_yaml(SLICE("a: [1]\n"));
	const struct yaml_node *root = yaml_tree_root(tree);

	assert_non_null(yaml_get(root, "a"));
	assert_null(yaml_get(root, "b"));
	assert_null(yaml_get(yaml_get(root, "a"), "a"));
	assert_null(yaml_get(NULL, "a"));
	yaml_tree_destroy(tree);
}

static void test_value_is_its_own(void **state)
{
	(void)state;
	struct yaml_tree *tree =
	    read_yaml(SLICE("a: &x [text, !!binary aGk=]\nb: *x\n"));
	struct value value = yaml_to_value(yaml_tree_root(tree));

	yaml_tree_destroy(tree);
	assert_int_equal(value_at(value_get(&value, "b"), 1)->type,
			 VALUE_BYTES);
	assert_value(&value, "{\"a\":[\"text\",\"aGk=\"],"
			     "\"b\":[\"text\",\"aGk=\"]}");
	value_clear(&value);
}

static void test_size(void **state)
{
	(void)state;
	char *text = alloc_bytes(LIMIT_CONFIG_FILE + 1);

	memset(text, 'a', LIMIT_CONFIG_FILE + 1);
	yaml_tree_destroy(read_yaml((struct slice){ text, LIMIT_CONFIG_FILE }));
	(void)assert_refused_within(
	    (struct slice){ text, LIMIT_CONFIG_FILE + 1 }, NULL, E_TOO_BIG, 1,
	    1, "limit of 67108864");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_documents),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_byte_order_mark_is_no_column),
		cmocka_unit_test(test_scalars),
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_value_is_its_own),
		cmocka_unit_test(test_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
