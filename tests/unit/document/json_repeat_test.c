#include "document_test.h"

static void check_last(const char *text, const char *expected)
{
	struct value value;
	struct err err;

	if (json_read_last(slice_of(text), NULL, &value, &err) < 0) {
		fail_msg("%s: %s", text, err.msg);
	}
	assert_value(&value, expected);
	value_clear(&value);
}

static void test_the_last_one_counts(void **state)
{
	(void)state;
	check_last("{\"a\":1}", "{\"a\":1}");
	check_last("{\"a\":1,\"a\":2}", "{\"a\":2}");
	check_last(" {\"a\" : 1 , \"b\":2 , \"\\u0061\":3 } ",
		   "{\"b\":2,\"a\":3}");
	check_last(
	    "{\"a\":1,\"a\":2,\"a\":3,\"b\":{\"c\":[{\"d\":1,\"d\":[]}]}}",
	    "{\"a\":3,\"b\":{\"c\":[{\"d\":[]}]}}");
	/* Mistakes and repeats in what does not count do not count. */
	check_last("{\"a\":{\"b\":1,\"b\":2},\"a\":{\"c\":3,\"c\":4}}",
		   "{\"a\":{\"c\":4}}");
	check_last("[{\"a\":\",\",\"a\":\"}\"}]", "[{\"a\":\"}\"}]");
	check_last("{\"\":1,\"\":2}", "{\"\":2}");
}

static void test_big_numbers_stay(void **state)
{
	(void)state;
	check_last("{\"a\":9223372036854775808,\"b\":18446744073709551614,"
		   "\"a\":18446744073709551615,\"c\":[18446744073709551613]}",
		   "{\"b\":18446744073709551614,\"a\":18446744073709551615,"
		   "\"c\":[18446744073709551613]}");
}

static void check_refused(const char *text, int code, const char *sentence)
{
	struct value value = value_int(42);
	struct err err = { 0 };

	assert_int_equal(json_read_last(slice_of(text), NULL, &value, &err),
			 code);
	assert_int_equal(err.code, code);
	if (!strstr(err.msg, sentence)) {
		fail_msg("%s: %s", text, err.msg);
	}
	assert_int_equal(value.as.integer, 42);
	assert_int_equal(json_read_last(slice_of(text), NULL, &value, NULL),
			 code);
}

static void test_other_mistakes_count(void **state)
{
	(void)state;
	check_refused("", E_INVALID, "");
	check_refused("{\"a\":1,\"a\":2,}", E_INVALID, "line 1, column 14");
	check_refused("{\"a\":1,\"a\":tru}", E_INVALID, "tru");
	check_refused("{\"a\":1e400,\"a\":1}", E_INVALID, "column");
	check_refused("{\"a\":1,\"a\":2} x", E_INVALID, "column");
}

static void check_found(const char *text, const char *path, size_t offset)
{
	struct buf found = { 0 };
	size_t at = 0;

	assert_true(json_repeat_find(slice_of(text), &found, &at));
	buf_put_byte(&found, '\0');
	assert_string_equal(found.data, path);
	assert_int_equal(at, offset);
	buf_fini(&found);
}

static void test_finding(void **state)
{
	(void)state;
	struct buf path = { 0 };
	size_t offset;

	check_found("{\"a\":1,\"a\":2}", ".a", 7);
	check_found("  {\"a\":[0,{\"b\":1,\"b\":2}]}", ".a[1].b", 17);
	check_found("[[],{\"x y\":1,\"x\\u0020y\":2}]", "[1].\"x y\"", 13);
	check_found("{\"a\":{\"b\":1},\"c\":1,\"c\":1,\"a\":1}", ".c", 19);
	check_found("{\"\":1,\"\":1}", ".\"\"", 6);
	assert_false(
	    json_repeat_find(SLICE("{\"a\":{\"a\":1}}"), &path, &offset));
	assert_false(json_repeat_find(SLICE("\"a\""), &path, &offset));
	assert_false(json_repeat_find(SLICE("  "), &path, &offset));
	assert_int_equal(path.len, 0);
	buf_fini(&path);
}

/* Without a repeat both readers agree, and so they do on what is broken. */
static void test_against_the_strict_reader(void **state)
{
	(void)state;
	struct chance chance = { 7 };

	for (int i = 0; i < 3000; i++) {
		struct value value = chance_value(&chance, 4);
		struct value again;
		struct buf text = { 0 };

		json_write(&text, &value, JSON_COMPACT);
		if (json_read(buf_slice(&text), NULL, &again, NULL) == 0) {
			value_clear(&again);
			assert_int_equal(json_read_last(buf_slice(&text), NULL,
							&again, NULL),
					 0);
			assert_same(&again, &value);
			value_clear(&again);
		}
		text.data[chance_below(&chance, text.len)] = ',';
		int strict = json_read(buf_slice(&text), NULL, &again, NULL);

		if (strict == 0) {
			value_clear(&again);
		}
		int last = json_read_last(buf_slice(&text), NULL, &again, NULL);

		if (last == 0) {
			value_clear(&again);
		}
		assert_true(strict != 0 || last == 0);
		buf_fini(&text);
		value_clear(&value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_last_one_counts),
		cmocka_unit_test(test_big_numbers_stay),
		cmocka_unit_test(test_other_mistakes_count),
		cmocka_unit_test(test_finding),
		cmocka_unit_test(test_against_the_strict_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
