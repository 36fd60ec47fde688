/*
 * Every broken file of tests/data/config gives exactly what stands beside it
 * in the .txt, position, caret and all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <dirent.h>

#include <cmocka.h>

#include "base/limits.h"
#include "config/config.h"

/* So that none can be left out unseen. */
#define FILES 28

static void read_file(const char *name, struct buf *out)
{
	FILE *file = fopen(name, "rb");

	if (!file) {
		fail_msg("%s is missing", name);
	}
	for (;;) {
		size_t got = fread(buf_reserve(out, 4096), 1, 4096, file);

		if (got == 0) {
			break;
		}
		out->len += got;
	}
	assert_int_equal(fclose(file), 0);
	buf_put_byte(out, 0);
}

static void assert_diagnostics(const char *yaml)
{
	char expected_name[300];
	struct buf expected = { 0 };
	struct buf found = { 0 };
	struct config *config = NULL;

	(void)snprintf(expected_name, sizeof(expected_name), "%.*s.txt",
		       (int)slice_of(yaml).len - 5, yaml);
	read_file(expected_name, &expected);
	assert_int_equal(config_load(yaml, &config, &found), E_INVALID);
	assert_null(config);
	buf_put_byte(&found, 0);
	assert_string_equal(found.data, expected.data);
	buf_fini(&expected);
	buf_fini(&found);
}

static void broken_files(void **arg)
{
	size_t count = 0;
	DIR *folder = opendir(".");

	(void)arg;
	assert_non_null(folder);
	for (const struct dirent *entry; (entry = readdir(folder));) {
		struct slice name = slice_of(entry->d_name);

		if (slice_ends_with(name, SLICE(".yaml"))) {
			assert_diagnostics(entry->d_name);
			count++;
		}
	}
	assert_int_equal(closedir(folder), 0);
	assert_int_equal(count, FILES);
}

static int load_text(const char *text, struct buf *diagnostics)
{
	char name[] = "/tmp/tutti_config_XXXXXX";
	int file = mkstemp(name);
	size_t len = slice_of(text).len;
	struct config *config = NULL;

	assert_true(file >= 0);
	assert_int_equal(write(file, text, len), len);
	assert_int_equal(close(file), 0);
	int rc = config_load(name, &config, diagnostics);

	config_destroy(config);
	assert_int_equal(unlink(name), 0);
	buf_put_byte(diagnostics, 0);
	return rc;
}

static size_t count_lines_with(const char *text, const char *what)
{
	size_t count = 0;

	for (size_t i = 0; text[i]; i++) {
		count += slice_starts_with(slice_of(text + i), slice_of(what));
	}
	return count;
}

static void errors_are_bounded(void **arg)
{
	struct buf text = { 0 };
	struct buf found = { 0 };

	(void)arg;
	for (int i = 0; i < LIMIT_CONFIG_ERRORS; i++) {
		buf_printf(&text, "wrong%d: 1\n", i);
	}
	buf_put_byte(&text, 0);
	assert_int_equal(load_text(text.data, &found), E_INVALID);
	assert_int_equal(count_lines_with(found.data, ": error: "),
			 LIMIT_CONFIG_ERRORS);
	assert_int_equal(count_lines_with(found.data, "not shown"), 0);
	buf_fini(&found);
	text.len--;
	buf_put_text(&text, "more: 1\neven_more: 1\n");
	buf_put_byte(&text, 0);
	assert_int_equal(load_text(text.data, &found), E_INVALID);
	assert_int_equal(count_lines_with(found.data, ": error: "),
			 LIMIT_CONFIG_ERRORS);
	assert_int_equal(
	    count_lines_with(found.data, ": note: 2 more errors are not shown"),
	    1);
	buf_fini(&found);
	buf_fini(&text);
}

static void unreadable_files(void **arg)
{
	struct buf found = { 0 };
	struct config *config = NULL;

	(void)arg;
	assert_int_equal(config_load("no/such.yaml", &config, &found), E_IO);
	buf_put_byte(&found, 0);
	assert_string_equal(found.data,
			    "no/such.yaml: error: cannot be read: No such "
			    "file or directory\n");
	buf_clear(&found);
	assert_int_equal(config_load("/", &config, &found), E_IO);
	buf_put_byte(&found, 0);
	assert_string_equal(found.data,
			    "/: error: cannot be read: Is a directory\n");
	buf_fini(&found);
	assert_null(config);
}

static void too_long_files(void **arg)
{
	struct buf text = { 0 };
	struct buf found = { 0 };

	(void)arg;
	buf_put_text(&text, "#");
	while (text.len < LIMIT_CONFIG_FILE) {
		buf_put_byte(&text, 'x');
	}
	buf_put_byte(&text, 0);
	assert_int_equal(load_text(text.data, &found), 0);
	buf_clear(&found);
	text.len--;
	buf_put_text(&text, "x");
	buf_put_byte(&text, 0);
	assert_int_equal(load_text(text.data, &found), E_INVALID);
	assert_int_equal(
	    count_lines_with(found.data, "error: larger than 67108864 bytes"),
	    1);
	buf_fini(&found);
	buf_fini(&text);
}

/* `count` items of a list, each with its number where the hole is. */
static void put_items(struct buf *out, size_t count, const char *before,
		      const char *after)
{
	for (size_t i = 0; i < count; i++) {
		buf_printf(out, "%s%zu%s", before, i, after);
	}
}

static void assert_limit(const char *start, const char *before,
			 const char *after, size_t limit, const char *sentence)
{
	for (size_t more = 0; more < 2; more++) {
		struct buf text = { 0 };
		struct buf found = { 0 };

		buf_put_text(&text, start);
		put_items(&text, limit + more, before, after);
		buf_put_byte(&text, 0);
		assert_int_equal(load_text(text.data, &found),
				 more ? E_INVALID : 0);
		assert_int_equal(count_lines_with(found.data, sentence), more);
		buf_fini(&text);
		buf_fini(&found);
	}
}

static void limits_of_lists(void **arg)
{
	(void)arg;
	assert_limit("activities:\n", "- s", "\n", LIMIT_ACTIVITIES,
		     "error: more than 1000 activities in one workflow");
	assert_limit("activities: [a]\nplugins:\n", "- p", ".so\n",
		     LIMIT_MODULES, "error: more than 1000 modules");
}

static void places_of_others(void **arg)
{
	char name[] = "/tmp/tutti_config_XXXXXX";
	int file = mkstemp(name);
	struct slice text =
	    SLICE("activities:\n  ingest:\n    pre: [pröbe, b]\n");
	struct config_place whole = { 0 };
	struct config *config;
	struct buf out = { 0 };
	struct buf expected = { 0 };

	(void)arg;
	assert_true(file >= 0);
	assert_int_equal(write(file, text.ptr, text.len), text.len);
	assert_int_equal(close(file), 0);
	assert_int_equal(config_load(name, &config, &out), 0);
	assert_int_equal(config->reference_count, 2);
	assert_string_equal(config->references[0].plugin, "pröbe");
	config_diagnose(config, config->references[0].place, &out,
			"unknown plugin '%s'", "pröbe");
	config_diagnose(config, whole, &out, "no %s", "modules");
	buf_put_byte(&out, 0);
	buf_printf(&expected,
		   "%s:3:11: error: unknown plugin 'pröbe'\n"
		   "  3 |     pre: [pröbe, b]\n"
		   "    |           ^~~~~\n"
		   "%s: error: no modules\n",
		   name, name);
	buf_put_byte(&expected, 0);
	assert_string_equal(out.data, expected.data);
	buf_fini(&out);
	buf_fini(&expected);
	config_destroy(config);
	assert_int_equal(unlink(name), 0);
}

static int enter(void **arg)
{
	(void)arg;
	return chdir(TEST_DATA "/config") || unsetenv("TUTTI_TEST_UNSET") ||
	       setenv("TUTTI_TEST_SET", "set", 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(broken_files),
		cmocka_unit_test(errors_are_bounded),
		cmocka_unit_test(unreadable_files),
		cmocka_unit_test(too_long_files),
		cmocka_unit_test(limits_of_lists),
		cmocka_unit_test(places_of_others),
	};

	return cmocka_run_group_tests(tests, enter, NULL);
}
