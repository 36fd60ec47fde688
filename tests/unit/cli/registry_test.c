/* What store and daemon say of plugins, put together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "cli/registry.h"
#include "document/json.h"

static void join(struct registry *registry, const char *answer)
{
	struct plugin_record records[] = {
		{
		    .name = SLICE("ocr"),
		    .version = SLICE("1.0"),
		    .module = SLICE("ocr-worker --lang en"),
		    .form = SLICE("process"),
		    .state = SLICE("ready"),
		    .max_tasks = 4,
		    .params = SLICE("[{\"name\":\"lang\"}]"),
		    .subscriptions = SLICE("[]"),
		    .queue = SLICE("{\"attempts\":3}"),
		},
		{
		    .name = SLICE("scan"),
		    .form = SLICE("in-process"),
		    .state = SLICE("quarantined"),
		    .crashes = 2,
		    .quarantined = true,
		},
	};
	struct plugin_list list = { .plugins = records, .len = 2 };
	struct value value = value_null();

	if (answer) {
		assert_int_equal(
		    json_read(slice_of(answer), NULL, &value, NULL), 0);
	}
	registry_join(registry, &list, &value);
	value_clear(&value);
}

static void assert_row(const struct registry *registry, const char *name,
		       const char *key, const char *json)
{
	const struct value *row = registry_row(registry, slice_of(name));
	struct buf text = { 0 };

	assert_non_null(row);
	assert_non_null(value_get(row, key));
	json_write(&text, value_get(row, key), JSON_COMPACT);
	buf_put_byte(&text, '\0');
	assert_string_equal(text.data, json);
	buf_fini(&text);
}

static void without_a_daemon(void **arg)
{
	struct registry registry;

	(void)arg;
	join(&registry, NULL);
	assert_false(registry.live);
	assert_int_equal(value_len(&registry.plugins), 2);
	assert_row(&registry, "ocr", "state", "\"ready\"");
	assert_row(&registry, "ocr", "in_flight", "null");
	assert_row(&registry, "ocr", "instances", "null");
	assert_row(&registry, "ocr", "wanted", "null");
	assert_row(&registry, "ocr", "params", "[{\"name\":\"lang\"}]");
	assert_row(&registry, "ocr", "queue",
		   "{\"attempts\":3,\"name\":\"ocr\"}");
	assert_row(&registry, "scan", "queue", "null");
	assert_row(&registry, "scan", "quarantined", "true");
	assert_row(&registry, "scan", "crashes", "2");
	assert_row(&registry, "scan", "subscriptions", "[]");
	assert_non_null(registry_plugin(&registry, SLICE("scan")));
	assert_null(registry_plugin(&registry, SLICE("sca")));
	registry_fini(&registry);
}

static void with_a_daemon(void **arg)
{
	struct registry registry;

	(void)arg;
	join(&registry,
	     "{\"plugins\":[{\"name\":\"ocr\",\"state\":\"ready\","
	     "\"entry\":\"reader\",\"in_flight\":3,\"misbehaved\":1,"
	     "\"queue\":{\"name\":\"pages\"},"
	     "\"instances\":[{\"name\":\"reader#1\",\"state\":\"ready\","
	     "\"max_tasks\":4},{\"name\":\"reader#2\",\"state\":\"draining\","
	     "\"max_tasks\":4}]},"
	     "{\"name\":\"guest\",\"state\":\"ready\",\"ephemeral\":true,"
	     "\"entry\":null,\"instances\":[]}],"
	     "\"processes\":[{\"entry\":\"reader\",\"wanted\":2,\"actual\":2,"
	     "\"ready\":1,\"deaths\":7,\"last_exit\":\"exited with status "
	     "3\"}]}");
	assert_true(registry.live);
	assert_int_equal(value_len(&registry.plugins), 3);
	assert_row(&registry, "ocr", "queue", "{\"name\":\"pages\"}");
	assert_row(&registry, "guest", "queue", "null");
	assert_row(&registry, "ocr", "in_flight", "3");
	assert_row(&registry, "ocr", "capacity", "8");
	assert_row(&registry, "ocr", "ready", "1");
	assert_row(&registry, "ocr", "wanted", "2");
	assert_row(&registry, "ocr", "restarts", "7");
	assert_row(&registry, "ocr", "last_exit", "\"exited with status 3\"");
	assert_row(&registry, "ocr", "version", "\"1.0\"");
	assert_row(&registry, "guest", "ephemeral", "true");
	assert_row(&registry, "guest", "ready", "0");
	assert_row(&registry, "guest", "wanted", "null");
	registry_fini(&registry);
}

/* A program that has not registered is listed by its entry, unless a plugin
 * of that name is known from before. */
static void silent_entries(void **arg)
{
	struct registry registry;

	(void)arg;
	join(&registry,
	     "{\"plugins\":[],\"processes\":["
	     "{\"entry\":\"ocr\",\"wanted\":2,\"actual\":1,\"ready\":0},"
	     "{\"entry\":\"new\",\"command\":\"./new -v\",\"form\":\"process\","
	     "\"wanted\":1,\"actual\":0,\"ready\":0,\"given_up\":true,"
	     "\"deaths\":5,\"last_exit\":\"killed by signal 11 (SIGSEGV)\"}]}");
	assert_int_equal(value_len(&registry.plugins), 3);
	assert_row(&registry, "ocr", "wanted", "2");
	assert_row(&registry, "ocr", "entry", "\"ocr\"");
	assert_row(&registry, "new", "state", "\"gave up\"");
	assert_row(&registry, "new", "instances", "[]");
	assert_row(&registry, "scan", "instances", "[]");
	assert_row(&registry, "new", "module", "\"./new -v\"");
	assert_row(&registry, "new", "message",
		   "\"killed by signal 11 (SIGSEGV)\"");
	assert_row(&registry, "new", "registered", "false");
	assert_null(registry_plugin(&registry, SLICE("new")));
	assert_non_null(registry_row(&registry, SLICE("new")));
	registry_fini(&registry);
}

/* What is no answer of this form is as good as none. */
static void strange_answers(void **arg)
{
	static const char *const answers[] = {
		"{}",
		"{\"plugins\":7,\"processes\":\"x\"}",
		"{\"plugins\":[7,{}],\"processes\":[null,{}]}",
		"{\"plugins\":[{\"name\":\"ocr\",\"instances\":7}]}",
		"{\"plugins\":[{\"name\":\"ocr\",\"queue\":7}]}",
		"{\"plugins\":[{\"name\":\"ocr\",\"instances\":[7]}]}",
	};

	(void)arg;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct registry registry;

		join(&registry, answers[i]);
		assert_non_null(registry_plugin(&registry, SLICE("ocr")));
		registry_fini(&registry);
	}
}

static void assert_process(const char *json, const char *state,
			   const char *sentence)
{
	struct value process;
	struct buf text = { 0 };

	assert_int_equal(json_read(slice_of(json), NULL, &process, NULL), 0);
	assert_string_equal(registry_process_state(&process), state);
	registry_put_process(&text, &process);
	buf_put_byte(&text, '\0');
	assert_string_equal(text.data, sentence);
	buf_fini(&text);
	value_clear(&process);
}

static void sentences(void **arg)
{
	(void)arg;
	assert_process("{\"entry\":\"e\",\"wanted\":2,\"actual\":2,"
		       "\"ready\":2}",
		       "ready", "");
	assert_process("{\"entry\":\"e\",\"wanted\":2,\"actual\":2,"
		       "\"ready\":1}",
		       "starting", "is starting, 1 of 2 ready");
	assert_process("{\"entry\":\"e\",\"wanted\":0}", "not wanted",
		       "is wanted by nobody; 'tutti plugins scale e 1' starts "
		       "one");
	assert_process("{\"entry\":\"e\",\"wanted\":1,\"actual\":0,"
		       "\"next_start_in_ms\":4000,"
		       "\"last_exit\":\"exited with status 3\"}",
		       "down",
		       "is starting, 0 of 1 ready; the last one that ended: "
		       "exited with status 3; the next start is in 4.0s");
	assert_process("{\"entry\":\"e\",\"wanted\":1,\"given_up\":true,"
		       "\"deaths\":5,\"last_exit\":\"killed by signal 11 "
		       "(SIGSEGV)\"}",
		       "gave up",
		       "was given up after 5 deaths, the last: killed by "
		       "signal 11 (SIGSEGV); 'tutti plugins release e' starts "
		       "it again");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_daemon),
		cmocka_unit_test(with_a_daemon),
		cmocka_unit_test(silent_entries),
		cmocka_unit_test(strange_answers),
		cmocka_unit_test(sentences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
