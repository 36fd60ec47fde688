#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cli/help.h"
#include "cli/verb.h"

#define MANUAL TEST_DATA "/../../docs/man/tutti.1.scd"

static char manual[131072];

static int read_manual(void **state)
{
	FILE *file = fopen(MANUAL, "re");

	(void)state;
	if (!file) {
		return -1;
	}
	size_t len = fread(manual, 1, sizeof(manual) - 1, file);

	manual[len] = '\0';
	return fclose(file);
}

static void check_found(const char *first, const char *second,
			const struct verb *expected, int words)
{
	const struct verb *verb = NULL;
	struct err err = { 0 };

	assert_int_equal(verb_find(first, second, &verb, &err), words);
	assert_ptr_equal(verb, expected);
}

static void test_finding(void **state)
{
	(void)state;
	check_found("ls", NULL, &verb_ls, 1);
	check_found("show", "@latest", &verb_show, 1);
	check_found("plugins", NULL, &verb_plugins, 1);
	check_found("plugins", "-o", &verb_plugins, 1);
	check_found("plugins", "show", &verb_plugins_show, 2);
	check_found("plugins", "scale", &verb_plugins_scale, 2);
	check_found("logs", "-f", &verb_logs, 1);
	check_found("config", "check", &verb_config_check, 2);
}

static void check_unknown(const char *first, const char *second,
			  const char *sentence)
{
	const struct verb *verb = NULL;
	struct err err = { 0 };

	assert_int_equal(verb_find(first, second, &verb, &err), E_INVALID);
	assert_string_equal(err.msg, sentence);
	assert_null(verb);
}

static void test_mistyped(void **state)
{
	(void)state;
	check_unknown("histroy", NULL,
		      "unknown verb 'histroy'; did you mean 'history'?");
	check_unknown("config", NULL,
		      "unknown verb 'config'; did you mean 'config check'?");
	check_unknown("config", "sho",
		      "unknown verb 'config sho'; did you mean 'config "
		      "show'?");
	check_unknown("plugins", "shew",
		      "unknown verb 'plugins shew'; did you mean 'plugins "
		      "show'?");
	check_unknown("frobnicate", "x", "unknown verb 'frobnicate'");
}

/* For the orchestrator itself: help explains it, overview and manual do not. */
static bool is_hidden(const struct verb *verb)
{
	return verb->group == VERB_HIDDEN;
}

static void check_option(const struct option_spec *option)
{
	assert_non_null(option->help);
	assert_true(*option->help != '\0');
	assert_true(option->help[strlen(option->help) - 1] != '.');
	assert_int_equal(option->argument != NULL, option->kind != OPTION_FLAG);
	assert_int_equal(option->accepts != NULL, option->kind == OPTION_MAYBE);
}

static void check_verb(const struct verb *verb)
{
	assert_non_null(verb->run);
	assert_true(verb->group <= VERB_HIDDEN);
	assert_true(*verb->summary != '\0');
	assert_true(verb->summary[strlen(verb->summary) - 1] != '.');
	assert_int_equal(*verb->usage == '\0', verb->max_args == 0);
	assert_true(verb->max_args == VERB_ANY_ARGS ||
		    verb->min_args <= verb->max_args);
	assert_true(!verb->text || verb->text[strlen(verb->text) - 1] == '\n');
	for (const struct option_spec *it = verb->options; it && it->name;
	     it++) {
		check_option(it);
	}
}

/* No verb's own option hides one that every verb has. */
static void check_no_clash(const struct verb *verb)
{
	for (const struct option_spec *own = verb->options; own && own->name;
	     own++) {
		for (const struct option_spec *common = verb_common_options;
		     common->name; common++) {
			assert_string_not_equal(own->name, common->name);
			assert_true(!own->letter ||
				    own->letter != common->letter);
		}
	}
}

static void test_the_table_is_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < verb_count; i++) {
		check_verb(verbs[i]);
		check_no_clash(verbs[i]);
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(verbs[i]->name, verbs[j]->name);
		}
	}
	for (const struct option_spec *it = verb_common_options; it->name;
	     it++) {
		check_option(it);
	}
}

static void expect(const char *text, const char *part)
{
	if (!strstr(text, part)) {
		fail_msg("'%s' is not in:\n%s", part, text);
	}
}

static void test_every_verb_has_help(void **state)
{
	struct buf overview = { 0 };

	(void)state;
	help_put_overview(&overview);
	buf_put_byte(&overview, '\0');
	for (size_t i = 0; i < verb_count; i++) {
		struct buf help = { 0 };

		if (verbs[i]->group != VERB_HIDDEN) {
			expect(overview.data, verbs[i]->name);
			expect(overview.data, verbs[i]->summary);
		}
		help_put_verb(&help, verbs[i]);
		buf_put_byte(&help, '\0');
		expect(help.data, verbs[i]->summary);
		for (const struct option_spec *it = verbs[i]->options;
		     it && it->name; it++) {
			expect(help.data, it->name);
			expect(help.data, it->help);
		}
		buf_fini(&help);
	}
	buf_fini(&overview);
}

/* Help fits a terminal of 80 columns. */
static void test_help_is_narrow(void **state)
{
	(void)state;
	for (size_t i = 0; i < verb_count; i++) {
		struct buf help = { 0 };

		help_put_verb(&help, verbs[i]);
		buf_put_byte(&help, '\0');
		for (char *line = strtok(help.data, "\n"); line;
		     line = strtok(NULL, "\n")) {
			if (strlen(line) >= 80) {
				fail_msg("%s: %s", verbs[i]->name, line);
			}
		}
		buf_fini(&help);
	}
}

/* The manual's section that begins with `heading`, in a static buffer. */
static const char *section(const char *heading, const char *end)
{
	static char text[8192];
	const char *start = strstr(manual, heading);

	if (!start) {
		fail_msg("the manual has no '%s'", heading);
	}
	start += strlen(heading);
	const char *stop = strstr(start, end);
	size_t len = stop ? (size_t)(stop - start) : strlen(start);

	assert_true(len < sizeof(text));
	memcpy(text, start, len);
	text[len] = '\0';
	return text;
}

static size_t count(const char *text, const char *part)
{
	size_t found = 0;

	for (text = strstr(text, part); text;
	     text = strstr(text + strlen(part), part)) {
		found++;
	}
	return found;
}

/* Each option of the table with argument and help, and no other. */
static void check_options(const char *text, const struct option_spec *option)
{
	size_t options = 0;

	for (; option && option->name; option++, options++) {
		const char *argument = option->argument;
		char head[160];

		(void)snprintf(head, sizeof(head), "*--%s*%s%s%s\n\t%s\n",
			       option->name,
			       option->kind == OPTION_MAYBE ? "[=_"
			       : argument                   ? " _"
							    : "",
			       argument ? argument : "",
			       option->kind == OPTION_MAYBE ? "_]"
			       : argument                   ? "_"
							    : "",
			       option->help);
		expect(text, head);
	}
	assert_int_equal(count(text, "*--"), options);
}

static void check_section(const struct verb *verb)
{
	char heading[120];
	char summary[120];

	(void)snprintf(heading, sizeof(heading), "\n## %s%s%s\n", verb->name,
		       *verb->usage ? " " : "", verb->usage);
	(void)snprintf(summary, sizeof(summary), "%s.", verb->summary);
	summary[0] = (char)toupper((unsigned char)summary[0]);
	const char *text = section(heading, "\n#");

	expect(text, summary);
	check_options(text, verb->options);
	for (unsigned i = 0; i < FORMS; i++) {
		if (verb->forms & FORM_BIT(i)) {
			expect(text, "Forms of output: ");
			expect(text, form_name((enum form)i));
		}
	}
}

static void test_the_manual_agrees(void **state)
{
	size_t shown = 0;

	(void)state;
	for (size_t i = 0; i < verb_count; i++) {
		if (!is_hidden(verbs[i])) {
			check_section(verbs[i]);
			shown++;
		}
	}
	assert_int_equal(count(manual, "\n## "), shown);
	check_options(section("# OPTIONS OF EVERY VERB\n", "\n# "),
		      verb_common_options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finding),
		cmocka_unit_test(test_mistyped),
		cmocka_unit_test(test_the_table_is_whole),
		cmocka_unit_test(test_every_verb_has_help),
		cmocka_unit_test(test_help_is_narrow),
		cmocka_unit_test(test_the_manual_agrees),
	};

	return cmocka_run_group_tests(tests, read_manual, NULL);
}
