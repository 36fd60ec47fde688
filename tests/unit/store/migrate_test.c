/*
 * Stores of earlier schemas, written by the versions that had them: they are
 * read as they are, and become stores of the newest schema when they are
 * opened for writing.
 */
#include "dump.h"
#include "store/env.h"
#include "store/rows.h"

static char *folder;

static int set_up(void **state)
{
	(void)state;
	folder = test_folder();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	test_remove(folder);
	return 0;
}

/* uid, state, tasks; newest first. */
static const struct old_run {
	const char *uid;
	enum group_state state;
	uint32_t tasks;
} old_runs[] = {
	{ "active", GROUP_WAITING, 4 }, { "stopped", GROUP_CANCELLED, 4 },
	{ "half", GROUP_DEGRADED, 4 },  { "bad", GROUP_FAILED, 3 },
	{ "good", GROUP_SUCCEEDED, 3 },
};

enum { OLD_RUNS = sizeof(old_runs) / sizeof(*old_runs) };

static void check_run(struct view *view, const struct run_record *record,
		      const struct old_run *want)
{
	struct run_view *run;
	struct history_list history;

	assert_slice(record->uid, want->uid);
	assert_ok(view_run(view, &record->id, &run, &test_err));
	assert_int_equal(run->run.state, want->state);
	assert_int_equal(run->task_count, want->tasks);
	assert_int_equal(run->activities[0].phases[PHASE_PRE].first,
			 UNKNOWN_FIRST);
	for (size_t i = 0; i < run->task_count; i++) {
		assert_false(run->tasks[i].superseded);
		assert_int_equal(run->tasks[i].failures, 0);
	}
	run_view_destroy(run);
	assert_ok(view_history(view, &record->id, &history, &test_err));
	assert_true(history.len > 10);
	history_list_fini(&history);
}

static void check_runs(struct view *view)
{
	struct view_query query = { 0 };
	struct run_list list;

	assert_ok(view_list(view, &query, &list, &test_err));
	assert_int_equal(list.len, OLD_RUNS);
	for (size_t i = 0; i < list.len; i++) {
		check_run(view, &list.runs[i], &old_runs[i]);
	}
	run_list_fini(&list);
}

static void check_pauses(struct view *view, size_t len)
{
	struct pause_list pauses;

	assert_ok(view_pauses(view, &pauses, &test_err));
	assert_int_equal(pauses.len, len);
	pause_list_fini(&pauses);
}

static void is_read(const char *dump)
{
	struct view *view;

	dump_load(dump, folder);
	/* Twice: looking does not change it. */
	for (int i = 0; i < 2; i++) {
		assert_ok(view_open(folder, &view, &test_err));
		check_runs(view);
		check_pauses(view, 0);
		view_close(view);
	}
}

static int read_ended(struct env *env, struct rows *rows)
{
	MDB_txn *txn;
	int rc = env_read(env, &txn, &test_err);

	if (rc == 0) {
		rc = rows_scan(rows, env, txn, TABLE_IX_ENDED, SLICE(""));
		mdb_txn_abort(txn);
	}
	return rc;
}

/* By state and time of their end, each with its run's id. */
static void check_ended(void)
{
	struct env env;
	struct rows rows = { 0 };
	static const enum group_state states[] = {
		GROUP_SUCCEEDED,
		GROUP_DEGRADED,
		GROUP_FAILED,
		GROUP_CANCELLED,
	};

	assert_ok(env_open(&env, folder, ENV_READ, 0, &test_err));
	assert_ok(read_ended(&env, &rows));
	assert_int_equal(rows.len, 4);
	for (size_t i = 0; i < rows.len; i++) {
		struct slice key = rows_key(&rows, i);

		assert_int_equal(key.len, 1 + 8 + ID_SIZE);
		assert_int_equal(key.ptr[0], states[i]);
	}
	rows_fini(&rows);
	env_close(&env);
}

static void is_migrated(const char *dump)
{
	struct store *store;
	struct view *view;

	dump_load(dump, folder);
	assert_ok(store_open(folder, &store, &test_err));
	view = view_of_store(store);
	check_runs(view);
	store_put_pause(store, SLICE("Parcel"), SLICE("operator uid 0"), 5);
	assert_ok(store_commit(store, &test_err));
	check_pauses(view, 1);
	view_close(view);
	store_close(store);
	check_ended();
	/* Once is enough. */
	assert_ok(store_open(folder, &store, &test_err));
	store_close(store);
	check_ended();
}

static void first_schema_is_read(void **state)
{
	(void)state;
	is_read("schema1.dump");
}

static void second_schema_is_read(void **state)
{
	(void)state;
	is_read("schema2.dump");
}

static void first_schema_is_migrated(void **state)
{
	(void)state;
	is_migrated("schema1.dump");
}

static void second_schema_is_migrated(void **state)
{
	(void)state;
	is_migrated("schema2.dump");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(first_schema_is_read),
		TEST(second_schema_is_read),
		TEST(first_schema_is_migrated),
		TEST(second_schema_is_migrated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
