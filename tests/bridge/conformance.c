#include "conformance.h"

struct trial {
	const struct driver_under_test *driver;
	const struct conformance_test *test;
	struct rig *rig;
};

static int set_up(void **state)
{
	struct trial *trial = *state;

	trial->rig = rig_create(trial->driver);
	return 0;
}

static void run(void **state)
{
	struct trial *trial = *state;

	trial->test->run(trial->rig);
}

static int tear_down(void **state)
{
	struct trial *trial = *state;

	rig_destroy(trial->rig);
	return 0;
}

struct plan {
	struct CMUnitTest *tests;
	size_t len;
	size_t cap;
};

static void plan_list(struct plan *plan, const struct driver_under_test *driver,
		      const struct conformance_test *list)
{
	for (; list && list->name; list++) {
		struct trial *trial = alloc_zeroed(1, sizeof(*trial));

		trial->driver = driver;
		trial->test = list;
		alloc_grow(plan->tests, plan->len, plan->cap);
		plan->tests[plan->len++] = (struct CMUnitTest){
			.name = list->name,
			.test_func = run,
			.setup_func = set_up,
			.teardown_func = tear_down,
			.initial_state = trial,
		};
	}
}

int conformance_run(const struct driver_under_test *driver,
		    const struct conformance_test *more)
{
	const struct conformance_test *const lists[] = {
		order_tests, group_tests, time_tests,   limit_tests, dead_tests,
		part_tests,  crash_tests, random_tests, more,
	};
	struct plan plan = { 0 };
	int failed;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		plan_list(&plan, driver, lists[i]);
	}
	failed = _cmocka_run_group_tests(driver->name, plan.tests, plan.len,
					 NULL, NULL);
	for (size_t i = 0; i < plan.len; i++) {
		free(plan.tests[i].initial_state);
	}
	free(plan.tests);
	return failed;
}
