/* The plugins echo and wait, and all of them as they are linked in. */
#include "fixture.h"
#include "plugins/shipped.h"

static void all_are_linked_in(void **state)
{
	struct fixture *fixture = fixture_create();
	struct err err;

	(void)state;
	for (size_t i = 0; shipped_plugins[i].name; i++) {
		struct host_source source = {
			.entry = shipped_plugins[i].entry,
			.label = shipped_plugins[i].name,
		};

		assert_int_equal(host_load(fixture->host, &source, &err), 0);
		struct host_plugin_info info =
		    host_plugin_info(fixture->host, i);

		assert_string_equal(info.name, shipped_plugins[i].name);
		/* What waits for nothing bounds nothing. */
		assert_int_equal(info.max_tasks,
				 strcmp(info.name, "echo") ? 64 : 4096);
		assert_int_not_equal(strlen(info.help), 0);
	}
	assert_int_equal(host_plugin_count(fixture->host), 3);
	fixture_start(fixture);
	fixture_assert_json(
	    fixture_do(fixture, "echo", 1, "{\"a\": 1}")->output, "{\"a\": 1}");
	assert_string_equal(
	    fixture_do(fixture, "exec", 2, "{\"argv\": [\"true\"]}")->message,
	    "exit code 0");
	assert_int_equal(
	    fixture_do(fixture, "wait", 3, "{\"duration\": \"1d\"}")->outcome,
	    TUTTI_PARKED);
	fixture_destroy(fixture);
}

static void echo_gives_back_with(void **state)
{
	struct fixture *fixture = fixture_create();
	struct host_completion *completion;

	(void)state;
	fixture_load(fixture, SHIPPED "/echo.so", NULL);
	fixture_start(fixture);
	completion = fixture_do(fixture, "echo", 1,
				"{\"message\": \"hello\", \"n\": [1, 2]}");
	assert_int_equal(completion->outcome, TUTTI_SUCCEEDED);
	assert_string_equal(completion->message, "hello");
	fixture_assert_json(completion->output,
			    "{\"message\": \"hello\", \"n\": [1, 2]}");
	assert_true(fixture_has_log(fixture, "echo: hello"));
	fixture_destroy(fixture);
}

static void echo_gives_back_the_attributes(void **state)
{
	struct fixture *fixture = fixture_create();
	struct host_task task = fixture_task("echo", 1, 1);
	struct err err;

	(void)state;
	fixture_load(fixture, SHIPPED "/echo.so", NULL);
	fixture_start(fixture);
	task.attributes = fixture_blob("{\"lang\": \"c\"}");
	task.with = fixture_blob("{}");
	assert_int_equal(fixture_hand_over(fixture, &task, &err), 0);
	fixture_wait(fixture, 1);
	fixture_assert_json(fixture->completions[0].output,
			    "{\"lang\": \"c\"}");
	assert_null(fixture->completions[0].message);
	assert_null(
	    fixture_do(fixture, "echo", 2, "{\"message\": 5}")->message);
	fixture_destroy(fixture);
}

static struct host_completion *wait_for(struct fixture *fixture, uint32_t wakes,
					const char *with)
{
	static uint32_t number;
	struct host_task task = fixture_task("wait", number++, 1);
	size_t before = fixture_count(fixture);
	struct err err;

	task.wakes = wakes;
	task.with = fixture_blob(with);
	assert_int_equal(fixture_hand_over(fixture, &task, &err), 0);
	fixture_wait(fixture, before + 1);
	return &fixture->completions[before];
}

static struct fixture *wait_fixture(void)
{
	struct fixture *fixture = fixture_create();

	fixture_load(fixture, SHIPPED "/wait.so", NULL);
	fixture_start(fixture);
	return fixture;
}

static void wait_parks_for_a_duration(void **state)
{
	static const struct {
		const char *with;
		int64_t us;
	} cases[] = {
		{ "{\"duration\": \"250ms\"}", 250000 },
		{ "{\"duration\": \"1.5h\"}", INT64_C(5400000000) },
		{ "{\"duration\": \"0.0015s\"}", 1500 },
		{ "{\"duration\": \"90m\"}", INT64_C(5400000000) },
		{ "{\"duration\": \"10000d\"}", INT64_C(864000000000000) },
	};
	struct fixture *fixture = wait_fixture();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t before = clock_wall_us();
		struct host_completion *parked =
		    wait_for(fixture, 0, cases[i].with);

		/* A very short one may be over by the time it is looked at. */
		if (parked->outcome == TUTTI_SUCCEEDED) {
			assert_true(cases[i].us < 10000);
			continue;
		}
		assert_int_equal(parked->outcome, TUTTI_PARKED);
		assert_true(parked->until_us >= before + cases[i].us);
		assert_true(parked->until_us <= clock_wall_us() + cases[i].us);
		fixture_assert_contains(parked->message, "waits until 20");
		assert_null(parked->output);
	}
	fixture_destroy(fixture);
}

static void wait_succeeds_when_woken(void **state)
{
	struct fixture *fixture = wait_fixture();
	int64_t before = clock_wall_us();
	struct host_completion *woken =
	    wait_for(fixture, 1, "{\"duration\": \"1h\"}");
	char *until = fixture_text(woken->output, "until");
	int64_t until_us;

	(void)state;
	assert_int_equal(woken->outcome, TUTTI_SUCCEEDED);
	assert_int_equal(clock_parse(slice_of(until), &until_us), 0);
	assert_true(until_us >= before && until_us <= clock_wall_us());
	free(until);
	woken =
	    wait_for(fixture, 3, "{\"until\": \"2099-12-31T23:59:59.25Z\"}");
	fixture_assert_json(woken->output,
			    "{\"until\": \"2099-12-31T23:59:59.250000Z\"}");
	fixture_destroy(fixture);
}

static void wait_reads_times(void **state)
{
	static const struct {
		const char *with;
		const char *until;
	} parked[] = {
		{ "{\"until\": \"2096-02-29T12:00:00Z\"}",
		  "2096-02-29T12:00:00.000000Z" },
		{ "{\"until\": \"2096-02-29T00:30:00.123456789+01:00\"}",
		  "2096-02-28T23:30:00.123456Z" },
		{ "{\"until\": \"2096-12-31 23:59:59.5-00:30\"}",
		  "2097-01-01T00:29:59.500000Z" },
	};
	struct fixture *fixture = wait_fixture();
	int64_t expected;

	(void)state;
	for (size_t i = 0; i < sizeof(parked) / sizeof(parked[0]); i++) {
		struct host_completion *completion =
		    wait_for(fixture, 0, parked[i].with);

		assert_int_equal(completion->outcome, TUTTI_PARKED);
		assert_int_equal(
		    clock_parse(slice_of(parked[i].until), &expected), 0);
		assert_int_equal(completion->until_us, expected);
	}
	fixture_assert_json(
	    wait_for(fixture, 0, "{\"until\": \"2001-02-03T04:05:06Z\"}")
		->output,
	    "{\"until\": \"2001-02-03T04:05:06.000000Z\"}");
	fixture_destroy(fixture);
}

static void wait_explains_mistakes(void **state)
{
	static const struct {
		const char *with;
		const char *sentence;
	} cases[] = {
		{ NULL, "duration: 5s" },
		{ "{\"duratoin\": \"5s\"}", "duration: 5s" },
		{ "{\"duration\": \"5s\", \"until\": \"x\"}",
		  "more in `with`" },
		{ "{\"duration\": 5}", "with a unit" },
		{ "{\"duration\": \"5\"}", "`duration: 5`" },
		{ "{\"duration\": \"5 s\"}", "no duration" },
		{ "{\"duration\": \"-5s\"}", "no duration" },
		{ "{\"duration\": \".5s\"}", "no duration" },
		{ "{\"duration\": \"1.s\"}", "no duration" },
		{ "{\"duration\": \"10001d\"}", "no duration" },
		{ "{\"duration\": \"99999999999999999999999ms\"}",
		  "no duration" },
		{ "{\"until\": 5}", "as text" },
		{ "{\"until\": \"tomorrow\"}", "`until: tomorrow`" },
		{ "{\"until\": \"2026-02-29T00:00:00Z\"}", "no time" },
		{ "{\"until\": \"2026-13-01T00:00:00Z\"}", "no time" },
		{ "{\"until\": \"2026-01-01T24:00:00Z\"}", "no time" },
		{ "{\"until\": \"2026-01-01T00:00:00\"}", "no time" },
		{ "{\"until\": \"2026-01-01T00:00:00.Z\"}", "no time" },
		{ "{\"until\": \"2026-01-01T00:00:00Zz\"}", "no time" },
		{ "{\"until\": \"2026-01-01T00:00:00+1:00\"}", "no time" },
		{ "{\"until\": \"\"}", "no time" },
	};
	struct fixture *fixture = wait_fixture();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct host_completion *completion =
		    wait_for(fixture, 0, cases[i].with);

		if (completion->outcome != TUTTI_FAILED) {
			fail_msg("%s is taken", cases[i].with);
		}
		fixture_assert_contains(completion->message, cases[i].sentence);
	}
	fixture_destroy(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_are_linked_in),
		cmocka_unit_test(echo_gives_back_with),
		cmocka_unit_test(echo_gives_back_the_attributes),
		cmocka_unit_test(wait_parks_for_a_duration),
		cmocka_unit_test(wait_succeeds_when_woken),
		cmocka_unit_test(wait_reads_times),
		cmocka_unit_test(wait_explains_mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
