/*
 * The probe commits what two steps of a real run do: the same tables, the same
 * number of rows.
 */
#include "in_folder.h"
#include "store/probe.h"
#include "store/upkeep.h"

static struct store_stat look(void)
{
	struct store_stat stat;
	struct view *view;

	assert_ok(view_open(folder, &view, &test_err));
	assert_ok(view_stat(view, &stat, &test_err));
	view_close(view);
	return stat;
}

static uint64_t rows(const struct store_stat *stat, const char *table)
{
	for (size_t i = 0; i < stat->table_count; i++) {
		if (!strcmp(stat->tables[i].name, table)) {
			return stat->tables[i].entries;
		}
	}
	return 0;
}

static struct store_stat after(enum durability durability, int commits)
{
	struct probe *probe;

	assert_ok(probe_open(folder, durability, &probe, &test_err));
	for (int i = 0; i < commits; i++) {
		assert_ok(probe_commit(probe, &test_err));
	}
	probe_close(probe);
	return look();
}

static void test_first_step(void **state)
{
	struct store_stat before = after(DURABILITY_STRICT, 0);
	struct store_stat stat = after(DURABILITY_STRICT, 1);

	(void)state;
	/* The activity, nine tasks; nine transitions of tasks and two of
	 * phases. */
	assert_int_equal(rows(&stat, "tree"), 21);
	assert_int_equal(stat.transitions, 11);
	assert_int_equal(stat.transaction, before.transaction + 1);
}

static void test_both_steps(void **state)
{
	struct store_stat stat = after(DURABILITY_RELAXED, 2);

	(void)state;
	/* A task more, the others in their places. */
	assert_int_equal(rows(&stat, "tree"), 33);
}

static void test_runs_follow_each_other(void **state)
{
	struct store_stat stat = after(DURABILITY_PIPELINED, 4);

	(void)state;
	assert_int_equal(rows(&stat, "tree"), 66);
}

static void test_nowhere(void **state)
{
	struct probe *probe = NULL;

	(void)state;
	assert_int_not_equal(
	    probe_open("/proc/nowhere", DURABILITY_STRICT, &probe, &test_err),
	    0);
	assert_null(probe);
	probe_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_first_step, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_both_steps, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_runs_follow_each_other,
						set_up, tear_down),
		cmocka_unit_test(test_nowhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
