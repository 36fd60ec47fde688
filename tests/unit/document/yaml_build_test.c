#include "yaml_test.h"

#include "base/limits.h"

static void test_aliases(void **state)
{
	(void)state;
	assert_yaml("a: &x {k: [1, two]}\nb: *x\nc: [*x, *x]\n",
		    "{\"a\":{\"k\":[1,\"two\"]},\"b\":{\"k\":[1,\"two\"]},"
		    "\"c\":[{\"k\":[1,\"two\"]},{\"k\":[1,\"two\"]}]}");
	assert_yaml("[&a 1, &a 2, *a]", "[1,2,2]");
	assert_yaml("- &a k\n- *a : v\n", "[\"k\",{\"k\":\"v\"}]");
	assert_yaml("&k key: 1\nother: *k\n", "{\"key\":1,\"other\":\"key\"}");
}

static void test_alias_mistakes(void **state)
{
	(void)state;
	struct yaml_error error =
	    assert_refused("a: *nope\n", 1, 4, "'*nope' names no anchor");

	assert_string_not_equal(error.hint, "");
	(void)assert_refused("[*later, &later 1]", 1, 2, "no anchor");
	(void)assert_refused("a: &a [1, *a]\n", 1, 11, "inside what it names");
	(void)assert_refused("&a {k: {l: *a}}", 1, 12, "inside what it names");
}

static void test_tags(void **state)
{
	(void)state;
	assert_yaml(
	    "[!!str 1, !!int '2', !!float 3, !!bool true, !!null ~,"
	    " ! 4, !!seq [5], !!map {a: 6}, !<tag:yaml.org,2002:str> 7]",
	    "[\"1\",2,3.0,true,null,\"4\",[5],{\"a\":6},\"7\"]");
	struct yaml_error error =
	    assert_refused("a: !mine x\n", 1, 4, "'!mine' is not known");

	assert_string_not_equal(error.hint, "");
	(void)assert_refused("a: !!set {b}\n", 1, 4, "2002:set' is not known");
	(void)assert_refused("a: !mine [b]\n", 1, 4, "'!mine'");
	(void)assert_refused("a: !!map [b]\n", 1, 4, "2002:map'");
	(void)assert_refused("a: !!seq {b: c}\n", 1, 4, "2002:seq'");
	(void)assert_refused("a: !!seq b\n", 1, 4, "2002:seq'");
	(void)assert_refused("a: !!int b\n", 1, 4, "'b' does not fit its tag");
	(void)assert_refused("a: !!binary =\n", 1, 4, "base 64");
}

static void test_numbers_that_do_not_fit(void **state)
{
	(void)state;
	struct yaml_error error = assert_refused("a: 18446744073709551616\n", 1,
						 4, "does not fit a number");

	assert_string_equal(error.hint,
			    "if it is meant as text, put it in quotes");
	(void)assert_refused("a: .nan\n", 1, 4, "'.nan' is no number");
	(void)assert_refused("a: 1e999\n", 1, 4, "larger than any number");
}

static struct buf nested(const char *open, const char *close, unsigned depth)
{
	struct buf text = { 0 };

	for (unsigned i = 0; i < depth; i++) {
		buf_put_text(&text, open);
	}
	for (unsigned i = 0; i < depth; i++) {
		buf_put_text(&text, close);
	}
	return text;
}

static void test_depth(void **state)
{
	(void)state;
	static const char *const ways[][2] = {
		{ "[", "]" },
		{ "{a: ", "}" },
		{ "- ", "" },
		{ "[a: [", "]]" },
	};

	for (size_t i = 0; i < 3; i++) {
		size_t width = strlen(ways[i][0]);
		struct buf good =
		    nested(ways[i][0], ways[i][1], LIMIT_CONFIG_DEPTH);
		struct buf bad =
		    nested(ways[i][0], ways[i][1], LIMIT_CONFIG_DEPTH + 1);

		yaml_tree_destroy(read_yaml(buf_slice(&good)));
		(void)assert_refused_within(
		    buf_slice(&bad), NULL, E_TOO_BIG, 1,
		    (unsigned)(LIMIT_CONFIG_DEPTH * width + 1), "64 levels");
		buf_fini(&good);
		buf_fini(&bad);
	}
}

static void test_hostile_depth(void **state)
{
	(void)state;
	static const char *const ways[] = { "[", "- ", "[a, ", "{a: " };

	for (size_t i = 0; i < COUNT(ways); i++) {
		struct buf text = nested(ways[i], "", 10000);
		struct yaml_tree *tree = NULL;

		assert_int_equal(
		    yaml_tree_read(buf_slice(&text), NULL, &tree, NULL),
		    E_TOO_BIG);
		buf_fini(&text);
	}
}

static void test_nodes(void **state)
{
	(void)state;
	struct document_limits limits = { 1000, 10, 4 };
	struct yaml_tree *tree;

	assert_int_equal(
	    yaml_tree_read(SLICE("{a: [1, 2]}"), &limits, &tree, NULL), 0);
	yaml_tree_destroy(tree);
	(void)assert_refused_within(SLICE("{a: [1, 2, 3]}"), &limits, E_TOO_BIG,
				    1, 12, "more than 4 values");
	(void)assert_refused_within(SLICE("[1, 2, 3, []]"), &limits, E_TOO_BIG,
				    1, 11, "more than 4 values");
}

static void test_default_nodes(void **state)
{
	(void)state;
#ifdef TEST_SANITIZED
	/* The full number takes the better part of a minute there. */
	struct document_limits limits = document_limits_config;
	const char *sentence = "more than 400000 values";

	limits.nodes /= 10;
#else
	const struct document_limits limits = document_limits_config;
	const char *sentence = "more than 4000000 values";
#endif
	struct buf text = { 0 };
	struct yaml_tree *tree;

	for (size_t i = 1; i < limits.nodes; i++) {
		buf_put_text(&text, "- 1\n");
	}
	assert_int_equal(yaml_tree_read(buf_slice(&text), &limits, &tree, NULL),
			 0);
	yaml_tree_destroy(tree);
	buf_put_text(&text, "- 1\n");
	(void)assert_refused_within(buf_slice(&text), &limits, E_TOO_BIG,
				    (unsigned)limits.nodes, 3, sentence);
	buf_fini(&text);
}

static void test_expanded_nodes(void **state)
{
	(void)state;
	/* The list of three counts as four, each time. */
	struct document_limits limits = { 1000, 10, 9 };
	struct yaml_tree *tree;

	assert_int_equal(
	    yaml_tree_read(SLICE("[&a [1, 2, 3], *a]"), &limits, &tree, NULL),
	    0);
	yaml_tree_destroy(tree);
	limits.nodes = 8;
	(void)assert_refused_within(SLICE("[&a [1, 2, 3], *a]"), &limits,
				    E_TOO_BIG, 1, 16, "aliases expanded");
}

static void test_billion_laughs(void **state)
{
	(void)state;
	struct buf text = { 0 };

	buf_put_text(&text, "a0: &a0 [lol, lol, lol, lol, lol, lol, lol]\n");
	for (int i = 1; i < 30; i++) {
		buf_printf(&text, "a%d: &a%d [", i, i);
		for (int j = 0; j < 9; j++) {
			buf_printf(&text, "*a%d, ", i - 1);
		}
		buf_put_text(&text, "]\n");
	}
	(void)assert_refused_within(buf_slice(&text), NULL, E_TOO_BIG, 7, 45,
				    "aliases expanded");
	buf_fini(&text);
}

/* Few nodes, but long texts. */
static void test_expanded_bytes(void **state)
{
	(void)state;
	struct document_limits limits = { 100, 10, 100 };
	struct yaml_tree *tree;
	struct slice good = SLICE("[&a 0123456789012345678901234, "
				  "*a,*a,*a,*a]");
	struct slice bad = SLICE("[&a 0123456789012345678901234, "
				 "*a,*a,*a,*a,*a]");
	struct slice in_keys = SLICE("[&a {01234567890123456789012: 4}, "
				     "*a,*a,*a,*a,*a]");

	assert_int_equal(yaml_tree_read(good, &limits, &tree, NULL), 0);
	yaml_tree_destroy(tree);
	(void)assert_refused_within(bad, &limits, E_TOO_BIG, 1, 44,
				    "more than 100 bytes");
	(void)assert_refused_within(in_keys, &limits, E_TOO_BIG, 1, 47,
				    "more than 100 bytes");
}

static void test_expanded_depth(void **state)
{
	(void)state;
	struct document_limits limits = { 1000, 4, 100 };
	struct yaml_tree *tree;

	assert_int_equal(
	    yaml_tree_read(SLICE("[&a [&b []], [[*b]]]"), &limits, &tree, NULL),
	    0);
	yaml_tree_destroy(tree);
	(void)assert_refused_within(SLICE("[&a [&b []], [[*a]]]"), &limits,
				    E_TOO_BIG, 1, 16, "4 levels");
}

static void test_hostile_bytes(void **state)
{
	(void)state;
	/* Three bytes that make another parser go on for ever. */
	(void)assert_refused("%\"\xa6", 1, 1, "directives");
	(void)assert_refused("? k:\t : value\n", 1, 3, "cannot be a key");
	assert_yaml("k: |", "{\"k\":\"\"}");
	assert_yaml("k: |\n", "{\"k\":\"\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_aliases),
		cmocka_unit_test(test_alias_mistakes),
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_numbers_that_do_not_fit),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_hostile_depth),
		cmocka_unit_test(test_nodes),
		cmocka_unit_test(test_default_nodes),
		cmocka_unit_test(test_expanded_nodes),
		cmocka_unit_test(test_billion_laughs),
		cmocka_unit_test(test_expanded_bytes),
		cmocka_unit_test(test_expanded_depth),
		cmocka_unit_test(test_hostile_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
