#include "document_test.h"

#include "document/template.h"

static const char scope_text[] =
    "{\"name\":\"Tutti\",\"n\":7,\"d\":1.0,\"none\":null,\"yes\":true,"
    "\"list\":[1,\"a\"],\"map\":{\"k\":\"v\"},\"weird }} name\":\"w\"}";

static struct template *compile(const char *json)
{
	struct value document = from_json(json);
	struct template *template;
	struct err err;

	if (template_compile(&document, &template, &err) < 0) {
		fail_msg("%s: %s", json, err.msg);
	}
	value_clear(&document);
	return template;
}

static void assert_gives(const char *json, const char *wanted)
{
	struct template *template = compile(json);
	struct value scope = from_json(scope_text);
	struct value result = template_evaluate(template, &scope);

	value_clear(&scope);
	assert_value(&result, wanted);
	value_clear(&result);
	template_destroy(template);
}

static void test_exact_expressions_keep_their_type(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "\"${{ name }}\"", "\"Tutti\"" },
		{ "\"${{n}}\"", "7" },
		{ "\"${{ d }}\"", "1.0" },
		{ "\"${{ none }}\"", "null" },
		{ "\"${{ absent }}\"", "null" },
		{ "\"${{ yes }}\"", "true" },
		{ "\"${{ list }}\"", "[1,\"a\"]" },
		{ "\"${{ map.k }}\"", "\"v\"" },
		{ "\"${{ \\\"weird }} name\\\" }}\"", "\"w\"" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_gives(cases[i][0], cases[i][1]);
	}
}

static void test_text_around(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "\" ${{ n }}\"", "\" 7\"" },
		{ "\"${{ n }}\\n\"", "\"7\\n\"" },
		{ "\"hello ${{ name }}!\"", "\"hello Tutti!\"" },
		{ "\"${{ n }}${{ n }}\"", "\"77\"" },
		{ "\"a${{ none }}b${{ absent }}c\"", "\"abc\"" },
		{ "\"${{ d }},${{ yes }}\"", "\"1.0,true\"" },
		{ "\"=${{ list }}\"", "\"=[1,\\\"a\\\"]\"" },
		{ "\"=${{ map }}\"", "\"={\\\"k\\\":\\\"v\\\"}\"" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_gives(cases[i][0], cases[i][1]);
	}
}

static void test_literals(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "\"$${{ n }}\"", "\"${{ n }}\"" },
		{ "\"$${{ n }} is ${{ n }}\"", "\"${{ n }} is 7\"" },
		{ "\"$$${{ n }}\"", "\"$${{ n }}\"" },
		{ "\"$${{\"", "\"${{\"" },
		{ "\"$ { {{ }} $} ${ x }\"", "\"$ { {{ }} $} ${ x }\"" },
		{ "\"\"", "\"\"" },
		{ "{\"${{ n }}\":\"${{ n }}\"}", "{\"${{ n }}\":7}" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_gives(cases[i][0], cases[i][1]);
	}
}

static void test_documents(void **state)
{
	(void)state;
	assert_gives("{\"argv\":[\"run\",\"${{ n }}\",[\"${{ list }}\"]],"
		     "\"plain\":{\"a\":[1,2.0,null]},\"t\":\"${{ yes }}\"}",
		     "{\"argv\":[\"run\",7,[[1,\"a\"]]],"
		     "\"plain\":{\"a\":[1,2.0,null]},\"t\":true}");
	assert_gives("[]", "[]");
	assert_gives("{}", "{}");
	assert_gives("{\"a\":[]}", "{\"a\":[]}");
	assert_gives("5", "5");
}

static void test_what_comes_in_is_not_expanded(void **state)
{
	(void)state;
	struct template *template = compile("[\"${{ x }}\",\"-${{ x }}\"]");
	struct value scope = from_json("{\"x\":\"${{ y }}\",\"y\":1}");
	struct value result = template_evaluate(template, &scope);

	assert_value(&result, "[\"${{ y }}\",\"-${{ y }}\"]");
	value_clear(&scope);
	value_clear(&result);
	template_destroy(template);
}

static void test_dynamic(void **state)
{
	(void)state;
	static const struct {
		const char *json;
		bool dynamic;
	} cases[] = {
		{ "{\"a\":[\"b\",1]}", false },   { "\"$${{ a }}\"", false },
		{ "{\"${{ a }}\":1}", false },    { "\"${{ a }}\"", true },
		{ "[[[\"x ${{ a }}\"]]]", true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct template *template = compile(cases[i].json);

		assert_int_equal(template_is_dynamic(template),
				 cases[i].dynamic);
		template_destroy(template);
	}
	template_destroy(NULL);
}

static void test_mistakes_name_the_place(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "{\"with\":{\"argv\":[1,\"ok\",\"${{ a. }}\"]}}",
		  "with.argv[2]: " },
		{ "[[\"${{\"]]", "[0][0]: " },
		{ "{\"a b\":{\"c\":\"${{ }}\"}}", "\"a b\".c: " },
		{ "\"${{ }}\"", "the expression is empty" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct value document = from_json(cases[i][0]);
		struct template *template = NULL;
		struct err err;

		assert_int_equal(template_compile(&document, &template, &err),
				 E_INVALID);
		if (strncmp(err.msg, cases[i][1], strlen(cases[i][1])) != 0) {
			fail_msg("%s", err.msg);
		}
		assert_null(template);
		assert_int_equal(template_compile(&document, &template, NULL),
				 E_INVALID);
		value_clear(&document);
	}
}

static void test_check(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int code;
		size_t offset;
	} cases[] = {
		{ "plain", 0, 0 },
		{ "${{ a }} and ${{ b }}", 0, 0 },
		{ "${{ a ", E_INVALID, 0 },
		{ "ab ${{ \"x}}", E_INVALID, 3 },
		{ "${{ \"x\\", E_INVALID, 0 },
		{ "${{ }}", E_INVALID, 4 },
		{ "ok ${{ a }} ${{ b c }}", E_INVALID, 18 },
		{ "\xc3\xa4 ${{ - }}", E_INVALID, 7 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t offset = 0;
		struct err err;

		assert_int_equal(
		    template_check(slice_of(cases[i].text), &offset, &err),
		    cases[i].code);
		assert_int_equal(offset, cases[i].offset);
		assert_int_equal(
		    template_check(slice_of(cases[i].text), NULL, NULL),
		    cases[i].code);
	}
}

static int within(const char *json, size_t size, size_t depth, size_t nodes)
{
	struct document_limits limits = { size, depth, nodes };
	struct template *template = compile(json);
	struct value scope = from_json(scope_text);
	struct value result = value_int(42);
	int rc =
	    template_evaluate_within(template, &scope, &limits, &result, NULL);

	if (rc < 0) {
		assert_int_equal(result.as.integer, 42);
	} else {
		value_clear(&result);
	}
	value_clear(&scope);
	template_destroy(template);
	return rc;
}

static void test_limits(void **state)
{
	(void)state;
	/* Ten bytes: two texts of five. */
	assert_int_equal(within("[\"${{name}}\",\"${{name}}\"]", 10, 1, 3), 0);
	assert_int_equal(within("[\"${{name}}\",\"${{name}}\"]", 9, 1, 3),
			 E_TOO_BIG);
	assert_int_equal(within("[\"${{name}}\",\"${{name}}\"]", 10, 1, 2),
			 E_TOO_BIG);
	assert_int_equal(within("[\"${{name}}\",\"${{name}}\"]", 10, 0, 3),
			 E_TOO_BIG);
	/* A map with its key, and a list in a list. */
	assert_int_equal(within("{\"k\":\"${{map}}\"}", 3, 2, 3), 0);
	assert_int_equal(within("{\"k\":\"${{map}}\"}", 2, 2, 3), E_TOO_BIG);
	assert_int_equal(within("{\"k\":\"${{map}}\"}", 3, 1, 3), E_TOO_BIG);
	assert_int_equal(within("{\"k\":\"${{map}}\"}", 3, 2, 2), E_TOO_BIG);
	assert_int_equal(within("\"x${{name}}\"", 6, 0, 1), 0);
	assert_int_equal(within("\"x${{name}}\"", 5, 0, 1), E_TOO_BIG);
	assert_int_equal(within("\"x${{name}}\"", 6, 0, 0), E_TOO_BIG);
	assert_int_equal(within("[[1,\"${{n}}\"],2]", 0, 2, 5), 0);
	assert_int_equal(within("[[1,\"${{n}}\"],2]", 0, 1, 5), E_TOO_BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exact_expressions_keep_their_type),
		cmocka_unit_test(test_text_around),
		cmocka_unit_test(test_literals),
		cmocka_unit_test(test_documents),
		cmocka_unit_test(test_what_comes_in_is_not_expanded),
		cmocka_unit_test(test_dynamic),
		cmocka_unit_test(test_mistakes_name_the_place),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
