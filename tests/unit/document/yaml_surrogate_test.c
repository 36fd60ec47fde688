#include "yaml_test.h"

#include "document/yaml_surrogate.h"

#define GRIN   "\\ud83d\\ude00"
#define GRINS  "\\uD83D\\uDE00"
#define SMILEY "\xf0\x9f\x98\x80"

static void test_json_files(void **state)
{
	(void)state;
	assert_yaml("{\"a\":\"" GRIN "\"}", "{\"a\":\"" SMILEY "\"}");
	assert_yaml("[\"x" GRIN GRINS "y\"]", "[\"x" SMILEY SMILEY "y\"]");
	assert_yaml("{\"" GRIN "\":1}", "{\"" SMILEY "\":1}");
	/* An escaped backslash, then letters. */
	assert_yaml("[\"\\\\ud83d\\\\ude00\"]", "[\"\\\\ud83d\\\\ude00\"]");
	assert_yaml("[\"\\\\" GRIN "\"]", "[\"\\\\" SMILEY "\"]");
	assert_yaml("\xef\xbb\xbf[\"" GRIN "\"]", "[\"" SMILEY "\"]");
}

static void test_columns_are_those_of_the_file(void **state)
{
	(void)state;
	struct yaml_tree *tree = read_yaml(SLICE(
	    "[\"" GRIN "\", 1, \"" GRIN "\", 2,\n\"\xc3\xa4" GRIN "\", 3, 4]"));
	const struct yaml_node *root = yaml_tree_root(tree);

	assert_mark(root->items[0]->start, 1, 2);
	assert_mark(root->items[0]->end, 1, 16);
	assert_mark(root->items[1]->start, 1, 18);
	assert_mark(root->items[3]->start, 1, 37);
	assert_mark(root->items[4]->start, 2, 1);
	assert_mark(root->items[5]->start, 2, 18);
	yaml_tree_destroy(tree);
	(void)assert_refused("{\"" GRIN "\": {\"a\": 1}, \"c\": 1e999}", 1, 33,
			     "larger");
}

static void test_only_between_double_quotes(void **state)
{
	(void)state;
	assert_yaml("a: '" GRIN "'\n", "{\"a\":\"\\\\ud83d\\\\ude00\"}");
	assert_yaml("a: " GRIN "\n", "{\"a\":\"\\\\ud83d\\\\ude00\"}");
	assert_yaml("a: \"" GRIN "\" # \"" GRIN "\"\nb: \"\\\\" GRIN "\"\n",
		    "{\"a\":\"" SMILEY "\",\"b\":\"\\\\" SMILEY "\"}");
	assert_yaml("{\xc3\xa4: '\"" GRIN "', b: [\"\xc3\xa4" GRIN "\"]}",
		    "{\"\xc3\xa4\":\"\\\"\\\\ud83d\\\\ude00\","
		    "\"b\":[\"\xc3\xa4" SMILEY "\"]}");
	assert_yaml("a: |\n  \"" GRIN "\"\nb: \"" GRIN "\"\n",
		    "{\"a\":\"\\\"\\\\ud83d\\\\ude00\\\"\\n\",\"b\":\"" SMILEY
		    "\"}");
	(void)assert_refused("a: \"\\\\ud83d\\ude00\"\n", 1, 14,
			     "no character");
	(void)assert_refused("[\"\\ud83d\"]", 1, 5, "no character");
}

static void test_edits(void **state)
{
	(void)state;
	struct yaml_edits edits = { 0 };

	assert_null(yaml_surrogates_replace(SLICE("[1]"),
					    &document_limits_config, &edits));
	assert_null(yaml_surrogates_replace(SLICE("\\ud83d"),
					    &document_limits_config, &edits));
	char *text = yaml_surrogates_replace(SLICE("[\"" GRIN "\"]"),
					     &document_limits_config, &edits);

	assert_string_equal(text, "[\"\\U0001f600\"]");
	assert_int_equal(edits.text_len, strlen(text));
	assert_mark(yaml_edits_original(&edits, (struct yaml_mark){ 1, 3 }), 1,
		    3);
	assert_mark(yaml_edits_original(&edits, (struct yaml_mark){ 1, 13 }), 1,
		    15);
	assert_mark(yaml_edits_original(&edits, (struct yaml_mark){ 2, 13 }), 2,
		    13);
	free(text);
	yaml_edits_fini(&edits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_files),
		cmocka_unit_test(test_columns_are_those_of_the_file),
		cmocka_unit_test(test_only_between_double_quotes),
		cmocka_unit_test(test_edits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
