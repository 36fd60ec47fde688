#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check/scaffold.h"

static void expect_identifier(const char *name, const char *wanted)
{
	char *id = scaffold_identifier(name);

	assert_string_equal(id, wanted);
	free(id);
}

static void test_identifiers(void **state)
{
	(void)state;
	expect_identifier("greet", "greet");
	expect_identifier("my-plugin.2", "my_plugin_2");
	expect_identifier("gr\xc3\xbc\xc3\x9f", "gr__");
	expect_identifier("\xe4\xb8\x96\xe7\x95\x8c", "plugin");
	expect_identifier("2nd", "plugin_2nd");
	expect_identifier("test", "test_module");
	expect_identifier("json", "json_module");
}

static void test_names(void **state)
{
	static const char *const bad[] = {
		"", "-a", ".a", "a b", "a/b", "a\"b", "a\nb", "a@b", "\xff",
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(scaffold_check_name(bad[i], &err), E_INVALID);
	}
	assert_int_equal(scaffold_check_name("gr\xc3\xbc\xc3\x9f-1.x", &err),
			 0);
}

static void expect_project(const char *language, const char *file)
{
	char base[] = "/tmp/tutti-scaffold.XXXXXX";
	struct buf text = { 0 };
	struct err err = { 0 };
	char found[8192] = "";

	assert_non_null(mkdtemp(base));
	buf_printf(&text, "%s/my-one", base);
	char *folder = buf_take(&text);

	assert_int_equal(scaffold_write("my-one", language, folder, &err), 0);
	assert_int_equal(scaffold_write("my-one", language, folder, &err),
			 E_CONFLICT);
	buf_printf(&text, "%s/%s", folder, file);
	char *path = buf_take(&text);
	FILE *source = fopen(path, "re");

	assert_non_null(source);
	assert_true(fread(found, 1, sizeof(found) - 1, source) > 0);
	(void)fclose(source);
	assert_non_null(strstr(found, "\"my-one\""));
	assert_null(strstr(found, "@NAME@"));
	buf_printf(&text, "rm -r '%s'", base);
	char *command = buf_take(&text);

	assert_int_equal(system(command), 0);
	free(command);
	free(path);
	free(folder);
}

static void test_projects(void **state)
{
	struct err err;

	(void)state;
	expect_project("c", "my_one.c");
	expect_project("cpp", "my_one.cpp");
	expect_project("python", "my_one.py");
	assert_int_equal(scaffold_write("x", "cobol", "/tmp/never", &err),
			 E_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identifiers),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_projects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
