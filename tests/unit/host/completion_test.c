/* How tasks end: at once, late, twice, never, and with what. */
#include "fixture.h"

static void two_plugins_in_a_module_keep_their_handlers(void **state)
{
	struct fixture *fixture = fixture_create();

	(void)state;
	fixture_load(fixture, "two_in_one", NULL);
	fixture_start(fixture);
	fixture_deliver(fixture, "first", 1, NULL);
	fixture_deliver(fixture, "second", 2, NULL);
	fixture_wait(fixture, 2);
	fixture_assert_json(fixture_find(fixture, 1, 1)->output,
			    "{\"handler\": \"first\"}");
	fixture_assert_json(fixture_find(fixture, 2, 1)->output,
			    "{\"handler\": \"second\"}");
	fixture_destroy(fixture);
}

static void late_completion_from_a_thread_of_the_plugin(void **state)
{
	struct fixture *fixture = fixture_create();
	char *after = fixture_path(fixture, "after");
	struct buf with = { 0 };

	(void)state;
	buf_printf(&with, "{\"after\": \"%s\"}", after);
	char *with_json = buf_take(&with);

	fixture_load(fixture, "late", NULL);
	fixture_start(fixture);
	fixture_deliver(fixture, "late", 1, with_json);
	assert_int_equal(fixture_info(fixture, "late").in_flight, 1);
	assert_false(host_drained(fixture->host));
	assert_int_equal(fixture_count(fixture), 0);
	fixture_touch(after);
	fixture_wait(fixture, 1);
	fixture_assert_json(fixture_find(fixture, 1, 1)->output,
			    "{\"late\": true}");
	assert_int_equal(fixture_info(fixture, "late").in_flight, 0);
	assert_int_equal(fixture_info(fixture, "late").misbehaved, 0);
	free(with_json);
	free(after);
	fixture_destroy(fixture);
}

static void many_late_completions_at_once(void **state)
{
	struct fixture *fixture = fixture_create();

	(void)state;
	fixture_load(fixture, "late", NULL);
	fixture_start(fixture);
	for (uint32_t i = 0; i < 64; i++) {
		fixture_deliver(fixture, "late", i, NULL);
	}
	fixture_wait(fixture, 64);
	for (uint32_t i = 0; i < 64; i++) {
		assert_int_equal(fixture_find(fixture, i, 1)->outcome,
				 TUTTI_SUCCEEDED);
	}
	fixture_destroy(fixture);
}

static void a_second_finish_is_stale_and_counted(void **state)
{
	struct fixture *fixture = fixture_create();
	struct host_completion *completion;

	(void)state;
	fixture_load(fixture, "twice", NULL);
	fixture_start(fixture);
	completion = fixture_do(fixture, "twice", 1, NULL);
	fixture_assert_json(completion->output, "{\"finish\": 1}");
	assert_false(completion->plugin_at_fault);
	fixture_wait_log(fixture, "second finish: -2");
	fixture_wait_log(fixture, "foreign finish: -2");
	assert_int_equal(fixture_count(fixture), 1);
	assert_int_equal(fixture_info(fixture, "twice").misbehaved, 2);
	fixture_destroy(fixture);
}

static void ok_without_finishing_is_the_plugins_fault(void **state)
{
	struct fixture *fixture = fixture_create();
	struct host_completion *completion;

	(void)state;
	fixture_load(fixture, "never_finishes", NULL);
	fixture_start(fixture);
	completion = fixture_do(fixture, "never_finishes", 1, NULL);
	assert_int_equal(completion->outcome, TUTTI_FAILED);
	assert_true(completion->plugin_at_fault);
	fixture_assert_contains(completion->message,
				"'never_finishes' returned TUTTI_OK without");
	assert_int_equal(fixture_info(fixture, "never_finishes").misbehaved, 1);
	completion =
	    fixture_do(fixture, "never_finishes", 2, "{\"return\": 7}");
	assert_true(completion->plugin_at_fault);
	fixture_assert_contains(completion->message, "returned 7");
	completion =
	    fixture_do(fixture, "never_finishes", 3, "{\"return\": -99}");
	assert_true(completion->plugin_at_fault);
	fixture_destroy(fixture);
}

static void negative_codes_finish_the_task(void **state)
{
	static const struct {
		const char *with;
		int32_t outcome;
		const char *message;
	} cases[] = {
		{ "{\"return\": -7}", TUTTI_RETRYABLE, "TUTTI_EAGAIN" },
		{ "{\"return\": -6}", TUTTI_FAILED, "TUTTI_EFAILED" },
		{ "{\"return\": -5}", TUTTI_RETRYABLE, "TUTTI_ENOMEM" },
		{ "{\"return\": -1}", TUTTI_FAILED, "TUTTI_EINVAL" },
	};
	struct fixture *fixture = fixture_create();

	(void)state;
	fixture_load(fixture, "never_finishes", NULL);
	fixture_start(fixture);
	for (uint32_t i = 0; i < 4; i++) {
		struct host_completion *completion =
		    fixture_do(fixture, "never_finishes", i, cases[i].with);

		assert_int_equal(completion->outcome, cases[i].outcome);
		fixture_assert_contains(completion->message, cases[i].message);
		assert_false(completion->plugin_at_fault);
	}
	assert_int_equal(fixture_info(fixture, "never_finishes").misbehaved, 0);
	fixture_destroy(fixture);
}

static void results_that_are_none_are_refused(void **state)
{
	static const struct {
		const char *kind;
		int code;
		const char *sentence;
	} cases[] = {
		{ "json", TUTTI_EINVAL, "its output" },
		{ "msgpack", TUTTI_EINVAL, "its output" },
		{ "encoding", TUTTI_EINVAL, "7 is no encoding" },
		{ "patch", TUTTI_EINVAL, "its patch of the stash" },
		{ "outcome", TUTTI_EINVAL, "9 is no outcome" },
		{ "until", TUTTI_EINVAL, "until_us" },
		{ "size", TUTTI_EINVAL, "'size'" },
		{ "slice", TUTTI_EINVAL, "no address" },
		{ "big", TUTTI_ETOOBIG, "its output" },
	};
	struct fixture *fixture = fixture_create();
	char with[128];
	char line[64];

	(void)state;
	fixture_load(fixture, "refused", NULL);
	fixture_start(fixture);
	for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(with, sizeof(with), "{\"kind\": \"%s\"}",
			       cases[i].kind);
		size_t lines = fixture_lines(fixture);
		struct host_completion *completion =
		    fixture_do(fixture, "refused", i, with);

		assert_int_equal(completion->outcome, TUTTI_FAILED);
		assert_null(completion->output);
		assert_null(completion->patch);
		fixture_assert_contains(completion->message, cases[i].sentence);
		(void)snprintf(line, sizeof(line), "refused: %d",
			       cases[i].code);
		fixture_assert_contains(fixture->logs[lines + 1], line);
		fixture_assert_contains(fixture->logs[lines],
					cases[i].sentence);
	}
	fixture_destroy(fixture);
}

static void a_refused_result_leaves_the_task_open(void **state)
{
	struct fixture *fixture = fixture_create();
	struct host_completion *completion;

	(void)state;
	fixture_load(fixture, "refused", NULL);
	fixture_start(fixture);
	completion = fixture_do(fixture, "refused", 1,
				"{\"kind\": \"json\", \"then\": \"succeed\"}");
	assert_int_equal(completion->outcome, TUTTI_SUCCEEDED);
	assert_null(completion->message);
	assert_int_equal(fixture_info(fixture, "refused").misbehaved, 0);
	fixture_destroy(fixture);
}

static void older_structs_are_read_to_their_size_only(void **state)
{
	struct fixture *fixture = fixture_create();
	struct host_completion *completion;

	(void)state;
	fixture_load(fixture, "old_size", NULL);
	fixture_start(fixture);
	fixture_deliver(fixture, "old_size", 1, NULL);
	struct host_key key = fixture_key(1, 1);

	/* The memory behind would be taken for cancel(). */
	host_cancel(fixture->host, &key, TUTTI_CANCELLED);
	fixture_wait(fixture, 1);
	completion = fixture_do(fixture, "old_size", 2, NULL);
	assert_int_equal(completion->outcome, TUTTI_SUCCEEDED);
	assert_string_equal(completion->message, "old but well");
	assert_null(completion->output);
	fixture_destroy(fixture);
}

static void messages_are_cut_at_a_character(void **state)
{
	struct fixture *fixture = fixture_create();
	struct host_completion *completion;

	(void)state;
	fixture_load(fixture, "talker", NULL);
	fixture_start(fixture);
	completion = fixture_do(fixture, "talker", 1, "{\"kind\": \"long\"}");
	assert_int_equal(completion->outcome, TUTTI_RETRYABLE);
	assert_int_equal(strlen(completion->message), LIMIT_MESSAGE / 3 * 3);
	assert_int_equal(strlen(fixture->note), LIMIT_NOTE / 3 * 3);
	assert_int_equal(fixture_lines(fixture), 1);
	assert_int_equal(fixture->progressed, 3);
	assert_float_equal(fixture->fractions[0], 0.5, 0);
	assert_float_equal(fixture->fractions[1], 1, 0);
	assert_float_equal(fixture->fractions[2], -1, 0);
	fixture_destroy(fixture);
}

static void messages_are_mended(void **state)
{
	struct fixture *fixture = fixture_create();
	struct host_completion *completion;

	(void)state;
	fixture_load(fixture, "talker", NULL);
	fixture_start(fixture);
	completion = fixture_do(fixture, "talker", 1, "{\"kind\": \"broken\"}");
	assert_string_equal(completion->message, "a\xef\xbf\xbd"
						 "b\xef\xbf\xbd\xef\xbf\xbd");
	assert_string_equal(fixture->logs[0], "warn talker: a\xef\xbf\xbd"
					      "b\xef\xbf\xbd\xef\xbf\xbd");
	assert_int_equal(fixture->log_key.attempt, 1);
	fixture_destroy(fixture);
}

static void output_and_patch_arrive(void **state)
{
	struct fixture *fixture = fixture_create();
	struct host_completion *completion;

	(void)state;
	fixture_load(fixture, "recorder", NULL);
	fixture_start(fixture);
	completion =
	    fixture_do(fixture, "recorder", 1,
		       "{\"output\": [1, {\"a\": null}], \"patch\": {\"b\": "
		       "18446744073709551615}, \"message\": \"done\"}");
	assert_int_equal(completion->outcome, TUTTI_SUCCEEDED);
	assert_string_equal(completion->message, "done");
	fixture_assert_json(completion->output, "[1, {\"a\": null}]");
	fixture_assert_json(completion->patch, "{\"b\": 18446744073709551615}");
	fixture_destroy(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_plugins_in_a_module_keep_their_handlers),
		cmocka_unit_test(late_completion_from_a_thread_of_the_plugin),
		cmocka_unit_test(many_late_completions_at_once),
		cmocka_unit_test(a_second_finish_is_stale_and_counted),
		cmocka_unit_test(ok_without_finishing_is_the_plugins_fault),
		cmocka_unit_test(negative_codes_finish_the_task),
		cmocka_unit_test(results_that_are_none_are_refused),
		cmocka_unit_test(a_refused_result_leaves_the_task_open),
		cmocka_unit_test(older_structs_are_read_to_their_size_only),
		cmocka_unit_test(messages_are_cut_at_a_character),
		cmocka_unit_test(messages_are_mended),
		cmocka_unit_test(output_and_patch_arrive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
