#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/explain_text.h"
#include "document/json.h"

static struct value from_json(const char *text)
{
	struct value value;
	struct err err;

	if (json_read(slice_of(text), NULL, &value, &err)) {
		fail_msg("%s", err.msg);
	}
	return value;
}

#define IN                                                                  \
	"{\"task\":\"in\",\"plugin\":\"in\",\"bound\":true,\"registered\":" \
	"true,\"mandatory\":true,\"order\":90,\"run_on\":\"success\","      \
	"\"takes_part\":true,\"recorded\":false,\"differs\":true,"          \
	"\"reason\":null}"
#define OUT                                                                   \
	"{\"task\":\"o\\u001bt\",\"plugin\":\"p\",\"bound\":false,"           \
	"\"registered\":false,\"mandatory\":false,\"order\":90,\"run_on\":"   \
	"\"always\",\"takes_part\":false,\"recorded\":true,\"differs\":true," \
	"\"reason\":{\"sentence\":\"it is so\",\"clause\":{\"a\":[1]},"       \
	"\"seen\":[2,\"x\"],\"seen_count\":5}}"
#define ANSWER                                                              \
	"{\"workflow\":\"w\",\"run\":null,\"uid\":null,\"attributes\":"     \
	"{\"a\":2},\"activities\":[{\"name\":\"A\",\"omitted\":{\"pre\":0," \
	"\"parallel\":3},\"pre\":[" IN "],\"parallel\":[" IN "," OUT        \
	"],\"post\":[]},{\"name\":\"B\",\"omitted\":{},\"pre\":[],"         \
	"\"parallel\":[],\"post\":[]}]}"

static void check(struct style style, const char *expected)
{
	struct value answer = from_json(ANSWER);
	struct buf out = { 0 };

	explain_put_tree(&out, &answer, style);
	buf_put_byte(&out, '\0');
	assert_string_equal(out.data, expected);
	buf_fini(&out);
	value_clear(&answer);
}

#define MISSING                                                        \
	"but the run does not have it: it did not take part when the " \
	"phase opened\n"

static void test_tree(void **state)
{
	(void)state;
	check((struct style){ 0 },
	      "workflow w, attributes {\"a\":2}\n"
	      "|- A\n"
	      "|  |- pre\n"
	      "|  |  `- + in\n"
	      "|  |       " MISSING "|  `- parallel\n"
	      "|     |- + in\n"
	      "|     |    " MISSING
	      "|     |- x o\\x1bt  plugin p, subscribes itself, optional, "
	      "run_on always, not registered\n"
	      "|     |    it is so\n"
	      "|     |    saw 2, \"x\" and 3 more\n"
	      "|     |    but the run has it: it took part when the phase "
	      "opened\n"
	      "|     `- and 3 more that do not take part\n"
	      "`- B  no plugin is bound or subscribes\n");
	struct value answer = from_json(ANSWER);
	struct buf out = { 0 };

	explain_put_tree(&out, &answer, (struct style){ .utf8 = true });
	buf_put_byte(&out, '\0');
	assert_non_null(strstr(out.data, "│  └─ parallel\n│     ├─ ✔ in\n"));
	assert_non_null(strstr(out.data, "├─ ✖ o\\x1bt"));
	buf_fini(&out);
	value_clear(&answer);
}

#define WAITS                                                             \
	"{\"task\":\"t\",\"plugin\":\"t\",\"bound\":true,\"registered\":" \
	"true,\"mandatory\":true,\"order\":90,\"run_on\":\"success\","    \
	"\"takes_part\":true,\"recorded\":null,\"differs\":false,"        \
	"\"reason\":null}"
#define LEFT_OUT                                                          \
	"{\"task\":\"l\",\"plugin\":\"l\",\"bound\":true,\"registered\":" \
	"true,\"mandatory\":true,\"order\":90,\"run_on\":\"failure\","    \
	"\"takes_part\":true,\"recorded\":false,\"differs\":false,"       \
	"\"reason\":null}"

static void check_run(const char *state, const char *unopened)
{
	struct buf json = { 0 };
	struct buf out = { 0 };
	struct buf expected = { 0 };

	buf_printf(&json,
		   "{\"workflow\":\"w\",\"run\":\"01x\",\"uid\":\"u\","
		   "\"state\":\"%s\",\"attributes\":{},\"activities\":["
		   "{\"name\":\"A\",\"state\":\"running\",\"phase_states\":"
		   "{\"pre\":\"succeeded\",\"parallel\":\"pending\"},"
		   "\"opened\":[\"pre\"],\"omitted\":{},\"pre\":[" LEFT_OUT
		   "],\"parallel\":[" WAITS "],\"post\":[]},"
		   "{\"name\":\"B\",\"state\":\"pending\",\"opened\":[],"
		   "\"pre\":[],\"parallel\":[],\"post\":[]}]}",
		   state);
	buf_put_byte(&json, '\0');
	struct value answer = from_json(json.data);

	buf_printf(&expected,
		   "run 01x, uid u, %s, workflow w, attributes {}\n"
		   "|- A  running\n"
		   "|  |- pre  succeeded\n"
		   "|  |  `- . l  run_on failure, not called\n"
		   "|  `- parallel  %s\n"
		   "|     `- . t\n"
		   "`- B  pending  no plugin is bound or subscribes\n",
		   state, unopened);
	buf_put_byte(&expected, '\0');
	explain_put_tree(&out, &answer, (struct style){ 0 });
	buf_put_byte(&out, '\0');
	assert_string_equal(out.data, expected.data);
	value_clear(&answer);
	buf_fini(&json);
	buf_fini(&out);
	buf_fini(&expected);
}

static void test_states_of_a_run(void **state)
{
	(void)state;
	check_run("running", "not opened");
	check_run("failed", "will not open");
	check_run("succeeded", "will not open");
}

static void test_long_values_are_cut(void **state)
{
	(void)state;
	struct value reason = value_map();
	struct value list = value_array();
	struct buf out = { 0 };

	for (int i = 0; i < 200; i++) {
		value_push(&list, value_text("\xc3\xa4"));
	}
	value_set(&reason, "sentence", value_text("no"));
	struct value seen = value_array();

	value_push(&seen, list);
	value_set(&reason, "seen", seen);
	value_set(&reason, "seen_count", value_int(2));
	explain_put_reason(&out, &reason, SLICE("  "));
	assert_true(out.len < 300);
	buf_put_byte(&out, '\0');
	assert_non_null(strstr(out.data, "... and 1 more\n"));
	buf_fini(&out);
	value_clear(&reason);
}

static void test_rows(void **state)
{
	(void)state;
	struct value answer = from_json(ANSWER);
	struct value rows = explain_rows(&answer);

	assert_int_equal(value_len(&rows), 3);
	const struct value *last = value_at(&rows, 2);

	assert_true(slice_is(value_get_text(last, "workflow"), "w"));
	assert_true(slice_is(value_get_text(last, "activity"), "A"));
	assert_true(slice_is(value_get_text(last, "phase"), "parallel"));
	assert_true(slice_is(value_get_text(last, "plugin"), "p"));
	assert_int_equal(value_get(last, "reason")->type, VALUE_MAP);
	value_clear(&rows);
	value_clear(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_states_of_a_run),
		cmocka_unit_test(test_long_values_are_cut),
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
