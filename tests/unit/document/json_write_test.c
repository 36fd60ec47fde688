#include "document_test.h"

static void assert_string(struct slice text, const char *json)
{
	struct buf out = { 0 };

	json_write_string(&out, text);
	char *written = buf_take(&out);

	assert_string_equal(written, json);
	free(written);
}

static void test_strings(void **state)
{
	(void)state;
	assert_string(SLICE(""), "\"\"");
	assert_string((struct slice){ 0 }, "\"\"");
	assert_string(SLICE("a\"b\\c/d"), "\"a\\\"b\\\\c/d\"");
	assert_string(SLICE("\b\f\n\r\t\x01\x1f\x7f"),
		      "\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"");
	assert_string(SLICE("a\0b"), "\"a\\u0000b\"");
	assert_string(SLICE("\xc3\xa4\xf0\x9f\x98\x80"),
		      "\"\xc3\xa4\xf0\x9f\x98\x80\"");
}

static void test_what_is_no_utf8(void **state)
{
	(void)state;
	assert_string(SLICE("a\xff"
			    "b\xc3"),
		      "\"a\xef\xbf\xbd"
		      "b\xef\xbf\xbd\"");
	assert_string(SLICE("\xef\xbf\xbd"), "\"\xef\xbf\xbd\"");
}

static void test_values(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"null",
		"true",
		"false",
		"-9223372036854775808",
		"18446744073709551615",
		"1.0",
		"-0.0",
		"0.1",
		"1e+20",
		"\"\"",
		"[]",
		"{}",
		"[1,[2,[]],{\"a\":{\"b\":null},\"c\":[]}]",
	};

	for (size_t i = 0; i < COUNT(texts); i++) {
		struct value value = from_json(texts[i]);

		assert_value(&value, texts[i]);
		value_clear(&value);
	}
}

static void test_bytes(void **state)
{
	(void)state;
	struct value value = value_bytes(SLICE("\0\xff\x10"));

	assert_value(&value, "\"AP8Q\"");
	value_clear(&value);
}

static void test_pretty(void **state)
{
	(void)state;
	struct value value =
	    from_json("{\"a\":[1,{\"b\":2}],\"c\":[],\"d\":{}}");
	struct buf out = { 0 };

	json_write(&out, &value, JSON_PRETTY);
	char *text = buf_take(&out);

	assert_string_equal(text, "{\n"
				  "  \"a\": [\n"
				  "    1,\n"
				  "    {\n"
				  "      \"b\": 2\n"
				  "    }\n"
				  "  ],\n"
				  "  \"c\": [],\n"
				  "  \"d\": {}\n"
				  "}");
	free(text);
	value_clear(&value);
}

static void test_appends(void **state)
{
	(void)state;
	struct buf out = { 0 };
	struct value value = value_int(1);

	buf_put_text(&out, "x=");
	json_write(&out, &value, JSON_COMPACT);
	assert_true(slice_is(buf_slice(&out), "x=1"));
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_what_is_no_utf8),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_pretty),
		cmocka_unit_test(test_appends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
