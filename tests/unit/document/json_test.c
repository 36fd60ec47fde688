#include "document_test.h"

#include "base/limits.h"
#include "base/utf8.h"

static void assert_fails(struct slice text, int code, const char *sentence)
{
	struct value value = value_int(42);
	struct err err = { 0 };
	int rc = json_read(text, NULL, &value, &err);

	if (rc != code || err.code != code || !strstr(err.msg, sentence)) {
		fail_msg("'%.*s': %d, %s", SLICE_ARG(text), rc, err.msg);
	}
	assert_int_equal(value.as.integer, 42);
	assert_int_equal(json_read(text, NULL, &value, NULL), code);
	assert_true(utf8_valid(slice_of(err.msg)));
}

static void test_types(void **state)
{
	(void)state;
	struct value value =
	    from_json(" {\"n\":null,\"t\":true,\"f\":false,\"i\":-5,"
		      "\"d\":1.0,\"e\":1e2,\"s\":\"\\u00e4\\n\",\"a\":[],"
		      "\"m\":{}} ");
	static const enum value_type types[] = {
		VALUE_NULL,   VALUE_BOOL,   VALUE_BOOL,
		VALUE_INT,    VALUE_DOUBLE, VALUE_DOUBLE,
		VALUE_STRING, VALUE_ARRAY,  VALUE_MAP,
	};

	assert_int_equal(value_len(&value), COUNT(types));
	for (size_t i = 0; i < COUNT(types); i++) {
		assert_int_equal(value_entry_at(&value, i)->value.type,
				 types[i]);
	}
	assert_true(slice_is(value_get_text(&value, "s"), "\xc3\xa4\n"));
	value_clear(&value);
}

static void test_all_64_bits(void **state)
{
	(void)state;
	const char *text = "[9223372036854775807,9223372036854775808,"
			   "18446744073709551615,-9223372036854775808,"
			   "{\"18446744073709551615\":18446744073709551614},"
			   "\"9223372036854775808\",0,[18446744073709551613]]";
	struct value value = from_json(text);

	assert_int_equal(value_at(&value, 0)->type, VALUE_INT);
	assert_int_equal(value_at(&value, 1)->type, VALUE_UINT);
	assert_int_equal(value_at(&value, 5)->type, VALUE_STRING);
	assert_value(&value, text);
	value_clear(&value);
	value = from_json("18446744073709551615");
	assert_true(value.as.unsigned_integer == UINT64_MAX);
}

static void test_out_of_range(void **state)
{
	(void)state;
	struct buf nines = { 0 };

	assert_fails(SLICE("[1,\n 1e999]"), E_INVALID, "line 2");
	assert_fails(SLICE("-1e999"), E_INVALID, "line 1");
	for (size_t i = 0; i < 309; i++) {
		buf_put_byte(&nines, '9');
	}
	assert_fails(buf_slice(&nines), E_INVALID, "line 1");
	buf_fini(&nines);
}

static void test_beyond_64_bits(void **state)
{
	(void)state;
	struct value value =
	    from_json("[18446744073709551616,-9223372036854775809,"
		      "-9223372036854775808,-18446744073709551616,7,"
		      "18446744073709551615,100000000000000000000000]");

	assert_int_equal(value_at(&value, 0)->type, VALUE_DOUBLE);
	assert_true(value_at(&value, 0)->as.number >= 0x1p64);
	assert_true(value_at(&value, 0)->as.number <= 0x1p64);
	assert_int_equal(value_at(&value, 1)->type, VALUE_DOUBLE);
	assert_true(value_at(&value, 1)->as.number <= -0x1p63);
	assert_int_equal(value_at(&value, 2)->type, VALUE_INT);
	assert_int_equal(value_at(&value, 3)->type, VALUE_DOUBLE);
	assert_true(value_at(&value, 3)->as.number <= -0x1p64);
	assert_int_equal(value_at(&value, 4)->as.integer, 7);
	assert_int_equal(value_at(&value, 5)->type, VALUE_UINT);
	assert_int_equal(value_at(&value, 6)->type, VALUE_DOUBLE);
	assert_true(value_at(&value, 6)->as.number > 9.9e22);
	value_clear(&value);
}

static void test_syntax(void **state)
{
	(void)state;
	static const char *const wrong[] = {
		"",
		" ",
		"{",
		"[",
		"[1,]",
		"{\"a\":}",
		"{\"a\" 1}",
		"{a:1}",
		"[1 2]",
		"01",
		"+1",
		"1.",
		".5",
		"nul",
		"'a'",
		"\"a",
		"\"\\x\"",
		"\"\\ud800\"",
		"[1]]",
		"1 2",
		"// c\n1",
		"NaN",
		"Infinity",
		"\"a\nb\"",
		"[18446744073709551615 1]",
		"018446744073709551615",
		"-018446744073709551615",
		"18446744073709551616-1",
	};

	for (size_t i = 0; i < COUNT(wrong); i++) {
		assert_fails(slice_of(wrong[i]), E_INVALID, "line ");
	}
	assert_fails((struct slice){ 0 }, E_INVALID, "line 1");
}

static void test_duplicates_and_places(void **state)
{
	(void)state;
	assert_fails(SLICE("{\"a\":1,\n \"a\":2}"), E_INVALID, "line 2");
	assert_fails(SLICE("{\"a\":1,\n \"a\":2}"), E_INVALID, "duplicate");
	assert_fails(SLICE("{\"a\":1,\"\\u0061\":2}"), E_INVALID, "duplicate");
}

static void test_bad_utf8(void **state)
{
	(void)state;
	assert_fails(SLICE("\"\xff\""), E_INVALID, "line 1");
	assert_fails(SLICE("\"\xc3\""), E_INVALID, "line 1");
	assert_fails(SLICE("\"\xed\xa0\x80\""), E_INVALID, "line 1");
	assert_fails(SLICE("[\"\xc3\xa4\", x\xff]"), E_INVALID, "line 1");
	assert_fails(SLICE("\xef\xbb\xbf[]"), E_INVALID, "line 1");
}

static void test_nul(void **state)
{
	(void)state;
	struct value value = from_json("\"a\\u0000b\"");

	assert_true(slice_equal(value.as.text, SLICE("a\0b")));
	value_clear(&value);
	assert_fails(SLICE("{\"a\\u0000b\":1}"), E_INVALID, "NUL");
	assert_fails(SLICE("\"a\0b\""), E_INVALID, "line 1");
	assert_fails(SLICE("1\0"), E_INVALID, "column 2: a NUL");
	assert_fails(SLICE("[\n1]\0x"), E_INVALID, "line 2, column 3: a NUL");
}

static char *brackets(size_t depth)
{
	char *text = alloc_bytes(2 * depth + 1);

	memset(text, '[', depth);
	memset(text + depth, ']', depth);
	text[2 * depth] = '\0';
	return text;
}

static void test_depth(void **state)
{
	(void)state;
	char *deepest = brackets(LIMIT_DOCUMENT_DEPTH);
	char *deeper = brackets(LIMIT_DOCUMENT_DEPTH + 1);
	char *hostile = brackets(100000);
	struct value value = from_json(deepest);

	assert_value(&value, deepest);
	assert_fails(slice_of(deeper), E_TOO_BIG, "32 levels");
	assert_fails(slice_of(hostile), E_TOO_BIG, "column 33");
	value_clear(&value);
	free(deepest);
	free(deeper);
	free(hostile);
}

static void test_nodes(void **state)
{
	(void)state;
	struct document_limits limits = { 100, 5, 4 };
	struct value value;
	struct err err;

	assert_int_equal(
	    json_read(SLICE("{\"a\":[1,2]}"), &limits, &value, &err), 0);
	value_clear(&value);
	assert_int_equal(
	    json_read(SLICE("{\"a\":[1,\"b\",true]}"), &limits, &value, &err),
	    E_TOO_BIG);
	assert_string_equal(err.msg, "line 1, column 13: more than 4 values");
	assert_int_equal(
	    json_read(SLICE("[[],[],{},{}]"), &limits, &value, &err),
	    E_TOO_BIG);
}

static void test_default_nodes(void **state)
{
	(void)state;
	struct buf text = { 0 };
	struct value value;

	buf_put_text(&text, "[0");
	for (unsigned i = 2; i < LIMIT_DOCUMENT_NODES; i++) {
		buf_put_text(&text, ",0");
	}
	buf_put_text(&text, "]");
	assert_int_equal(json_read(buf_slice(&text), NULL, &value, NULL), 0);
	assert_int_equal(value_len(&value), LIMIT_DOCUMENT_NODES - 1);
	value_clear(&value);
	text.len--;
	buf_put_text(&text, ",0]");
	assert_fails(buf_slice(&text), E_TOO_BIG, "1000000 values");
	buf_fini(&text);
}

static void test_size(void **state)
{
	(void)state;
	char *text = alloc_bytes(LIMIT_DOCUMENT + 1);
	struct value value;

	memset(text, 'a', LIMIT_DOCUMENT);
	text[0] = '"';
	text[LIMIT_DOCUMENT - 1] = '"';
	text[LIMIT_DOCUMENT] = ' ';
	assert_int_equal(json_read((struct slice){ text, LIMIT_DOCUMENT }, NULL,
				   &value, NULL),
			 0);
	value_clear(&value);
	assert_int_equal(json_read((struct slice){ text, LIMIT_DOCUMENT + 1 },
				   NULL, &value, NULL),
			 E_TOO_BIG);
	free(text);
}

static void test_without_memory(void **state)
{
	(void)state;
	struct slice text = SLICE("{\"a\":[1,\"b\",18446744073709551615],"
				  "\"c\":{\"d\":{}},\"e\":[[0],null]}");

	for (size_t at = 1;; at++) {
		struct value value;
		struct err err;

		alloc_fail_after(at);
		int rc = json_read(text, NULL, &value, &err);

		alloc_fail_after(0);
		if (rc == 0) {
			assert_true(at > 10);
			value_clear(&value);
			return;
		}
		assert_int_equal(rc, E_NO_MEMORY);
		assert_int_equal(err.code, E_NO_MEMORY);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_all_64_bits),
		cmocka_unit_test(test_out_of_range),
		cmocka_unit_test(test_beyond_64_bits),
		cmocka_unit_test(test_syntax),
		cmocka_unit_test(test_duplicates_and_places),
		cmocka_unit_test(test_bad_utf8),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_nodes),
		cmocka_unit_test(test_default_nodes),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
