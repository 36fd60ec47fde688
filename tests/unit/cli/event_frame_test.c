/* Frames of the events address as rows and lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "cli/event_frame.h"
#include "document/json.h"
#include "document/pack.h"

static void put_frame(struct buf *frame, const char *json)
{
	struct value body;

	assert_int_equal(json_read(slice_of(json), NULL, &body, NULL), 0);
	buf_put_text(frame, "event/Demo/R1/");
	buf_put_byte(frame, 0);
	pack_write(frame, &body);
	value_clear(&body);
}

static struct value rows_of(const char *json)
{
	struct value rows = value_array();
	struct buf frame = { 0 };
	struct err err = { 0 };

	put_frame(&frame, json);
	if (event_frame_read(buf_slice(&frame), &rows, &err)) {
		fail_msg("%s", err.msg);
	}
	buf_fini(&frame);
	return rows;
}

static void assert_line(const struct value *row, const char *expected)
{
	struct buf line = { 0 };

	event_row_put(&line, row);
	buf_put_byte(&line, '\0');
	assert_string_equal(line.data, expected);
	buf_fini(&line);
}

static void tasks_and_runs(void **arg)
{
	struct value rows = rows_of(
	    "{\"kind\":\"events\",\"run\":\"R1\",\"workflow\":\"Demo\","
	    "\"uid\":\"u\",\"events\":["
	    "{\"sequence\":7,\"time_us\":1772360430123456,\"object\":\"task\","
	    "\"activity\":\"A\",\"phase\":\"pre\",\"task\":3,\"name\":\"t\","
	    "\"attempt\":2,\"from\":\"running\",\"to\":\"failed\","
	    "\"reason\":\"plugin_failed\",\"message\":\"no\\u001b file\"},"
	    "{\"sequence\":8,\"time_us\":1772360430123456,\"object\":\"run\","
	    "\"from\":\"running\",\"to\":\"failed\",\"reason\":\"\","
	    "\"message\":\"\"},"
	    "{\"object\":\"phase\",\"activity\":\"A\",\"phase\":\"pre\","
	    "\"from\":\"pending\",\"to\":\"succeeded\"}]}");
	const struct value *task = value_at(&rows, 0);

	(void)arg;
	assert_int_equal(value_len(&rows), 3);
	assert_int_equal(value_get_int(task, "sequence", 0), 7);
	assert_true(slice_is(value_get_text(task, "object"), "A/pre/t"));
	assert_true(slice_is(value_get_text(task, "task"), "t"));
	assert_int_equal(value_get_int(task, "attempt", 0), 2);
	assert_line(task, "2026-03-01T10:20:30.123456Z R1 Demo u A/pre/t "
			  "failed (plugin_failed): no\\x1b file\n");
	assert_line(value_at(&rows, 1),
		    "2026-03-01T10:20:30.123456Z R1 Demo u run failed\n");
	assert_int_equal(value_get(value_at(&rows, 1), "reason")->type,
			 VALUE_NULL);
	assert_false(event_row_ends_run(task));
	assert_true(event_row_ends_run(value_at(&rows, 1)));
	assert_false(event_row_ends_run(value_at(&rows, 2)));
	value_clear(&rows);
}

static void other_frames(void **arg)
{
	struct value rows = rows_of("{\"kind\":\"later\",\"events\":[{}]}");

	(void)arg;
	assert_int_equal(value_len(&rows), 0);
	value_clear(&rows);
	rows = rows_of("{\"kind\":\"events\",\"events\":7}");
	assert_int_equal(value_len(&rows), 0);
	value_clear(&rows);
	rows = rows_of("{\"kind\":\"events\",\"events\":[7,null,{}]}");
	for (size_t i = 0; i < value_len(&rows); i++) {
		assert_false(event_row_ends_run(value_at(&rows, i)));
	}
	value_clear(&rows);
}

static void broken_frames(void **arg)
{
	struct value rows = value_array();
	struct buf frame = { 0 };
	struct err err = { 0 };

	(void)arg;
	put_frame(&frame, "{\"kind\":\"events\",\"events\":[{}]}");
	for (size_t len = 0; len < frame.len; len++) {
		struct slice cut = { frame.data, len };

		assert_int_equal(event_frame_read(cut, &rows, &err), E_INVALID);
		assert_int_equal(value_len(&rows), 0);
	}
	buf_fini(&frame);
	value_clear(&rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tasks_and_runs),
		cmocka_unit_test(other_frames),
		cmocka_unit_test(broken_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
