/*
 * The fake host, with plugins made for it here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <string.h>
#include <tutti/fake_host.h>
#include <unistd.h>

static struct tutti_value last_value;
static int last_code;
static int calls_of_cancel;
static int32_t last_cause;
static int calls_of_fini;

/* What to do is the task's activity. */
static int32_t handle(void *self, const struct tutti_task *task)
{
	const char *what = task->activity.ptr;

	if (!strcmp(what, "get")) {
		struct tutti_slice json;

		last_code = tutti_get(task, "with.n", &last_value);
		return tutti_json(task, "with", &json) == TUTTI_OK
			   ? tutti_succeed(task, json.ptr)
			   : TUTTI_EFAILED;
	}
	if (!strcmp(what, "twice")) {
		(void)tutti_succeed(task, NULL);
		return tutti_succeed(task, NULL) == TUTTI_ESTALE
			   ? TUTTI_OK
			   : TUTTI_EFAILED;
	}
	if (!strcmp(what, "wait")) {
		while (tutti_cancelled(task) == TUTTI_NOT_CANCELLED) {
			(void)usleep(1000);
		}
		last_cause = tutti_cancelled(task);
		return tutti_fail(task, TUTTI_FAILED, "stopped");
	}
	if (!strcmp(what, "progress")) {
		(void)tutti_progress(task, 0.5, "half");
		(void)tutti_progress(task, 1.5, NULL);
		return tutti_park(task, 42, "later");
	}
	(void)self;
	return !strcmp(what, "again") ? TUTTI_EAGAIN : TUTTI_OK;
}

static int32_t init(const struct tutti_host *host, void **ret_self)
{
	struct tutti_value fail;

	*ret_self = &last_value;
	(void)tutti_get_param(host, "fail", &fail);
	if (fail.as.boolean) {
		(void)tutti_say(host, TUTTI_ERROR, "as told");
	}
	return fail.as.boolean ? TUTTI_EFAILED : TUTTI_OK;
}

static void cancel(void *self, struct tutti_task_id task, int32_t cause)
{
	(void)self;
	(void)task;
	(void)cause;
	calls_of_cancel++;
}

static void fini(void *self)
{
	assert_ptr_equal(self, &last_value);
	calls_of_fini++;
}

static const struct tutti_param params[] = {
	{ .name = "fail", .fallback = "false", .type = TUTTI_BOOL },
};

static const struct tutti_plugin plugin = {
	.size = sizeof(plugin),
	.name = "tested",
	.params = params,
	.param_count = 1,
	.max_tasks = 2,
	.init = init,
	.handle = handle,
	.cancel = cancel,
	.fini = fini,
};

TUTTI_MODULE(&plugin);

static struct tutti_fake_host *started(void)
{
	struct tutti_fake_host *host = tutti_fake_host_new(tutti_plugin_v1());

	assert_int_equal(tutti_fake_host_start(host), TUTTI_OK);
	return host;
}

static struct tutti_fake_task *make(struct tutti_fake_host *host,
				    const char *what)
{
	struct tutti_fake_work work = {
		.activity = what,
		.phase = TUTTI_PARALLEL,
		.with = "{\"n\": 7}",
	};
	struct tutti_fake_task *task = tutti_fake_host_task(host, &work);

	assert_non_null(task);
	return task;
}

static void test_documents_go_in_and_out(void **state)
{
	struct tutti_fake_host *host = started();
	struct tutti_fake_task *task = make(host, "get");

	(void)state;
	assert_int_equal(tutti_fake_task_outcome(task), -1);
	assert_int_equal(tutti_fake_task_run(task), TUTTI_OK);
	assert_int_equal(last_code, TUTTI_OK);
	assert_int_equal(last_value.as.i, 7);
	assert_string_equal(tutti_fake_task_output(task), "{\"n\":7}");
	assert_int_equal(tutti_fake_task_times_finished(task), 1);
	assert_int_equal(tutti_fake_host_end(host), 0);
}

static void test_second_completion_is_stale(void **state)
{
	struct tutti_fake_host *host = started();
	struct tutti_fake_task *task = make(host, "twice");

	(void)state;
	assert_int_equal(tutti_fake_task_run(task), TUTTI_OK);
	assert_int_equal(tutti_fake_task_returned(task), TUTTI_OK);
	assert_int_equal(tutti_fake_task_stale(task), 1);
	assert_int_equal(tutti_fake_task_times_finished(task), 2);
	assert_non_null(tutti_fake_host_mistake(host, 0));
	assert_int_equal(tutti_fake_host_end(host), 1);
}

static void test_missing_completion_is_a_mistake(void **state)
{
	struct tutti_fake_host *host = started();
	struct tutti_fake_task *task = make(host, "nothing");

	(void)state;
	assert_int_equal(tutti_fake_task_run(task), TUTTI_OK);
	assert_int_equal(tutti_fake_task_outcome(task), TUTTI_FAILED);
	assert_int_equal(tutti_fake_host_end(host), 1);
}

static void test_code_becomes_outcome(void **state)
{
	struct tutti_fake_host *host = started();
	struct tutti_fake_task *task = make(host, "again");

	(void)state;
	assert_int_equal(tutti_fake_task_run(task), TUTTI_OK);
	assert_int_equal(tutti_fake_task_outcome(task), TUTTI_RETRYABLE);
	assert_int_equal(tutti_fake_host_end(host), 0);
}

static void test_deadline_passes_with_the_clock(void **state)
{
	struct tutti_fake_host *host = started();
	struct tutti_fake_work work = { .activity = "wait",
					.deadline_ms = 5000 };
	struct tutti_fake_task *task = tutti_fake_host_task(host, &work);

	(void)state;
	calls_of_cancel = 0;
	assert_int_equal(tutti_fake_task_start(task), TUTTI_OK);
	tutti_fake_host_advance(host, 4999);
	assert_int_equal(tutti_fake_task_wait(task, 20), TUTTI_EAGAIN);
	assert_int_equal(calls_of_cancel, 0);
	tutti_fake_host_advance(host, 1);
	assert_int_equal(tutti_fake_task_wait(task, 10000), TUTTI_OK);
	assert_int_equal(calls_of_cancel, 1);
	assert_int_equal(last_cause, TUTTI_TIMED_OUT);
	assert_string_equal(tutti_fake_task_message(task), "stopped");
	assert_int_equal(tutti_fake_host_end(host), 0);
}

static void test_no_more_than_max_tasks(void **state)
{
	struct tutti_fake_host *host = started();
	struct tutti_fake_task *tasks[3];

	(void)state;
	for (int i = 0; i < 3; i++) {
		tasks[i] = make(host, "wait");
	}
	assert_int_equal(tutti_fake_task_start(tasks[0]), TUTTI_OK);
	assert_int_equal(tutti_fake_task_start(tasks[0]), TUTTI_EINVAL);
	assert_int_equal(tutti_fake_task_start(tasks[1]), TUTTI_OK);
	assert_int_equal(tutti_fake_task_start(tasks[2]), TUTTI_EAGAIN);
	tutti_fake_task_cancel(tasks[0], TUTTI_CANCELLED);
	tutti_fake_task_cancel(tasks[1], TUTTI_CANCELLED);
	assert_int_equal(tutti_fake_task_wait(tasks[0], 10000), TUTTI_OK);
	assert_int_equal(last_cause, TUTTI_CANCELLED);
	assert_int_equal(tutti_fake_host_end(host), 0);
}

static void test_abandoned_task_is_stale_without_mistake(void **state)
{
	struct tutti_fake_host *host = started();
	struct tutti_fake_task *task = make(host, "wait");

	(void)state;
	assert_int_equal(tutti_fake_task_start(task), TUTTI_OK);
	tutti_fake_task_abandon(task);
	assert_int_equal(tutti_fake_task_wait(task, 10000), TUTTI_OK);
	assert_int_equal(tutti_fake_task_stale(task), 1);
	assert_int_equal(tutti_fake_host_end(host), 0);
}

static void test_progress_and_parking(void **state)
{
	struct tutti_fake_host *host = started();
	struct tutti_fake_task *task = make(host, "progress");
	double fraction;
	const char *note;

	(void)state;
	assert_int_equal(tutti_fake_task_run(task), TUTTI_OK);
	assert_int_equal(tutti_fake_task_outcome(task), TUTTI_PARKED);
	assert_int_equal(tutti_fake_task_until_us(task), 42);
	assert_int_equal(tutti_fake_task_progress(task, 0, &fraction, &note),
			 TUTTI_OK);
	assert_true(fraction > 0.49 && fraction < 0.51);
	assert_string_equal(note, "half");
	assert_int_equal(tutti_fake_task_progress(task, 1, &fraction, &note),
			 TUTTI_OK);
	assert_true(fraction > 0.99 && fraction < 1.01);
	assert_int_equal(tutti_fake_task_progress(task, 2, &fraction, &note),
			 TUTTI_ENOTFOUND);
	assert_int_equal(tutti_fake_host_end(host), 0);
}

static void test_failing_init_says_why(void **state)
{
	struct tutti_fake_host *host = tutti_fake_host_new(tutti_plugin_v1());

	(void)state;
	calls_of_fini = 0;
	assert_int_equal(tutti_fake_host_params(host, "{\"fail\": true}"),
			 TUTTI_OK);
	assert_int_equal(tutti_fake_host_start(host), TUTTI_EFAILED);
	assert_non_null(strstr(tutti_fake_host_error(host), "as told"));
	assert_string_equal(tutti_fake_host_log(host, 0), "error: as told");
	assert_int_equal(tutti_fake_host_end(host), 0);
	assert_int_equal(calls_of_fini, 0);
}

static void test_params_are_checked(void **state)
{
	struct tutti_fake_host *host = tutti_fake_host_new(tutti_plugin_v1());

	(void)state;
	assert_int_equal(tutti_fake_host_params(host, "[]"), TUTTI_EINVAL);
	assert_int_equal(tutti_fake_host_params(host, "{"), TUTTI_EINVAL);
	assert_int_equal(tutti_fake_host_params(host, "{\"fial\": true}"),
			 TUTTI_EINVAL);
	assert_non_null(strstr(tutti_fake_host_error(host), "fail"));
	assert_int_equal(tutti_fake_host_params(host, "{\"fail\": 1}"),
			 TUTTI_EINVAL);
	assert_int_equal(tutti_fake_host_end(host), 0);
}

static void test_bad_modules_and_work_are_refused(void **state)
{
	static const struct tutti_module none = { .magic = 1 };
	struct tutti_fake_host *host = tutti_fake_host_new(&none);
	struct tutti_fake_work work = { .with = "[]" };

	(void)state;
	assert_int_equal(tutti_fake_host_start(host), TUTTI_EINVAL);
	assert_int_equal(tutti_fake_host_end(host), 0);
	host = started();
	assert_null(tutti_fake_host_task(host, &work));
	work.with = "{";
	assert_null(tutti_fake_host_task(host, &work));
	work.with = NULL;
	work.plugin = "unknown";
	assert_null(tutti_fake_host_task(host, &work));
	assert_int_equal(tutti_fake_host_end(host), 0);
	assert_int_equal(tutti_fake_host_end(NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_documents_go_in_and_out),
		cmocka_unit_test(test_second_completion_is_stale),
		cmocka_unit_test(test_missing_completion_is_a_mistake),
		cmocka_unit_test(test_code_becomes_outcome),
		cmocka_unit_test(test_deadline_passes_with_the_clock),
		cmocka_unit_test(test_no_more_than_max_tasks),
		cmocka_unit_test(test_abandoned_task_is_stale_without_mistake),
		cmocka_unit_test(test_progress_and_parking),
		cmocka_unit_test(test_failing_init_says_why),
		cmocka_unit_test(test_params_are_checked),
		cmocka_unit_test(test_bad_modules_and_work_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
