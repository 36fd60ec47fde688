/*
 * Plugins that promise to be quick: where they are called, and what becomes of
 * one that does not keep its word.
 */
#include "fixture.h"

#include <sched.h>
#include <stdatomic.h>

static pthread_t called_on;
static long sleeps_ms;
static long spins_ms;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static int32_t handle(void *self, const struct tutti_task *task)
{
	struct tutti_result result;
	struct timespec pause = { .tv_nsec = sleeps_ms * 1000000 };

	(void)self;
	called_on = pthread_self();
	if (sleeps_ms) {
		(void)nanosleep(&pause, NULL);
	}
	int64_t until_ns = clock_mono_ns() + spins_ms * 1000000;

	while (clock_mono_ns() < until_ns) {
	}
	(void)pthread_mutex_lock(&gate);
	(void)pthread_mutex_unlock(&gate);
	memset(&result, 0, sizeof(result));
	result.size = sizeof(result);
	result.outcome = TUTTI_SUCCEEDED;
	return tutti_finish(task, &result);
}

static const struct tutti_plugin quick = {
	.size = sizeof(struct tutti_plugin),
	.name = "quick",
	.version = "1",
	.flags = TUTTI_QUICK,
	.max_tasks = 1,
	.handle = handle,
};

static const struct tutti_plugin plain = {
	.size = sizeof(struct tutti_plugin),
	.name = "plain",
	.version = "1",
	.max_tasks = 1,
	.handle = handle,
};

const struct tutti_module *tutti_plugin_v1(void);

TUTTI_MODULE(&quick, &plain);

static struct fixture *begin(void)
{
	struct fixture *fixture = fixture_create();
	struct host_source source = {
		.entry = tutti_plugin_v1,
		.label = "quick",
	};
	struct err err;

	sleeps_ms = 0;
	spins_ms = 0;
	assert_int_equal(host_load(fixture->host, &source, &err), 0);
	fixture_start(fixture);
	return fixture;
}

static int deliver(struct fixture *fixture, const char *plugin, uint32_t number,
		   bool at_once)
{
	struct host_task task = fixture_task(plugin, number, 1);
	struct err err;

	task.at_once = at_once;
	return host_deliver(fixture->host, &task, &err);
}

static bool was_called_here(void)
{
	return pthread_equal(called_on, pthread_self());
}

static void it_is_called_at_once(void **state)
{
	struct fixture *fixture = begin();

	(void)state;
	for (uint32_t i = 0; i < 1000; i++) {
		assert_int_equal(deliver(fixture, "quick", i, true), 0);
		/* It has ended when the delivery returns. */
		assert_int_equal(fixture_count(fixture), i + 1);
		assert_int_equal(fixture->completions[i].outcome,
				 TUTTI_SUCCEEDED);
	}
	assert_true(was_called_here());
	assert_int_equal(fixture_info(fixture, "quick").misbehaved, 0);
	fixture_destroy(fixture);
}

static void others_are_called_on_threads(void **state)
{
	struct fixture *fixture = begin();

	(void)state;
	assert_int_equal(deliver(fixture, "plain", 1, true), 0);
	fixture_wait(fixture, 1);
	assert_false(was_called_here());
	assert_int_equal(deliver(fixture, "quick", 2, false), 0);
	fixture_wait(fixture, 2);
	assert_false(was_called_here());
	fixture_destroy(fixture);
}

/* Two calls never overlap, on whatever threads they are. */
static void max_tasks_holds(void **state)
{
	struct fixture *fixture = begin();

	(void)state;
	(void)pthread_mutex_lock(&gate);
	assert_int_equal(deliver(fixture, "quick", 1, false), 0);
	assert_int_equal(deliver(fixture, "quick", 2, true), E_BUSY);
	(void)pthread_mutex_unlock(&gate);
	fixture_wait(fixture, 1);
	fixture_destroy(fixture);
}

static void a_broken_promise_is_remembered(void **state)
{
	struct fixture *fixture = begin();

	(void)state;
	/* Once may have been the machine. */
	sleeps_ms = 30;
	assert_int_equal(deliver(fixture, "quick", 1, true), 0);
	assert_int_equal(fixture_count(fixture), 1);
	assert_true(was_called_here());
	assert_int_equal(fixture->completions[0].outcome, TUTTI_SUCCEEDED);
	assert_int_equal(fixture_info(fixture, "quick").misbehaved, 0);
	assert_int_equal(deliver(fixture, "quick", 2, true), 0);
	assert_true(was_called_here());
	fixture_wait_log(fixture, "promises to be quick");
	assert_int_equal(fixture_info(fixture, "quick").misbehaved, 1);
	sleeps_ms = 0;
	assert_int_equal(deliver(fixture, "quick", 3, true), 0);
	fixture_wait(fixture, 3);
	assert_false(was_called_here());
	assert_int_equal(fixture_info(fixture, "quick").misbehaved, 1);
	fixture_destroy(fixture);
}

/* To be at it all the time is no better than to wait. */
static void computing_for_long_breaks_it_too(void **state)
{
	struct fixture *fixture = begin();

	(void)state;
	spins_ms = 100;
	assert_int_equal(deliver(fixture, "quick", 1, true), 0);
	assert_int_equal(fixture_info(fixture, "quick").misbehaved, 0);
	for (uint32_t i = 2; i < 20; i++) {
		assert_int_equal(deliver(fixture, "quick", i, true), 0);
		fixture_wait(fixture, i);
		if (!was_called_here()) {
			break;
		}
	}
	assert_false(was_called_here());
	assert_int_equal(fixture_info(fixture, "quick").misbehaved, 1);
	fixture_destroy(fixture);
}

static atomic_bool hogged;

static void *hog(void *arg)
{
	(void)arg;
	while (atomic_load(&hogged)) {
	}
	return NULL;
}

#define HOGS 4

/* Others have most of the processor that this thread is bound to. */
static void share_processor(cpu_set_t *ret_before, pthread_t others[HOGS])
{
	cpu_set_t one;
	int here = sched_getcpu();

	assert_true(here >= 0);
	assert_int_equal(sched_getaffinity(0, sizeof(*ret_before), ret_before),
			 0);
	CPU_ZERO(&one);
	CPU_SET((size_t)here, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	atomic_store(&hogged, true);
	for (int i = 0; i < HOGS; i++) {
		assert_int_equal(pthread_create(&others[i], NULL, hog, NULL),
				 0);
	}
}

static void have_processor(const cpu_set_t *before, pthread_t others[HOGS])
{
	atomic_store(&hogged, false);
	for (int i = 0; i < HOGS; i++) {
		assert_int_equal(pthread_join(others[i], NULL), 0);
	}
	assert_int_equal(sched_setaffinity(0, sizeof(*before), before), 0);
}

/* It takes long because others have the processor: forgiven. */
static void a_busy_machine_breaks_no_promise(void **state)
{
	struct fixture *fixture = begin();
	pthread_t others[HOGS];
	cpu_set_t before;

	(void)state;
	share_processor(&before, others);
	spins_ms = 40;
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(deliver(fixture, "quick", i, true), 0);
		assert_true(was_called_here());
	}
	have_processor(&before, others);
	assert_int_equal(fixture_info(fixture, "quick").misbehaved, 0);
	fixture_destroy(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_called_at_once),
		cmocka_unit_test(others_are_called_on_threads),
		cmocka_unit_test(max_tasks_holds),
		cmocka_unit_test(a_broken_promise_is_remembered),
		cmocka_unit_test(computing_for_long_breaks_it_too),
		cmocka_unit_test(a_busy_machine_breaks_no_promise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
