/* Handing tasks over: limits, several attempts, cancellation, deadlines. */
#include "fixture.h"

static char *with_file(const char *key, const char *path)
{
	struct buf with = { 0 };

	buf_printf(&with, "{\"%s\": \"%s\"}", key, path);
	return buf_take(&with);
}

static void unknown_and_untimely_deliveries_are_refused(void **state)
{
	struct fixture *fixture = fixture_create();
	struct host_task task = fixture_task("late", 1, 1);
	struct err err;

	(void)state;
	assert_int_equal(host_deliver(fixture->host, &task, &err), E_NOT_FOUND);
	fixture_assert_contains(err.msg, "no plugin 'late'");
	fixture_load(fixture, "late", NULL);
	assert_int_equal(host_deliver(fixture->host, &task, &err), E_BUSY);
	fixture_assert_contains(err.msg, "not been started");
	fixture_start(fixture);
	host_stop(fixture->host);
	assert_int_equal(host_deliver(fixture->host, &task, &err), E_BUSY);
	fixture_assert_contains(err.msg, "being stopped");
	fixture_destroy(fixture);
}

static void one_beyond_max_tasks_is_refused(void **state)
{
	struct fixture *fixture = fixture_create();
	char *release = fixture_path(fixture, "release");
	char *with = with_file("release", release);
	struct host_task more = fixture_task("stubborn", 8, 1);
	struct err err;

	(void)state;
	fixture_load(fixture, "stubborn", NULL);
	fixture_start(fixture);
	for (uint32_t i = 0; i < 8; i++) {
		fixture_deliver(fixture, "stubborn", i, with);
	}
	assert_int_equal(host_deliver(fixture->host, &more, &err), E_BUSY);
	fixture_assert_contains(err.msg, "'stubborn' has its 8 tasks");
	assert_int_equal(fixture_info(fixture, "stubborn").in_flight, 8);
	fixture_touch(release);
	fixture_wait(fixture, 8);
	assert_int_equal(fixture_info(fixture, "stubborn").in_flight, 0);
	free(with);
	free(release);
	fixture_destroy(fixture);
}

static void an_attempt_is_delivered_once(void **state)
{
	struct fixture *fixture = fixture_create();
	char *release = fixture_path(fixture, "release");
	char *with = with_file("release", release);
	struct host_task again = fixture_task("stubborn", 1, 1);
	struct err err;

	(void)state;
	fixture_load(fixture, "stubborn", NULL);
	fixture_start(fixture);
	fixture_deliver(fixture, "stubborn", 1, with);
	assert_int_equal(host_deliver(fixture->host, &again, &err), E_CONFLICT);
	fixture_touch(release);
	fixture_wait(fixture, 1);
	free(with);
	free(release);
	fixture_destroy(fixture);
}

/* The newer attempt ends first: each completion goes to its own attempt. */
static void attempts_do_not_mix(void **state)
{
	struct fixture *fixture = fixture_create();
	char *release = fixture_path(fixture, "release");
	char *second = fixture_path(fixture, "release.2");
	char *with = with_file("release", release);

	(void)state;
	fixture_load(fixture, "stubborn", NULL);
	fixture_start(fixture);
	fixture_deliver_attempt(fixture, "stubborn", 1, 1, with);
	fixture_wait_logs(fixture, "working", 1);
	fixture_deliver_attempt(fixture, "stubborn", 1, 2, with);
	fixture_touch(second);
	fixture_wait(fixture, 1);
	fixture_assert_json(fixture_find(fixture, 1, 2)->output,
			    "{\"attempt\": 2}");
	assert_int_equal(fixture_info(fixture, "stubborn").misbehaved, 0);
	fixture_touch(release);
	fixture_wait(fixture, 2);
	fixture_assert_json(fixture_find(fixture, 1, 1)->output,
			    "{\"attempt\": 1}");
	free(with);
	free(second);
	free(release);
	fixture_destroy(fixture);
}

static void an_attempt_that_is_over_gets_stale(void **state)
{
	struct fixture *fixture = fixture_create();
	char *release = fixture_path(fixture, "release");
	char *first = fixture_path(fixture, "release.1");
	char *with = with_file("release", release);

	(void)state;
	fixture_load(fixture, "stubborn", NULL);
	fixture_start(fixture);
	fixture_deliver_attempt(fixture, "stubborn", 1, 1, with);
	fixture_deliver_attempt(fixture, "stubborn", 1, 2, with);
	fixture_touch(first);
	fixture_wait(fixture, 1);
	fixture_assert_json(fixture_find(fixture, 1, 1)->output,
			    "{\"attempt\": 1}");
	assert_int_equal(fixture_info(fixture, "stubborn").in_flight, 1);
	fixture_touch(release);
	fixture_wait(fixture, 2);
	assert_int_equal(fixture_find(fixture, 1, 2)->outcome, TUTTI_SUCCEEDED);
	host_stop(fixture->host);
	while (!host_drained(fixture->host)) {
		fixture_pause();
	}
	assert_int_equal(fixture_info(fixture, "stubborn").misbehaved, 1);
	free(with);
	free(first);
	free(release);
	fixture_destroy(fixture);
}

/* By id alone the older attempt is finished first, then the newer. */
static void finishing_by_id_ends_the_oldest_attempt(void **state)
{
	struct fixture *fixture = fixture_create();
	char *never = fixture_path(fixture, "never");
	char *with = with_file("after", never);

	(void)state;
	fixture_load(fixture, "late", NULL);
	fixture_start(fixture);
	fixture_deliver_attempt(fixture, "late", 1, 1, with);
	fixture_deliver_attempt(fixture, "late", 1, 2, NULL);
	fixture_wait(fixture, 1);
	assert_int_equal(fixture->completions[0].key.attempt, 1);
	fixture_touch(never);
	fixture_wait(fixture, 2);
	assert_int_equal(fixture->completions[1].key.attempt, 2);
	free(with);
	free(never);
	fixture_destroy(fixture);
}

static void cancellation_reaches_the_plugin(void **state)
{
	static const struct {
		int32_t cause;
		const char *message;
	} cases[] = {
		{ TUTTI_CANCELLED, "stopped: cancelled" },
		{ TUTTI_TIMED_OUT, "stopped: timed out" },
	};
	struct fixture *fixture = fixture_create();

	(void)state;
	fixture_load(fixture, "cancellable", NULL);
	fixture_start(fixture);
	for (uint32_t i = 0; i < 2; i++) {
		struct host_key key = fixture_key(i, 1);
		struct host_key other = fixture_key(i, 2);

		fixture_deliver(fixture, "cancellable", i, NULL);
		fixture_wait_logs(fixture, "working", i + 1);
		host_cancel(fixture->host, &other, cases[i].cause);
		assert_int_equal(fixture_count(fixture), i);
		host_cancel(fixture->host, &key, cases[i].cause);
		fixture_wait(fixture, i + 1);
		assert_string_equal(fixture_find(fixture, i, 1)->message,
				    cases[i].message);
		host_cancel(fixture->host, &key, cases[i].cause);
	}
	fixture_destroy(fixture);
}

/* Whenever it comes, cancel() is never lost: the plugin would hang. */
static void cancellation_at_any_moment(void **state)
{
	struct fixture *fixture = fixture_create();

	(void)state;
	fixture_load(fixture, "cancellable", NULL);
	fixture_start(fixture);
	for (uint32_t i = 0; i < 300; i++) {
		struct host_key key = fixture_key(i, 1);

		fixture_deliver(fixture, "cancellable", i, NULL);
		for (uint32_t spin = 0; spin < i * 20; spin++) {
			(void)clock_mono_ns();
		}
		host_cancel(fixture->host, &key, TUTTI_CANCELLED);
		fixture_wait(fixture, i + 1);
		assert_int_equal(fixture_find(fixture, i, 1)->outcome,
				 TUTTI_FAILED);
	}
	fixture_destroy(fixture);
}

/* The lane is busy with a handler that has finished but not returned. */
static void a_task_that_has_not_begun_is_cancelled_without_a_call(void **state)
{
	struct fixture *fixture = fixture_create();
	struct host_key key = fixture_key(1, 1);
	struct host_completion *completion;
	bool called = true;

	(void)state;
	fixture_load(fixture, "naive", NULL);
	fixture_start(fixture);
	for (uint32_t i = 0; called && i < 100000; i++) {
		size_t before = fixture_count(fixture);

		key = fixture_key(i, 1);
		fixture_deliver(fixture, "naive", i, NULL);
		host_cancel(fixture->host, &key, TUTTI_TIMED_OUT);
		fixture_wait(fixture, before + 1);
		completion = &fixture->completions[before];
		called = completion->outcome == TUTTI_SUCCEEDED;
	}
	assert_false(called);
	assert_string_equal(completion->message,
			    "timed out before plugin 'naive' was called");
	assert_false(completion->plugin_at_fault);
	fixture_destroy(fixture);
}

static void a_past_deadline_counts_as_timed_out(void **state)
{
	struct fixture *fixture = fixture_create();
	struct host_task task = fixture_task("cancellable", 1, 1);
	struct err err;

	(void)state;
	fixture_load(fixture, "cancellable", NULL);
	fixture_start(fixture);
	task.deadline_us = clock_wall_us() - 1;
	assert_int_equal(fixture_hand_over(fixture, &task, &err), 0);
	fixture_wait(fixture, 1);
	assert_string_equal(fixture->completions[0].message,
			    "stopped: timed out");
	fixture_destroy(fixture);
}

static void nested_attributes_arrive_identical(void **state)
{
	static const char json[] =
	    "{\"activity\": \"not this\", \"status\": {\"uid\": [1, -1, 2.5, "
	    "1e300, null, true, {\"deep\": [[[{}]]]}]}, \"\": \"a\\u0000b\", "
	    "\"\\u20ac\": 18446744073709551615}";
	struct fixture *fixture = fixture_create();
	struct host_task task = fixture_task("metadata", 1, 1);
	struct blob *attributes = fixture_blob(json);
	struct err err;

	(void)state;
	fixture_load(fixture, "metadata", NULL);
	fixture_start(fixture);
	task.attributes = blob_ref(attributes);
	assert_int_equal(fixture_hand_over(fixture, &task, &err), 0);
	fixture_wait(fixture, 1);
	struct blob *output = fixture->completions[0].output;

	assert_non_null(output);
	assert_true(slice_equal(blob_slice(output), blob_slice(attributes)));
	fixture_assert_json(output, json);
	blob_unref(attributes);
	fixture_destroy(fixture);
}

static void two_megabytes_of_attributes_arrive(void **state)
{
	struct fixture *fixture = fixture_create();
	struct host_task task = fixture_task("metadata", 1, 1);
	struct buf json = { 0 };
	struct err err;

	(void)state;
	buf_put_text(&json, "{\"big\": \"");
	for (size_t i = 0; i < 2 * 1024 * 1024; i++) {
		buf_put_byte(&json, 'x');
	}
	buf_put_text(&json, "\"}");
	char *text = buf_take(&json);
	struct blob *attributes = fixture_blob(text);

	fixture_load(fixture, "metadata", NULL);
	fixture_start(fixture);
	task.attributes = blob_ref(attributes);
	assert_int_equal(fixture_hand_over(fixture, &task, &err), 0);
	fixture_wait(fixture, 1);
	assert_true(slice_equal(blob_slice(fixture->completions[0].output),
				blob_slice(attributes)));
	free(text);
	blob_unref(attributes);
	fixture_destroy(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_and_untimely_deliveries_are_refused),
		cmocka_unit_test(one_beyond_max_tasks_is_refused),
		cmocka_unit_test(an_attempt_is_delivered_once),
		cmocka_unit_test(attempts_do_not_mix),
		cmocka_unit_test(an_attempt_that_is_over_gets_stale),
		cmocka_unit_test(finishing_by_id_ends_the_oldest_attempt),
		cmocka_unit_test(cancellation_reaches_the_plugin),
		cmocka_unit_test(cancellation_at_any_moment),
		cmocka_unit_test(
		    a_task_that_has_not_begun_is_cancelled_without_a_call),
		cmocka_unit_test(a_past_deadline_counts_as_timed_out),
		cmocka_unit_test(nested_attributes_arrive_identical),
		cmocka_unit_test(two_megabytes_of_attributes_arrive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
