/* Words of a command, as a shell reads them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/shell.h"

static void check(const char *word, const char *expected)
{
	struct buf text = { 0 };

	shell_put_word(&text, slice_of(word));
	buf_put_byte(&text, '\0');
	assert_string_equal(text.data, expected);
	buf_fini(&text);
}

static void test_words(void **state)
{
	(void)state;
	check("ocr", "ocr");
	check("a_b.c/D@e:f-9", "a_b.c/D@e:f-9");
	check("", "\"\"");
	check("a b", "\"a b\"");
	check("M\xc3\xb6"
	      "bel & 'Sofas'",
	      "\"M\xc3\xb6"
	      "bel & 'Sofas'\"");
	check("$HOME", "'$HOME'");
	check("it's $5", "'it'\\''s $5'");
	check("~", "\"~\"");
}

/* A shell gives back what was meant. */
static void test_shell(void **state)
{
	static const char *const words[] = {
		"a b", "*",  "$(false)", "`id`",        "\\n",          "\"",
		"'",   "!!", "&;|<>#",   "it's \"$5\"", "\xe5\xae\xb6",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		struct buf command = { 0 };
		char said[64] = "";

		buf_put_text(&command, "printf %s ");
		shell_put_word(&command, slice_of(words[i]));
		buf_put_byte(&command, '\0');
		FILE *shell = popen(command.data, "re");

		assert_non_null(shell);
		(void)!fread(said, 1, sizeof(said) - 1, shell);
		assert_int_equal(pclose(shell), 0);
		assert_string_equal(said, words[i]);
		buf_fini(&command);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_shell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
