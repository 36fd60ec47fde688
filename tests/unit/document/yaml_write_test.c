#include "yaml_test.h"

#include "document/yaml_write.h"

static void assert_writes(const char *json, const char *yaml)
{
	struct value value = from_json(json);
	struct buf out = { 0 };

	yaml_write(&out, &value);
	char *text = buf_take(&out);

	assert_string_equal(text, yaml);
	struct yaml_tree *tree = read_yaml(slice_of(text));
	struct value again = yaml_to_value(yaml_tree_root(tree));

	assert_value(&again, json);
	yaml_tree_destroy(tree);
	value_clear(&again);
	value_clear(&value);
	free(text);
}

static void test_scalars(void **state)
{
	(void)state;
	assert_writes("null", "null\n");
	assert_writes("true", "true\n");
	assert_writes("-5", "-5\n");
	assert_writes("18446744073709551615", "18446744073709551615\n");
	assert_writes("1.0", "1.0\n");
	assert_writes("1e+20", "1e+20\n");
	assert_writes("[]", "[]\n");
	assert_writes("{}", "{}\n");
}

static void test_collections(void **state)
{
	(void)state;
	assert_writes("{\"a\":1,\"b\":[1,[2,3],{\"c\":[],\"d\":{}}],"
		      "\"e\":{\"f\":[[{\"g\":\"h\"}]]}}",
		      "a: 1\n"
		      "b:\n"
		      "  - 1\n"
		      "  - - 2\n"
		      "    - 3\n"
		      "  - c: []\n"
		      "    d: {}\n"
		      "e:\n"
		      "  f:\n"
		      "    - - g: h\n");
	assert_writes("[1,{\"a\":{\"b\":2}}]", "- 1\n- a:\n    b: 2\n");
}

static const char *const plain[] = {
	"word",        "two words", "a:b",          "a#b",      "-x",
	"--",          "?x",        ":x",           "yes",      "010",
	"2026-03-01",  "a'b\"c",    "http://x/y?z", "${{ a }}", "a, b",
	"a [b] {c}",   "50%",       "a@b",          "\xc3\xa4", "C:\\path",
	"a*b&c!d|e>f", "0x",        "1.2.3",        ".",        "e",
	"=",           "<<",
};

static const char *const quoted[] = {
	"",
	" ",
	" a",
	"a ",
	"null",
	"~",
	"true",
	"FALSE",
	"1",
	"-1",
	"1.5",
	".5",
	"0x1f",
	"0o17",
	".inf",
	".nan",
	"-",
	"?",
	":",
	"- a",
	"? a",
	": a",
	"a:",
	"a: b",
	"a #b",
	"#a",
	",a",
	"[a",
	"]a",
	"{a",
	"}a",
	"&a",
	"*a",
	"!a",
	"|a",
	">a",
	"'a",
	"\"a",
	"%a",
	"@a",
	"`a",
	"---",
	"--- a",
	"---a",
	"...",
	"... a",
	"\x7f",
	"\xc2\x85",
	"\xe2\x80\xa8",
	"\xef\xbb\xbf",
	"\ta",
	"1e999",
	"99999999999999999999",
};

static void test_plain_only_where_it_can_be(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(plain); i++) {
		struct value value = value_text(plain[i]);
		struct buf out = { 0 };

		yaml_write(&out, &value);
		buf_put_byte(&out, 0);
		assert_memory_equal(out.data, plain[i], strlen(plain[i]));
		assert_string_equal(out.data + strlen(plain[i]), "\n");
		buf_fini(&out);
		value_clear(&value);
	}
	for (size_t i = 0; i < COUNT(quoted); i++) {
		struct value value = value_text(quoted[i]);
		struct buf out = { 0 };

		yaml_write(&out, &value);
		if (out.data[0] != '"') {
			fail_msg("%s is not quoted", quoted[i]);
		}
		buf_fini(&out);
		value_clear(&value);
	}
}

static void test_escapes(void **state)
{
	(void)state;
	assert_writes("\"\\\"\\\\\\t\\r\\b\\f\\u0001\"",
		      "\"\\\"\\\\\\t\\r\\b\\f\\x01\"\n");
	assert_writes("[\"a\\u0000b\"]", "- \"a\\x00b\"\n");
	assert_writes("\" \xe2\x80\xa9\xf0\x9f\x98\x80\"",
		      "\" \\u2029\xf0\x9f\x98\x80\"\n");
}

static void test_blocks(void **state)
{
	(void)state;
	assert_writes("\"a\\nb\\n\"", "|\n  a\n  b\n");
	assert_writes("{\"k\":\"a\\nb\"}", "k: |-\n  a\n  b\n");
	assert_writes("{\"k\":\"a\\n\\n  b\\n\\n\\n\",\"l\":1}",
		      "k: |+\n  a\n\n    b\n\n\nl: 1\n");
	assert_writes("[\"# a: b\\n- c \\n\"]", "- |\n  # a: b\n  - c \n");
	assert_writes("[[\"a\\n\",{\"b\":\"c\\nd\"}]]",
		      "- - |\n    a\n  - b: |-\n      c\n      d\n");
	assert_writes("\" a\\nb\"", "\" a\\nb\"\n");
	assert_writes("\"\\na\"", "\"\\na\"\n");
	assert_writes("\"\\n\"", "\"\\n\"\n");
	assert_writes("\"a\\n\\tb\"", "\"a\\n\\tb\"\n");
}

static void test_keys(void **state)
{
	(void)state;
	assert_writes("{\"\":1,\"<<\":2,\"a: b\":3,\"1\":4,\"x\\ny\":5}",
		      "\"\": 1\n\"<<\": 2\n\"a: b\": 3\n\"1\": 4\n"
		      "\"x\\ny\": 5\n");
}

static void test_long_keys(void **state)
{
	(void)state;
	for (size_t len = 880; len < 1100; len += 20) {
		struct value inner = value_map();
		struct value list = value_array();
		struct value map = value_map();
		char *key = alloc_bytes(len + 1);
		struct buf out = { 0 };

		memset(key, 'k', len);
		key[len] = '\0';
		key[0] = '"';
		value_set(&inner, key, value_int(1));
		value_push(&list, inner);
		value_set(&map, key, list);
		value_set(&map, "end", value_text("x"));
		yaml_write(&out, &map);
		struct yaml_tree *tree = read_yaml(buf_slice(&out));
		struct value again = yaml_to_value(yaml_tree_root(tree));

		assert_same(&again, &map);
		yaml_tree_destroy(tree);
		value_clear(&again);
		value_clear(&map);
		buf_fini(&out);
		free(key);
	}
}

static void test_bytes(void **state)
{
	(void)state;
	struct value value = value_bytes(SLICE("\0\xff"));
	struct buf out = { 0 };

	yaml_write(&out, &value);
	assert_true(slice_is(buf_slice(&out), "!!binary \"AP8=\"\n"));
	struct yaml_tree *tree = read_yaml(buf_slice(&out));

	assert_same(&yaml_tree_root(tree)->scalar, &value);
	yaml_tree_destroy(tree);
	value_clear(&value);
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scalars),
		cmocka_unit_test(test_collections),
		cmocka_unit_test(test_plain_only_where_it_can_be),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_long_keys),
		cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
