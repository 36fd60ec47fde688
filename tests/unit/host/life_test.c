/* The life of plugins: started in order, ended in reverse, or left alone. */
#include <sys/wait.h>

#include "fixture.h"

static void a_failed_init_undoes_the_others(void **state)
{
	struct fixture *fixture = fixture_create();
	struct host_task task = fixture_task("starts", 1, 1);
	struct err err;

	(void)state;
	fixture_load(fixture, "late", NULL);
	fixture_load(fixture, "init_fails", NULL);
	assert_int_equal(host_start(fixture->host, &err), E_INVALID);
	fixture_assert_contains(err.msg, "'does_not_start'");
	fixture_assert_contains(err.msg, "init_fails.so");
	fixture_assert_contains(err.msg, "the licence has run out");
	assert_int_equal(fixture_lines(fixture), 3);
	fixture_assert_contains(fixture->logs[0], "licence");
	fixture_assert_contains(fixture->logs[1], "good: stop");
	fixture_assert_contains(fixture->logs[2], "good: fini");
	assert_int_equal(fixture->log_key.attempt, 0);
	assert_int_equal(host_deliver(fixture->host, &task, &err), E_BUSY);
	fixture_destroy(fixture);
}

static void nothing_at_all_can_be_destroyed(void **state)
{
	struct host_callbacks callbacks = { .completed = fixture_completed };
	struct host *host = host_create(&callbacks);

	(void)state;
	assert_true(host_drained(host));
	assert_int_equal(host_plugin_count(host), 0);
	host_destroy(host);
	host_destroy(NULL);
}

/* A host without the other callbacks lets plugins talk to nobody. */
static void callbacks_may_be_absent(void **state)
{
	struct fixture *fixture = fixture_create();
	struct host_callbacks callbacks = {
		.arg = fixture,
		.completed = fixture_completed,
	};

	(void)state;
	host_destroy(fixture->host);
	fixture->host = host_create(&callbacks);
	fixture_load(fixture, "talker", NULL);
	fixture_start(fixture);
	assert_int_equal(
	    fixture_do(fixture, "talker", 1, "{\"kind\": \"broken\"}")->outcome,
	    TUTTI_RETRYABLE);
	fixture_destroy(fixture);
}

static void a_host_can_be_made_again(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		struct fixture *fixture = fixture_create();

		fixture_load(fixture, "two_in_one", NULL);
		fixture_load(fixture, "late", NULL);
		fixture_start(fixture);
		fixture_deliver(fixture, "late", 1, NULL);
		fixture_deliver(fixture, "first", 2, NULL);
		fixture_destroy(fixture);
	}
}

static void plugins_are_ended(void **state)
{
	struct fixture *fixture = fixture_create();

	(void)state;
	fixture_load(fixture, "stubborn", NULL);
	fixture_start(fixture);
	host_stop(fixture->host);
	assert_false(fixture_has_log(fixture, "stubborn: ended"));
	host_destroy(fixture->host);
	fixture->host = NULL;
	assert_true(fixture_has_log(fixture, "stubborn: ended"));
	fixture_destroy(fixture);
}

/* What a plugin never gives back stays; the others are ended all the same. */
static void destroy_leaves_what_plugins_hold(void **state)
{
	struct fixture *fixture = fixture_create();
	char *release = fixture_path(fixture, "release");
	struct buf with = { 0 };

	(void)state;
	buf_printf(&with, "{\"release\": \"%s\"}", release);
	char *with_json = buf_take(&with);

	fixture_load(fixture, "stubborn", NULL);
	fixture_load(fixture, "two_in_one", NULL);
	fixture_start(fixture);
	fixture_deliver(fixture, "stubborn", 1, with_json);
	fixture_wait_log(fixture, "working");
	struct host *host = fixture->host;

	host_stop(host);
	assert_false(host_drained(host));
	fixture->host = NULL;
	host_destroy(host);
	assert_int_equal(fixture_count(fixture), 0);
	assert_false(fixture_has_log(fixture, "stubborn: ended"));
	/* Nothing of it has been freed: it still comes to its end. */
	fixture_touch(release);
	fixture_wait(fixture, 1);
	assert_int_equal(fixture_find(fixture, 1, 1)->outcome, TUTTI_SUCCEEDED);
	while (!host_drained(host)) {
		fixture_pause();
	}
	free(with_json);
	free(release);
	fixture_destroy(fixture);
}

/* Tasks that are not begun when the host is stopped come back as retryable. */
static void stopping_gives_back_what_has_not_begun(void **state)
{
	bool given_back = false;

	(void)state;
	for (int i = 0; !given_back && i < 10000; i++) {
		struct fixture *fixture = fixture_create();

		fixture_load(fixture, "naive", NULL);
		fixture_start(fixture);
		fixture_deliver(fixture, "naive", 1, NULL);
		host_stop(fixture->host);
		fixture_wait(fixture, 1);
		given_back = fixture->completions[0].outcome == TUTTI_RETRYABLE;
		if (given_back) {
			fixture_assert_contains(fixture->completions[0].message,
						"the orchestrator stopped");
		}
		fixture_destroy(fixture);
	}
	assert_true(given_back);
}

/* Loading runs nothing of a plugin; a crash is of its own making. */
static void loading_does_not_start(void **state)
{
	struct fixture *fixture = fixture_create();

	(void)state;
	assert_int_equal(setenv("CRASH_IN_INIT", "1", 1), 0);
	fixture_load(fixture, "crasher", NULL);
	assert_int_equal(unsetenv("CRASH_IN_INIT"), 0);
	assert_int_equal(host_plugin_count(fixture->host), 1);
	fixture_destroy(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failed_init_undoes_the_others),
		cmocka_unit_test(nothing_at_all_can_be_destroyed),
		cmocka_unit_test(callbacks_may_be_absent),
		cmocka_unit_test(a_host_can_be_made_again),
		cmocka_unit_test(plugins_are_ended),
		cmocka_unit_test(destroy_leaves_what_plugins_hold),
		cmocka_unit_test(stopping_gives_back_what_has_not_begun),
		cmocka_unit_test(loading_does_not_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
