/*
 * Deleting runs: gone with the commit, swept away in pieces, also by the next
 * process; and the index of what ended when, which says what is due.
 */
#include "looking.h"
#include "store/env.h"
#include "store/rows.h"

#define TRANSITIONS 20
#define MESSAGES    3

/* Dead ones, with two documents that they share. */
static void put_messages(const struct id *run)
{
	struct message_record message = {
		.run = *run,
		.queue = SLICE("ocr"),
		.plugin = SLICE("scanner"),
		.state = MESSAGE_DEAD,
		.parts = { { 1 }, { 2 } },
	};

	store_put_part(store, run, message.parts[0], SLICE("\xc0"));
	store_put_part(store, run, message.parts[1], SLICE("\xc1"));
	for (uint32_t i = 0; i < MESSAGES; i++) {
		message.task = i;
		store_put_message(store, &message);
	}
}

static struct run_record put_ended(unsigned n, int64_t ended_us)
{
	struct run_record run = put_run(n);
	struct transition_record transition = test_transition();

	for (int i = 0; i < TRANSITIONS; i++) {
		store_put_transition(store, &run.id, &transition);
	}
	put_messages(&run.id);
	run.state = GROUP_SUCCEEDED;
	run.ended_us = ended_us;
	store_put_run(store, &run, GROUP_PENDING);
	return run;
}

static struct run_record put_with_uid(unsigned n, const char *uid)
{
	struct run_record run = test_run(n);

	run.uid = slice_of(uid);
	run.state = GROUP_FAILED;
	run.ended_us = 5;
	store_put_run(store, &run, -1);
	return run;
}

/* How many rows a table has, but those of `defs` and `meta`. */
static size_t rows_in(struct env *env, enum table table)
{
	struct rows rows = { 0 };
	MDB_txn *txn;

	assert_ok(env_read(env, &txn, &test_err));
	assert_int_equal(rows_scan(&rows, env, txn, table, SLICE("")), 0);
	mdb_txn_abort(txn);
	size_t len = rows.len;

	rows_fini(&rows);
	return len;
}

/* In the files, from the outside. */
static size_t count(enum table table)
{
	struct env env;

	view_close(view);
	store_close(store);
	view = NULL;
	store = NULL;
	assert_ok(env_open(&env, folder, ENV_READ, 0, &test_err));
	size_t len = rows_in(&env, table);

	env_close(&env);
	assert_ok(store_open(folder, &store, &test_err));
	view = view_of_store(store);
	return len;
}

static void check_count(enum table table, size_t want)
{
	size_t len = count(table);

	if (len != want) {
		fail_msg("%s has %zu rows, not %zu", table_name(table), len,
			 want);
	}
}

static void sweep_all(size_t piece)
{
	while (store_sweeping(store)) {
		assert_ok(store_sweep(store, piece, &test_err));
		commit();
	}
}

static void nothing_is_left(void **state)
{
	(void)state;
	struct run_record run = put_ended(1, 100);
	struct run_record other = put_ended(2, 200);
	struct run_view *found;

	commit();
	assert_ok(store_delete_run(store, &run.id, &test_err));
	assert_true(store_sweeping(store));
	sweep_all(1000);
	assert_int_equal(view_run(view, &run.id, &found, &test_err),
			 E_NOT_FOUND);
	assert_ok(view_run(view, &other.id, &found, &test_err));
	assert_int_equal(found->task_count, 4);
	run_view_destroy(found);
	check_count(TABLE_RUNS, 1);
	check_count(TABLE_TREE, 2 + 4 + 3 + TRANSITIONS);
	check_count(TABLE_MESSAGES, MESSAGES);
	check_count(TABLE_PARTS, 2);
	check_count(TABLE_IX_STATE, 1);
	check_count(TABLE_IX_ENDED, 1);
	check_count(TABLE_IX_FLOW, 1);
	check_count(TABLE_DOOMED, 0);
	assert_false(store_sweeping(store));
}

/* Whatever the size of the pieces, 1 being the smallest. */
static void in_pieces(void **state)
{
	(void)state;
	for (size_t piece = 1; piece < 12; piece++) {
		struct run_record run = put_ended((unsigned)piece, 100);

		commit();
		assert_ok(store_delete_run(store, &run.id, &test_err));
		sweep_all(piece);
	}
	check_count(TABLE_TREE, 0);
	check_count(TABLE_MESSAGES, 0);
	check_count(TABLE_PARTS, 0);
	check_count(TABLE_DOOMED, 0);
}

/* The process ends after each piece: the next one goes on. */
static void next_process_goes_on(void **state)
{
	(void)state;
	struct run_record run = put_ended(1, 100);
	int pieces = 0;

	commit();
	assert_ok(store_delete_run(store, &run.id, &test_err));
	commit();
	check_count(TABLE_RUNS, 0);
	check_count(TABLE_DOOMED, 1);
	while (store_sweeping(store)) {
		assert_ok(store_sweep(store, 7, &test_err));
		commit();
		(void)count(TABLE_RUNS);
		pieces++;
	}
	assert_true(pieces > 3);
	check_count(TABLE_TREE, 0);
	check_count(TABLE_MESSAGES, 0);
	check_count(TABLE_PARTS, 0);
	check_count(TABLE_DOOMED, 0);
}

/* From the call on, not only from the commit. */
static void gone_at_once(void **state)
{
	(void)state;
	struct run_record run = put_with_uid(1, "order 7");
	struct run_view *found;
	struct id id;

	commit();
	assert_ok(store_find_uid(store, run.tenant, run.workflow, run.uid, &id,
				 &test_err));
	assert_ok(store_delete_run(store, &run.id, &test_err));
	assert_int_equal(view_run(view, &run.id, &found, &test_err),
			 E_NOT_FOUND);
	assert_int_equal(store_find_uid(store, run.tenant, run.workflow,
					run.uid, &id, &test_err),
			 E_NOT_FOUND);
	assert_int_equal(store_delete_run(store, &run.id, &test_err),
			 E_NOT_FOUND);
	/* Its uid is free, in the same commit. */
	struct run_record next = put_with_uid(2, "order 7");

	commit();
	sweep_all(3);
	assert_ok(store_find_uid(store, run.tenant, run.workflow, run.uid, &id,
				 &test_err));
	assert_true(id_equal(&id, &next.id));
}

static void active_ones_stay(void **state)
{
	(void)state;
	struct run_record run = put_run(1);
	struct id unknown = test_id(99);

	commit();
	assert_int_equal(store_delete_run(store, &run.id, &test_err),
			 E_CONFLICT);
	assert_non_null(strstr(test_err.msg, "cancel it first"));
	assert_int_equal(store_delete_run(store, &unknown, &test_err),
			 E_NOT_FOUND);
	assert_true(store_batch_empty(store));
	assert_false(store_sweeping(store));
}

/* ---- what ended when ---- */

static void in_order_of_their_end(void **state)
{
	(void)state;
	struct store_ended ended[4];
	struct run_record first = put_ended(3, 100);
	struct run_record second = put_ended(1, 200);
	struct run_record third = put_ended(2, 300);

	(void)third;
	put_with_uid(4, "failed");
	commit();
	assert_int_equal(
	    store_ended_until(store, GROUP_SUCCEEDED, 299, ended, 4, &test_err),
	    2);
	assert_true(id_equal(&ended[0].run, &first.id));
	assert_int_equal(ended[0].ended_us, 100);
	assert_true(id_equal(&ended[1].run, &second.id));
	assert_int_equal(
	    store_ended_until(store, GROUP_SUCCEEDED, 300, ended, 4, &test_err),
	    3);
	assert_int_equal(
	    store_ended_until(store, GROUP_SUCCEEDED, 300, ended, 1, &test_err),
	    1);
	assert_int_equal(store_ended_until(store, GROUP_CANCELLED, INT64_MAX,
					   ended, 4, &test_err),
			 0);
	/* What the batch deletes is no longer due. */
	assert_ok(store_delete_run(store, &first.id, &test_err));
	assert_int_equal(
	    store_ended_until(store, GROUP_SUCCEEDED, 100, ended, 4, &test_err),
	    0);
}

/* A run that goes on after its end, and ends again. */
static void again_and_again(void **state)
{
	(void)state;
	struct store_ended ended[4];
	struct run_record run = put_ended(1, 100);

	commit();
	run.state = GROUP_RUNNING;
	run.ended_us = 0;
	store_put_run(store, &run, GROUP_SUCCEEDED);
	commit();
	check_count(TABLE_IX_ENDED, 0);
	/* Within one commit, too. */
	run.state = GROUP_SUCCEEDED;
	run.ended_us = 700;
	store_put_run(store, &run, GROUP_RUNNING);
	run.state = GROUP_RUNNING;
	store_put_run(store, &run, GROUP_SUCCEEDED);
	run.state = GROUP_FAILED;
	run.ended_us = 800;
	store_put_run(store, &run, GROUP_RUNNING);
	commit();
	check_count(TABLE_IX_ENDED, 1);
	check_count(TABLE_IX_STATE, 1);
	assert_int_equal(
	    store_ended_until(store, GROUP_FAILED, 800, ended, 4, &test_err),
	    1);
	store_drop_ended(store, &ended[0]);
	commit();
	check_count(TABLE_IX_ENDED, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(nothing_is_left),      TEST(in_pieces),
		TEST(next_process_goes_on), TEST(gone_at_once),
		TEST(active_ones_stay),     TEST(in_order_of_their_end),
		TEST(again_and_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
