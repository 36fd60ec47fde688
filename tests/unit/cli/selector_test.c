#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "cli/selector.h"
#include "store_fixture.h"

static struct store_fixture fixture;

/* Runs 1 to 5; 2 and 4 failed; 4 and 5 share a uid in two workflows. */
static int set_up(void **state)
{
	(void)state;
	store_fixture_open(&fixture);
	store_fixture_run(&fixture, 1, "Demo", "one", GROUP_SUCCEEDED);
	store_fixture_run(&fixture, 2, "Demo", "two", GROUP_FAILED);
	store_fixture_run(&fixture, 3, "Demo", "three", GROUP_RUNNING);
	store_fixture_run(&fixture, 4, "Demo", "shared", GROUP_FAILED);
	store_fixture_run(&fixture, 5, "Other", "shared", GROUP_RUNNING);
	store_fixture_commit(&fixture);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	store_fixture_close(&fixture);
	return 0;
}

static void check(const char *selector, unsigned expected)
{
	struct err err = { 0 };
	struct id wanted = store_fixture_id(expected);
	struct id found;

	if (selector_find(fixture.view, (struct slice){ 0 }, slice_of(selector),
			  &found, &err)) {
		fail_msg("%s: %s", selector, err.msg);
	}
	assert_true(id_equal(&found, &wanted));
}

static void check_refused(const char *selector, int code, const char *part)
{
	struct err err = { 0 };
	struct id found;

	assert_int_equal(selector_find(fixture.view, (struct slice){ 0 },
				       slice_of(selector), &found, &err),
			 code);
	if (!strstr(err.msg, part)) {
		fail_msg("'%s' does not say '%s'", err.msg, part);
	}
}

static void test_id(void **state)
{
	char text[ID_TEXT_SIZE];
	struct id id = store_fixture_id(3);

	(void)state;
	id_format(&id, text);
	check(text, 3);
	for (char *c = text; *c; c++) {
		*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
	}
	check(text, 3);
	text[25] = text[25] == '0' ? '1' : '0';
	check_refused(text, E_NOT_FOUND, "there is no run");
}

static void test_suffix_and_prefix(void **state)
{
	char text[ID_TEXT_SIZE];
	struct id id = store_fixture_id(2);

	(void)state;
	id_format(&id, text);
	check(text + ID_TEXT_SIZE - 1 - 5, 2);
	text[25] = '\0';
	check(text, 2);
	/* All ids begin alike: they were made in the same month. */
	text[3] = '\0';
	check_refused(text, E_INVALID, "ambiguous");
}

static void test_uid(void **state)
{
	(void)state;
	check("one", 1);
	check("three", 3);
	check_refused("shared", E_INVALID, "ambiguous");
	check_refused("nobody", E_NOT_FOUND, "there is no run 'nobody'");
	check_refused("", E_NOT_FOUND, "there is no run ''");
}

static void test_the_ambiguous_are_listed(void **state)
{
	char four[ID_TEXT_SIZE];
	char five[ID_TEXT_SIZE];
	struct id id = store_fixture_id(4);

	(void)state;
	id_format(&id, four);
	id = store_fixture_id(5);
	id_format(&id, five);
	check_refused("shared", E_INVALID, four);
	check_refused("shared", E_INVALID, five);
}

static void test_words(void **state)
{
	(void)state;
	check("@latest", 5);
	check("@failed", 4);
	check_refused("@lastest", E_INVALID, "did you mean '@latest'?");
	check_refused("@", E_INVALID, "selects nothing");
}

static void test_tenant(void **state)
{
	struct id found;

	(void)state;
	assert_int_equal(selector_find(fixture.view, SLICE("default"),
				       SLICE("one"), &found, NULL),
			 0);
	assert_int_equal(selector_find(fixture.view, SLICE("other"),
				       SLICE("one"), &found, NULL),
			 E_NOT_FOUND);
	assert_int_equal(selector_find(fixture.view, SLICE("other"),
				       SLICE("@latest"), &found, NULL),
			 E_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_id),
		cmocka_unit_test(test_suffix_and_prefix),
		cmocka_unit_test(test_uid),
		cmocka_unit_test(test_the_ambiguous_are_listed),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_tenant),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
