/* The queue of a plugin in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/queue_text.h"
#include "document/json.h"

static void assert_text(const char *json, const char *expected)
{
	struct value queue = value_null();
	struct buf text = { 0 };

	assert_int_equal(json_read(slice_of(json), NULL, &queue, NULL), 0);
	queue_text_put(&text, &queue);
	buf_put_byte(&text, '\0');
	assert_string_equal(text.data, expected);
	buf_fini(&text);
	value_clear(&queue);
}

static void what_is_not_as_by_default(void **arg)
{
	(void)arg;
	assert_text("{\"name\":\"q\"}", "q, 5 attempts");
	assert_text("{\"name\":\"q\",\"attempts\":1}", "q, 1 attempt");
	assert_text("{\"name\":\"q\",\"backoff_ms\":100}",
		    "q, 5 attempts with waits from 100ms to 1m");
	assert_text("{\"name\":\"q\",\"max_ms\":7200000}",
		    "q, 5 attempts with waits from 1s to 2h");
	assert_text("{\"name\":\"q\",\"visibility_ms\":30000,"
		    "\"delay_ms\":1500}",
		    "q, 5 attempts, visibility 30s, delay 1500ms");
	assert_text("{\"name\":\"q\",\"concurrency\":4,\"rate\":10,"
		    "\"rate_per_ms\":30000}",
		    "q, 5 attempts, 4 at a time, 10/30s");
	assert_text("{\"name\":\"q\",\"fifo_key\":\"run.uid\","
		    "\"priority\":\"attributes.urgency\"}",
		    "q, 5 attempts, in order by run.uid, priority by "
		    "attributes.urgency");
	assert_text("{\"name\":\"q\",\"priority\":-3}",
		    "q, 5 attempts, priority -3");
}

/* Of a daemon that knows more, as it says it. */
static void what_is_not_understood(void **arg)
{
	(void)arg;
	assert_text("{\"name\":\"q\",\"colour\":\"red\"}",
		    "{\"name\":\"q\",\"colour\":\"red\"}");
	assert_text("{\"name\":\"q\",\"rate\":-1}",
		    "{\"name\":\"q\",\"rate\":-1}");
	assert_text("{\"attempts\":2}", "-, 2 attempts");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_as_by_default),
		cmocka_unit_test(what_is_not_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
