#include "yaml_test.h"

#include "document/yaml_hint.h"

static const struct {
	const char *yaml;
	unsigned line;
	unsigned column;
	const char *msg;
	const char *hint; /* how it begins */
} mistakes[] = {
	{ "a:\n\tb: 1\n", 2, 1, "a tab cannot indent", "indent with spaces" },
	{ "a:\n  - 1\n\t- 2\n", 3, 1, "a tab cannot indent", "indent" },
	{ "a: %x\n", 1, 4, "a plain text cannot begin with '%'", "put the" },
	{ "a: @x\n", 1, 4, "a plain text cannot begin with '@'", "put the" },
	{ "a: `x`\n", 1, 4, "a plain text cannot begin with '`'", "put the" },
	{ "a: *.txt\n", 1, 4, "'*' begins an alias, but no name follows",
	  "a text that begins with *" },
	{ "a: & b\n", 1, 4, "'&' begins an anchor, but no name follows",
	  "a text that begins with &" },
	{ "run: echo: hi\n", 1, 10, "a second ': ' in one line",
	  "put the text behind the first ': ' in quotes" },
	{ "a:b\nc: d\n", 2, 2,
	  "the line above is a text, so no key can stand here",
	  "put a space behind the ':'" },
	{ "a\nb: 1\n", 2, 2,
	  "the line above is a text, so no key can stand here",
	  "is a ':' missing" },
	{ "a: 1\n\n\n  b: 2\n", 4, 4,
	  "this line is indented deeper than the one above, which already has "
	  "a value",
	  "give both the same" },
	{ "a: 1\nb:c\n", 2, 1, "a space is missing behind the ':'", "write" },
	{ "a: 1\nb\n", 2, 1, "a ':' is missing behind this key", "write" },
	{ "a: |\n x\ny\n", 3, 1, "a ':' is missing behind this key", "write" },
	{ "a: 1\nb: \"open\nc: d\n", 2, 4, "this quote is never closed",
	  "add the closing quote" },
	{ "a: 'open\n", 1, 4, "this quote is never closed", "add" },
	{ "a: \"x\n---\n\"\n", 1, 4, "this quote is never closed", "add" },
	{ "a: [${{ x }}]\n", 1, 6,
	  "inside [ ] and { } an expression cannot stand without quotes",
	  "write \"${{" },
	{ "a: 'it's'\n", 1, 8, "text behind a closing quote", "put the whole" },
	{ "a: \"b\" c\n", 1, 8, "text behind a closing quote", "put the" },
	{ "a: \"C:\\path\"\n", 1, 7, "this escape does not exist", "in \"" },
	{ "a: \"\\ud800\"\n", 1, 7, "this escape is no character", "write" },
	{ "a: - b\n", 1, 4, "a list cannot begin in the line of its key",
	  "put the '-'" },
	{ "a: ? b\n", 1, 4, "a plain text cannot begin with '? '", "put" },
	{ "  a: 1\nb: 2\n", 2, 1, "the document has already ended above",
	  "check the indentation" },
	{ "a: ,b\n", 1, 4, "a value is missing before this ','", "a text" },
	{ "a: [1,,2]\n", 1, 7, "a value is missing before this ','", "a " },
	{ "a: |x\n  b\n", 1, 4, "behind '|' the line must end", "the text" },
	{ "a: >x\n  b\n", 1, 4, "behind '>' the line must end", "the text" },
	{ "a: !<x\n", 1, 4, "'!' begins a tag, but this is none", "a text" },
	{ "a: !x!y z\n", 1, 4, "'!' begins a tag, but this is none", "a" },
	{ ": a\n", 1, 1, "a key is missing here", "an empty key" },
	{ "...\n", 1, 1, "a value is missing here", "" },
};

static void test_common_mistakes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mistakes); i++) {
		struct yaml_error error = assert_refused(
		    mistakes[i].yaml, mistakes[i].line, mistakes[i].column, "");

		assert_string_equal(error.msg, mistakes[i].msg);
		if (strncmp(error.hint, mistakes[i].hint,
			    strlen(mistakes[i].hint)) != 0) {
			fail_msg("%s: %s", mistakes[i].yaml, error.hint);
		}
		assert_int_equal(error.other.line, 0);
	}
}

static const struct {
	const char *yaml;
	unsigned line;
	unsigned column;
	const char *msg;
	unsigned other_line;
	unsigned other_column;
} two_places[] = {
	{ "a: [1, 2\nb: 3\n", 2, 2, "a ',' or the closing ']' is missing", 1,
	  4 },
	{ "a: {b: 1\nc: 2\n", 2, 2, "a ',' or the closing '}' is missing", 1,
	  4 },
	{ "a:\n  - b: 1\n   c: 2\n", 3, 4,
	  "this line does not go on with the list above it", 2, 3 },
	{ "a:\n  b: 1\n c: 2\n", 3, 2,
	  "this line does not go on with the mapping above it", 1, 1 },
	{ "a: b\n- c\n", 2, 1, "a list item cannot stand here", 1, 1 },
};

static void test_mistakes_of_two_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(two_places); i++) {
		struct yaml_error error =
		    assert_refused(two_places[i].yaml, two_places[i].line,
				   two_places[i].column, two_places[i].msg);

		assert_mark(error.other, two_places[i].other_line,
			    two_places[i].other_column);
		assert_string_not_equal(error.hint, "");
	}
}

static void test_unknown_problem(void **state)
{
	(void)state;
	struct yaml_error error = { 0 };
	struct yaml_problem problem = {
		.text = SLICE("a"),
		.problem = "something new",
		.context = "while scanning",
		.mark = { 1, 2 },
	};

	yaml_hint(&problem, &error);
	assert_string_equal(error.msg, "something new, while scanning");
	assert_string_equal(error.hint, "");
	assert_mark(error.mark, 1, 2);
	problem.context = NULL;
	yaml_hint(&problem, &error);
	assert_string_equal(error.msg, "something new");
}

/* The search for the line above must not read the text again and again. */
static void test_many_blank_lines(void **state)
{
	(void)state;
	struct buf text = { 0 };

	buf_put_text(&text, "a\n");
	for (int i = 0; i < 500000; i++) {
		buf_put_byte(&text, '\n');
	}
	buf_put_text(&text, "b: c");
	(void)assert_refused_within(buf_slice(&text), NULL, E_INVALID, 500002,
				    2, "a key cannot stand here");
	buf_fini(&text);
}

/* Any mark, also one outside of the text. */
static void test_marks_anywhere(void **state)
{
	(void)state;
	struct slice text = SLICE("a\n\xc3\xa4 b\n\n");

	for (unsigned line = 1; line < 7; line++) {
		for (unsigned column = 1; column < 7; column++) {
			struct yaml_error error = { 0 };
			struct yaml_problem problem = {
				.text = text,
				.problem = "mapping values are not allowed",
				.mark = { line, column },
			};

			yaml_hint(&problem, &error);
			assert_string_not_equal(error.msg, "");
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_common_mistakes),
		cmocka_unit_test(test_mistakes_of_two_places),
		cmocka_unit_test(test_unknown_problem),
		cmocka_unit_test(test_many_blank_lines),
		cmocka_unit_test(test_marks_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
