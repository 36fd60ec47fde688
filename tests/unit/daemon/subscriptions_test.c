/* Subscriptions to activities that are nowhere: what the log says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/log.h"
#include "daemon/subscriptions.h"
#include "document/json.h"

static struct buf said;
static size_t lines;

static void sink(void *arg, enum log_level level, struct slice line)
{
	(void)arg;
	buf_printf(&said, "%s %.*s\n", log_level_name(level), SLICE_ARG(line));
	lines++;
}

static struct value json(const char *text)
{
	struct value value;
	struct err err = { 0 };

	if (json_read(slice_of(text), NULL, &value, &err) < 0) {
		fail_msg("%s", err.msg);
	}
	return value;
}

/* Of a config with one workflow. */
static void tell(const char *workflow, const char *subscriptions)
{
	struct value document = json(workflow);
	struct value list = json(subscriptions);
	struct definition *definition;
	struct err err = { 0 };

	if (definition_from_value(&document, &definition, &err) < 0) {
		fail_msg("%s", err.msg);
	}
	struct config config = {
		.workflows = &definition,
		.workflow_count = 1,
	};

	buf_fini(&said);
	lines = 0;
	subscriptions_log_unknown(SLICE("p"), &list, &config);
	definition_unref(definition);
	value_clear(&document);
	value_clear(&list);
}

static bool was_said(const char *text)
{
	buf_put_byte(&said, 0);
	return strstr(said.data, text) != NULL;
}

#define SORT "{\"workflow\": \"w\", \"activities\": [{\"name\": \"sort\"}]}"

static void what_a_workflow_has_is_passed_over(void **state)
{
	(void)state;
	tell(SORT, "[{\"activity\": \"sort\"}]");
	assert_int_equal(lines, 0);
	tell(SORT, "[]");
	assert_int_equal(lines, 0);
}

static void what_looks_mistyped_is_a_warning(void **state)
{
	(void)state;
	tell(SORT, "[{\"activity\": \"srot\"}]");
	assert_int_equal(lines, 1);
	assert_true(was_said("warn "));
	assert_true(was_said("plugin=\"p\" activity=\"srot\""));
	assert_true(was_said("; did you mean 'sort'?"));
	tell(SORT, "[{\"activity\": \"another\"}]");
	assert_int_equal(lines, 1);
	assert_true(was_said("info "));
	assert_false(was_said("did you mean"));
	/* Who knows the right name has not mistyped it. */
	tell(SORT, "[{\"activity\": \"srot\"}, {\"activity\": \"sort\"}]");
	assert_int_equal(lines, 1);
	assert_true(was_said("info "));
}

static void an_activity_is_named_once(void **state)
{
	(void)state;
	tell(SORT, "[{\"activity\": \"x\", \"phase\": \"pre\"}, "
		   "{\"activity\": \"x\", \"phase\": \"post\"}, "
		   "{\"activity\": \"\\\"y\"}]");
	assert_int_equal(lines, 2);
	assert_true(was_said("activity=\"\\\"y\""));
}

static void tell_many(size_t count)
{
	struct buf list = { 0 };

	for (size_t i = 0; i < count; i++) {
		buf_printf(&list, "%s{\"activity\": \"n%zu\"}", i ? "," : "[",
			   i);
	}
	buf_put_text(&list, "]");
	buf_put_byte(&list, 0);
	tell(SORT, list.data);
	buf_fini(&list);
}

static void there_are_not_too_many_lines(void **state)
{
	(void)state;
	tell_many(LIMIT_UNKNOWN_LOGGED);
	assert_int_equal(lines, LIMIT_UNKNOWN_LOGGED);
	tell_many(LIMIT_UNKNOWN_LOGGED + 1);
	assert_int_equal(lines, LIMIT_UNKNOWN_LOGGED);
}

static int setup(void **state)
{
	(void)state;
	log_set_sink(sink, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	log_set_sink(NULL, NULL);
	buf_fini(&said);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_workflow_has_is_passed_over),
		cmocka_unit_test(what_looks_mistyped_is_a_warning),
		cmocka_unit_test(an_activity_is_named_once),
		cmocka_unit_test(there_are_not_too_many_lines),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
