#include "yaml_test.h"

static void test_one_document(void **state)
{
	(void)state;
	struct yaml_error error =
	    assert_refused("a: 1\n---\nb: 2\n", 2, 1, "second document");

	assert_string_not_equal(error.hint, "");
	(void)assert_refused("---\n---\n", 2, 1, "second document");
	(void)assert_refused("a\n...\nb\n", 3, 1, "already ended");
	assert_yaml("a\n...\n...\n# end\n", "\"a\"");
}

static void test_directives(void **state)
{
	(void)state;
	struct yaml_error error =
	    assert_refused("%YAML 1.2\n---\na\n", 1, 1, "directives (%)");

	assert_non_null(strstr(error.hint, "begins with % goes"));
	(void)assert_refused("# c\n\n%TAG ! x\n--- a\n", 3, 1, "directives");
	(void)assert_refused("%FOO\n", 1, 1, "directives");
	(void)assert_refused("a\n...\n%TAG ! x\n--- b\n", 3, 1, "directives");
	(void)assert_refused("a\n...\n%YAML 1.1\n--- b\n", 3, 1, "second");
	assert_yaml("a: \"x\n%y\"\n", "{\"a\":\"x %y\"}");
	assert_yaml("a: |\n  %TAG\n", "{\"a\":\"%TAG\\n\"}");
}

/* libyaml would compare each with all before it. */
static void test_many_directives(void **state)
{
	(void)state;
	struct buf text = { 0 };

	buf_put_text(&text, "a\n...\n");
	for (int i = 0; i < 60000; i++) {
		buf_printf(&text, "%%TAG !%d! x\n", i);
	}
	(void)assert_refused_within(buf_slice(&text), NULL, E_INVALID, 3, 1,
				    "directives");
	buf_fini(&text);
}

static void test_bad_bytes(void **state)
{
	(void)state;
	static const struct {
		struct slice text;
		unsigned line;
		unsigned column;
		const char *sentence;
	} cases[] = {
		{ TEXT("a: \xff\n"), 1, 4, "not UTF-8" },
		{ TEXT("\xc3\xa4: 1\nb: \xc3\xa4\xed\xa0\x80"), 2, 5,
		  "not UTF-8" },
		{ TEXT("a\n\xf4\x90\x80\x80"), 2, 1, "not UTF-8" },
		{ TEXT("a\xc3"), 1, 2, "not UTF-8" },
		{ TEXT("a: \x07\n"), 1, 4, "U+0007" },
		{ TEXT("a: \0b\n"), 1, 4, "U+0000" },
		{ TEXT("a\n b\x7f"), 2, 3, "U+007F" },
		{ TEXT("# \xc2\x85\n"), 1, 3, "U+0085" },
		{ TEXT("a: \"b\nc\xe2\x80\xa8\""), 2, 2, "U+2028" },
		{ TEXT("\xe2\x80\xa9"), 1, 1, "U+2029" },
		{ TEXT("\xff\xfe"
		       "a\0"),
		  1, 1, "not UTF-8" },
		{ TEXT("\xfe\xff\0"
		       "a"),
		  1, 1, "not UTF-8" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct yaml_error error = assert_refused_within(
		    cases[i].text, NULL, E_INVALID, cases[i].line,
		    cases[i].column, cases[i].sentence);

		assert_string_not_equal(error.hint, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_document),
		cmocka_unit_test(test_directives),
		cmocka_unit_test(test_many_directives),
		cmocka_unit_test(test_bad_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
