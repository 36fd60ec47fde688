/* What the shared cases leave open: numbers, odd keys, lists, reasons. */
#include "filter_test.h"

static const struct match_case match_cases[] = {
	/* Integers of 64 bits are compared exactly. */
	{ "{\"n\":[9007199254740993]}", "{\"n\":9007199254740993}", true },
	{ "{\"n\":[9007199254740993]}", "{\"n\":9007199254740992}", false },
	{ "{\"n\":[18446744073709551615]}", "{\"n\":18446744073709551615}",
	  true },
	{ "{\"n\":[18446744073709551615]}", "{\"n\":18446744073709551614}",
	  false },
	{ "{\"n\":[{\"numeric\":[\">\",9007199254740992]}]}",
	  "{\"n\":9007199254740993}", true },
	{ "{\"n\":[{\"numeric\":[\"<\",-9223372036854775807]}]}",
	  "{\"n\":-9223372036854775808}", true },
	{ "{\"n\":[{\"numeric\":[\">\",9223372036854775807]}]}",
	  "{\"n\":9223372036854775808}", true },
	{ "{\"n\":[{\"anything-but\":9007199254740993}]}",
	  "{\"n\":9007199254740992}", true },
	{ "{\"n\":[10000000000000000000]}", "{\"n\":1e19}", true },
	{ "{\"n\":[0]}", "{\"n\":-0.0}", true },
	/* Keys with dots in them, on both sides. */
	{ "{\"a\":{\"b.c\":[1]}}", "{\"a.b\":{\"c\":1}}", true },
	{ "{\"a.b.c\":[1]}", "{\"a\":{\"b\":{\"c\":1}}}", true },
	{ "{\"a.b.c\":[1]}", "{\"a\":{\"b\":2},\"a.b\":{\"c\":1}}", true },
	{ "{\"a.b\":[1]}", "{\"a\":{\"b\":2},\"a.b\":1}", true },
	{ "{\"a.b\":[{\"exists\":false}]}", "{\"a\":{\"b\":1}}", false },
	{ "{\"\":[1]}", "{\"\":1}", true },
	{ "{\"\":{\"a\":[1]}}", "{\".a\":1}", true },
	{ "{\"a.\":[1]}", "{\"a\":{\"\":1}}", true },
	{ "{\"a\":[1]}", "{\"a\":{\"\":1}}", false },
	{ "{\"..\":[1]}", "{\"\":{\"\":{\"\":1}}}", true },
	/* The same path twice: both must hold. */
	{ "{\"a.b\":[1,2],\"a\":{\"b\":[2,3]}}", "{\"a\":{\"b\":2}}", true },
	{ "{\"a.b\":[1,2],\"a\":{\"b\":[2,3]}}", "{\"a\":{\"b\":1}}", false },
	{ "{\"a.b\":[1],\"a\":{\"b\":[3]}}", "{\"a\":{\"b\":[1,3]}}", true },
	/* Absence does not care for elements. */
	{ "{\"l\":{\"x\":[1],\"y\":[{\"exists\":false}]}}",
	  "{\"l\":[{\"x\":1},{\"y\":2}]}", false },
	{ "{\"l\":{\"x\":[1],\"y\":[{\"exists\":false},2]}}",
	  "{\"l\":[{\"x\":1},{\"x\":1,\"y\":2}]}", true },
	{ "{\"a\":[{\"exists\":false}]}", "{\"a\":[[],{},[{}]]}", true },
	/* Elements of one list, of lists in lists, and of several lists. */
	{ "{\"l\":{\"x\":[1],\"y\":[2]}}", "{\"l\":[[{\"x\":1}],[{\"y\":2}]]}",
	  false },
	{ "{\"l\":{\"x\":[1],\"y\":[2]}}", "{\"l\":[[{\"x\":1},{\"y\":2}]]}",
	  false },
	{ "{\"l\":{\"x\":[1],\"y\":[2]}}",
	  "{\"l\":[[{\"x\":1}],[{\"x\":1,\"y\":2}]]}", true },
	{ "{\"l\":{\"x\":[1]},\"m\":{\"y\":[2]}}",
	  "{\"l\":[{\"x\":1},{\"x\":2}],\"m\":[{\"y\":1},{\"y\":2}]}", true },
	{ "{\"o\":{\"k\":[1],\"l\":{\"x\":[1],\"y\":[2]}}}",
	  "{\"o\":[{\"k\":1,\"l\":[{\"x\":1}]},"
	  "{\"k\":1,\"l\":[{\"x\":1},{\"x\":1,\"y\":2}]}]}",
	  true },
	{ "{\"o\":{\"k\":[1],\"l\":{\"x\":[1],\"y\":[2]}}}",
	  "{\"o\":[{\"k\":1,\"l\":[{\"x\":1}]},"
	  "{\"k\":2,\"l\":[{\"x\":1},{\"x\":1,\"y\":2}]}]}",
	  false },
	/* A scalar in the list ties nothing to an element. */
	{ "{\"l\":[\"s\"],\"l.x\":[1]}", "{\"l\":[\"s\",{\"x\":1}]}", true },
	{ "{\"l\":[\"s\"],\"l.x\":[1],\"l.y\":[2]}",
	  "{\"l\":[\"s\",{\"x\":1},{\"y\":2}]}", false },
	{ "{\"l.t\":[1],\"l\":{\"t\":[3]}}", "{\"l\":[{\"t\":[1,3]}]}", true },
	/* One path spelled in two ways in the attributes. */
	{ "{\"a.b.x\":[1],\"a.b.y\":[2]}",
	  "{\"a\":{\"b\":[{\"x\":1},{\"x\":9}]},\"a.b\":[{\"y\":2}]}", true },
	{ "{\"a.b.x\":[1],\"a.b.y\":[2],\"a.b.z\":[3]}",
	  "{\"a\":{\"b\":[{\"x\":1},{\"z\":3}]},"
	  "\"a.b\":[{\"y\":2,\"x\":1},{\"z\":3}]}",
	  true },
	{ "{\"a.b.x\":[1],\"a.b.y\":[2],\"a.b.z\":[3]}",
	  "{\"a\":{\"b\":[{\"x\":1},{\"y\":2},{\"z\":3}]},"
	  "\"a.b\":[{\"x\":1},{\"y\":2},{\"z\":3}]}",
	  false },
};

static void paths_and_lists(void **arg)
{
	(void)arg;
	assert_matches(match_cases, COUNT(match_cases));
}

static void nothing_and_everything(void **arg)
{
	struct value null = value_null();
	struct value attributes = parse("{\"a\":1}");
	struct value absent = parse("{\"a\":[{\"exists\":false}]}");
	struct value number = value_int(3);
	struct value list = parse("[{\"a\":1}]");
	struct filter *filter;

	(void)arg;
	assert_true(filter_match(NULL, &attributes));
	assert_true(filter_match(NULL, NULL));
	assert_int_equal(filter_compile(&null, &filter, NULL), 0);
	assert_true(filter_match(filter, &attributes));
	assert_true(filter_match(filter, NULL));
	assert_true(filter_match(filter, &number));
	assert_true(filter_match(filter, &list));
	filter_destroy(filter);
	assert_int_equal(filter_compile(&absent, &filter, NULL), 0);
	assert_true(filter_match(filter, &null));
	assert_true(filter_match(filter, NULL));
	assert_false(filter_match(filter, &number));
	assert_false(filter_match(filter, &list));
	assert_false(filter_match(filter, &attributes));
	filter_destroy(filter);
	filter_destroy(NULL);
	value_clear(&attributes);
	value_clear(&absent);
	value_clear(&list);
}

static void bytes_are_no_leaf(void **arg)
{
	struct value document = parse("{\"a\":[{\"exists\":true}]}");
	struct value attributes = value_map();
	struct filter *filter;

	(void)arg;
	value_set(&attributes, "a", value_bytes(SLICE("x")));
	assert_int_equal(filter_compile(&document, &filter, NULL), 0);
	assert_false(filter_match(filter, &attributes));
	filter_destroy(filter);
	value_clear(&document);
	value_clear(&attributes);
}

/*
 * Both spellings of twenty paths, and no way to agree: the answer must come
 * after a bounded number of tries.
 */
static void hostile_spellings_end(void **arg)
{
	struct buf filter_json = { 0 };
	struct buf list = { 0 };
	struct buf attributes_json = { 0 };
	struct filter *filter;

	(void)arg;
	for (int i = 0; i < 20; i++) {
		buf_printf(&filter_json, "%c\"a.b.%d\":[1]", i ? ',' : '{', i);
		buf_printf(&list, "%c{\"%d\":1}", i ? ',' : '[', i);
	}
	buf_put_text(&filter_json, "}");
	buf_put_byte(&filter_json, 0);
	buf_put_text(&list, "]");
	buf_put_byte(&list, 0);
	buf_printf(&attributes_json, "{\"a\":{\"b\":%s},\"a.b\":%s}", list.data,
		   list.data);
	buf_put_byte(&attributes_json, 0);
	struct value document = parse(filter_json.data);
	struct value attributes = parse(attributes_json.data);

	assert_int_equal(filter_compile(&document, &filter, NULL), 0);
	assert_false(filter_match(filter, &attributes));
	filter_destroy(filter);
	value_clear(&document);
	value_clear(&attributes);
	buf_fini(&filter_json);
	buf_fini(&list);
	buf_fini(&attributes_json);
}

static void assert_reason(const char *filter_json, const char *attributes_json,
			  const char *reason)
{
	struct value document = parse(filter_json);
	struct value attributes = parse(attributes_json);
	struct filter *filter;
	struct filter_explanation why;

	assert_int_equal(filter_compile(&document, &filter, NULL), 0);
	filter_explain(filter, &attributes, &why);
	assert_string_equal(why.sentence, reason);
	filter_explanation_fini(&why);
	filter_destroy(filter);
	value_clear(&document);
	value_clear(&attributes);
}

static void reasons(void **arg)
{
	struct filter_explanation why;

	(void)arg;
	assert_reason("{\"a\":[1]}", "{\"a\":1}", "");
	assert_reason("{\"a\":[1],\"lang\":[\"c\",{\"prefix\":\"sh\"}]}",
		      "{\"a\":1,\"lang\":\"go\"}",
		      "attribute 'lang' is \"go\", which does not match "
		      "[\"c\",{\"prefix\":\"sh\"}]");
	assert_reason("{\"a\":{\"b\":[1]}}", "{\"a\":1}",
		      "attribute 'a.b' is absent, which does not match [1]");
	assert_reason("{\"a\":[\"x\"]}", "{\"a\":[\"u\",null,3]}",
		      "attribute 'a' has 3 values, the first of them \"u\", "
		      "none of which matches [\"x\"]");
	assert_reason("{\"a\":[{\"exists\":false}]}", "{\"a\":null}",
		      "attribute 'a' is null, which does not match "
		      "[{\"exists\":false}]");
	assert_reason("{\"l\":{\"x\":[1],\"y\":[2],\"z\":[3]}}",
		      "{\"l\":[{\"x\":1},{\"y\":2,\"z\":3}]}",
		      "attributes 'l.x', 'l.y' and 'l.z' match one by one, but "
		      "not within the same element of a list");
	filter_explain(NULL, NULL, &why);
	assert_string_equal(why.sentence, "");
	filter_explanation_fini(&why);
}

static void long_values_are_cut(void **arg)
{
	struct value document = parse("{\"a\":[1]}");
	struct value attributes = value_map();
	struct buf text = { 0 };
	struct filter_explanation why;
	struct filter *filter;

	(void)arg;
	for (int i = 0; i < 1000; i++) {
		buf_put_text(&text, "ü");
	}
	value_set(&attributes, "a", value_string(buf_slice(&text)));
	assert_int_equal(filter_compile(&document, &filter, NULL), 0);
	filter_explain(filter, &attributes, &why);
	assert_true(strlen(why.sentence) < 300);
	assert_non_null(strstr(why.sentence, "ü..., which does not match [1]"));
	filter_explanation_fini(&why);
	filter_destroy(filter);
	value_clear(&document);
	value_clear(&attributes);
	buf_fini(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_and_lists),
		cmocka_unit_test(nothing_and_everything),
		cmocka_unit_test(bytes_are_no_leaf),
		cmocka_unit_test(hostile_spellings_end),
		cmocka_unit_test(reasons),
		cmocka_unit_test(long_values_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
