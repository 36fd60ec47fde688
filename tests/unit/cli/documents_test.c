#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "cli/documents.h"
#include "document/json.h"

static const struct option_spec specs[] = {
	DOCUMENT_OPTIONS,
	{ 0 },
};

static char path[] = "/tmp/tutti-documents-XXXXXX";

static int set_up(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
	(void)state;
	return unlink(path);
}

static void write_file(const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	(void)fputs(text, file);
	(void)fclose(file);
}

/* Options come in pairs: name, value, ..., NULL. */
static int read_pairs(struct documents *documents, struct err *reterr,
		      char *const *words)
{
	struct options options = { .tables = { specs } };
	int count = 0;

	while (words[count]) {
		count++;
	}
	assert_int_equal(
	    options_parse(&options, count, words, OPTIONS_TO_END, NULL), count);
	int rc = documents_read(&options, documents, reterr);

	options_fini(&options);
	return rc;
}

static void check_json(const struct value *value, const char *expected)
{
	struct buf text = { 0 };

	json_write(&text, value, JSON_COMPACT);
	buf_put_byte(&text, '\0');
	assert_string_equal(text.data, expected);
	buf_fini(&text);
}

static char attr[] = "--attr";
static char attrs[] = "--attrs";
static char input[] = "--input";
static char uid[] = "--uid";

/* JSON where it parses, text where it does not; keys as they are. */
static void test_attributes(void **state)
{
	static char pairs[][24] = {
		"a=1", "b=text",   "c=\"1\"", "d=[1,2]", "e={\"x\":1}",
		"f=",  "g.h=true", "i=a=b",   "j=01",    "a=2"
	};
	char *words[2 * sizeof(pairs) / sizeof(pairs[0]) + 1] = { 0 };
	struct documents documents;

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		words[2 * i] = attr;
		words[2 * i + 1] = pairs[i];
	}
	assert_int_equal(read_pairs(&documents, NULL, words), 0);
	check_json(&documents.attributes,
		   "{\"a\":2,\"b\":\"text\",\"c\":\"1\",\"d\":[1,2],"
		   "\"e\":{\"x\":1},\"f\":\"\",\"g.h\":true,\"i\":\"a=b\","
		   "\"j\":\"01\"}");
	check_json(&documents.input, "null");
	assert_false(documents.has_uid);
	documents_fini(&documents);
}

static void test_file_below_options(void **state)
{
	char one[] = "lang=c";
	char empty[] = "";
	char *words[] = { attr, one, attrs, path, uid, empty, NULL };
	struct documents documents;

	(void)state;
	write_file("{\"lang\": \"py\", \"size\": 3}");
	assert_int_equal(read_pairs(&documents, NULL, words), 0);
	check_json(&documents.attributes, "{\"lang\":\"c\",\"size\":3}");
	assert_true(documents.has_uid);
	assert_int_equal(documents.uid.len, 0);
	documents_fini(&documents);
}

static void check_input(char *given, const char *expected)
{
	char *words[] = { input, given, NULL };
	struct documents documents;
	struct err err = { 0 };

	if (read_pairs(&documents, &err, words)) {
		fail_msg("%s", err.msg);
	}
	check_json(&documents.input, expected);
	documents_fini(&documents);
}

static void test_input(void **state)
{
	char object[] = "{\"a\": [1]}";
	char number[] = "12";

	(void)state;
	check_input(object, "{\"a\":[1]}");
	check_input(number, "12");
	write_file("[1, 2]\n");
	check_input(path, "[1,2]");
}

static void check_refused(char *option, char *value, int code, const char *part)
{
	char *words[] = { option, value, NULL };
	struct documents documents;
	struct err err = { 0 };

	assert_int_equal(read_pairs(&documents, &err, words), code);
	if (!strstr(err.msg, part)) {
		fail_msg("'%s' does not say '%s'", err.msg, part);
	}
}

static void test_mistakes(void **state)
{
	char no_equals[] = "key";
	char no_key[] = "=value";
	char broken_key[] = "k\xff=1";
	char broken_uid[] = "\xc3";
	char broken_json[] = "{\"a\":";
	char missing[] = "/nonexistent/input.json";

	(void)state;
	check_refused(attr, no_equals, E_INVALID, "it is written K=V");
	check_refused(attr, no_key, E_INVALID, "it is written K=V");
	check_refused(attr, broken_key, E_INVALID, "UTF-8");
	check_refused(uid, broken_uid, E_INVALID, "UTF-8");
	check_refused(input, broken_json, E_INVALID, "--input: ");
	check_refused(input, missing, E_INVALID, "cannot read");
	check_refused(attrs, missing, E_INVALID, "cannot read");
	write_file("[1]");
	check_refused(attrs, path, E_INVALID, "attributes are a map");
	write_file("{\"a\": }");
	check_refused(attrs, path, E_INVALID, path);
}

/* At the limit a file is read whole, one byte beyond it is refused. */
static void test_size_limit(void **state)
{
	FILE *file = fopen(path, "we");

	(void)state;
	assert_non_null(file);
	(void)fputs("{}", file);
	for (size_t i = 2; i < LIMIT_DOCUMENT; i++) {
		(void)putc(' ', file);
	}
	(void)fflush(file);
	check_input(path, "{}");
	(void)putc(' ', file);
	(void)fclose(file);
	check_refused(input, path, E_TOO_BIG, "has more than");
}

/* They are about a run that exists, which only a uid names. */
static void test_resuming_needs_a_uid(void **state)
{
	struct options options = { .tables = { specs } };
	static char resume[] = "--resume";
	static char override[] = "--override";
	static char named[] = "--uid=u";
	char *const words[] = { resume, override, named };
	struct documents documents;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
	    options_parse(&options, 1, words, OPTIONS_TO_END, NULL), 1);
	assert_int_equal(documents_read(&options, &documents, &err), E_INVALID);
	assert_string_equal(err.msg, "--resume needs --uid");
	options_fini(&options);
	options = (struct options){ .tables = { specs } };
	assert_int_equal(
	    options_parse(&options, 1, words + 1, OPTIONS_TO_END, NULL), 1);
	assert_int_equal(documents_read(&options, &documents, &err), E_INVALID);
	assert_string_equal(err.msg, "--override needs --uid");
	assert_int_equal(
	    options_parse(&options, 2, words + 1, OPTIONS_TO_END, NULL), 2);
	assert_int_equal(documents_read(&options, &documents, &err), 0);
	assert_false(documents.resume);
	assert_true(documents.override);
	documents_fini(&documents);
	options_fini(&options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_file_below_options),
		cmocka_unit_test(test_input),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_size_limit),
		cmocka_unit_test(test_resuming_needs_a_uid),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
