/*
 * Stores of earlier schemas, written by the versions that had them: they are
 * read as they are, and become stores of the newest schema when they are
 * opened for writing.
 */
#include "dump.h"
#include "in_folder.h"
#include "store/env.h"
#include "store/rows.h"
#include "store/upkeep.h"

enum { OLD_RUNS = 5 };

struct old_store {
	const char *dump;
	size_t pauses;
	int queued;       /* queues, with a message each */
	bool knows_first; /* task of a phase */
	struct old_run {
		const char *uid;
		enum group_state state;
		uint32_t tasks;
	} runs[OLD_RUNS]; /* newest first */
};

#define OLD_STORE(name)                                    \
	{                                                  \
		.dump = (name),                            \
		.runs = {                                  \
			{ "active", GROUP_WAITING, 4 },    \
			{ "stopped", GROUP_CANCELLED, 4 }, \
			{ "half", GROUP_DEGRADED, 4 },     \
			{ "bad", GROUP_FAILED, 3 },        \
			{ "good", GROUP_SUCCEEDED, 3 },    \
		},                                         \
	}

static const struct old_store first_store = OLD_STORE("schema1.dump");
static const struct old_store second_store = OLD_STORE("schema2.dump");
/* The failed run was retried in it. */
static const struct old_store third_store = {
	.dump = "schema3.dump",
	.pauses = 1,
	.knows_first = true,
	.runs = {
		{ "active", GROUP_WAITING, 3 },
		{ "stopped", GROUP_CANCELLED, 3 },
		{ "half", GROUP_DEGRADED, 4 },
		{ "bad", GROUP_FAILED, 3 },
		{ "good", GROUP_SUCCEEDED, 3 },
	},
};

/* The task of the active run is in a queue. */
#define QUEUED_STORE(name)                                        \
	{                                                         \
		.dump = (name), .queued = 1, .knows_first = true, \
		.runs = {                                         \
			{ "active", GROUP_RUNNING, 2 },           \
			{ "stopped", GROUP_CANCELLED, 2 },        \
			{ "half", GROUP_DEGRADED, 3 },            \
			{ "bad", GROUP_FAILED, 2 },               \
			{ "good", GROUP_SUCCEEDED, 2 },           \
		},                                                \
	}

static const struct old_store fourth_store = QUEUED_STORE("schema4.dump");
/* Its history has rows of several transitions. */
static const struct old_store fifth_store = QUEUED_STORE("schema5.dump");

static int count_queued(const struct run_view *run)
{
	int queued = 0;

	for (size_t i = 0; i < run->task_count; i++) {
		queued += run->tasks[i].queue.len > 0;
	}
	return queued;
}

static void check_run(struct view *view, const struct run_record *record,
		      const struct old_run *want, const struct old_store *old)
{
	struct run_view *run;
	struct history_list history;

	assert_slice(record->uid, want->uid);
	assert_ok(view_run(view, &record->id, &run, &test_err));
	assert_int_equal(run->run.state, want->state);
	assert_int_equal(run->task_count, want->tasks);
	assert_int_equal(run->activities[0].phases[PHASE_PRE].first,
			 old->knows_first ? 0 : UNKNOWN_FIRST);
	assert_int_equal(count_queued(run),
			 group_state_final(want->state) ? 0 : old->queued);
	for (size_t i = 0; i < run->task_count; i++) {
		assert_false(run->tasks[i].superseded);
		assert_int_equal(run->tasks[i].failures, 0);
	}
	run_view_destroy(run);
	assert_ok(view_history(view, &record->id, &history, &test_err));
	assert_true(history.len > 8);
	history_list_fini(&history);
}

static void check_runs(struct view *view, const struct old_store *old)
{
	struct view_query query = { 0 };
	struct run_list list;

	assert_ok(view_list(view, &query, &list, &test_err));
	assert_int_equal(list.len, OLD_RUNS);
	for (size_t i = 0; i < list.len; i++) {
		check_run(view, &list.runs[i], &old->runs[i], old);
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

static int count_queue(void *arg, const struct queue_record *queue)
{
	(void)queue;
	++*(int *)arg;
	return 0;
}

static int count_message(void *arg, const struct message_record *message)
{
	(void)message;
	++*(int *)arg;
	return 0;
}

static void check_queues(struct view *view, int queues, int messages)
{
	int queues_seen = 0;
	int messages_seen = 0;

	assert_ok(view_each_queue(view, count_queue, &queues_seen, &test_err));
	assert_ok(view_each_message(view, NULL, count_message, &messages_seen,
				    &test_err));
	assert_int_equal(queues_seen, queues);
	assert_int_equal(messages_seen, messages);
}

static void check_no_part(struct view *view)
{
	static const unsigned char hash[DEFINITION_HASH_SIZE] = { 1 };
	struct id run = test_id(1);
	struct blob *part;

	assert_int_equal(view_part(view, &run, hash, &part, &test_err),
			 E_NOT_FOUND);
}

/* By the end of its id. */
static void check_is_found(struct view *view)
{
	struct view_query query = { .limit = 1 };
	struct run_list list;
	struct id found;
	char text[ID_TEXT_SIZE];

	assert_ok(view_list(view, &query, &list, &test_err));
	id_format(&list.runs[0].id, text);
	assert_int_equal(
	    view_find(view, slice_of(text + 18), &found, 1, &test_err), 1);
	assert_memory_equal(found.bytes, list.runs[0].id.bytes, ID_SIZE);
	run_list_fini(&list);
}

static void is_read(const struct old_store *old)
{
	struct view *view;

	dump_load(old->dump, folder);
	/* Twice: looking does not change it. */
	for (int i = 0; i < 2; i++) {
		assert_ok(view_open(folder, &view, &test_err));
		check_runs(view, old);
		check_pauses(view, old->pauses);
		check_queues(view, old->queued, old->queued);
		check_no_part(view);
		check_is_found(view);
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

static void put_news(struct store *store)
{
	struct queue_record queue = {
		.name = SLICE("ocr"),
		.plugin = SLICE("scanner"),
		.policy = SLICE("{}"),
	};
	struct message_record message = {
		.run = test_id(1),
		.queue = SLICE("ocr"),
		.plugin = SLICE("scanner"),
	};

	store_put_pause(store, SLICE("Parcel"), SLICE("operator uid 0"), 5);
	store_put_queue(store, &queue);
	store_put_message(store, &message);
	assert_ok(store_commit(store, &test_err));
}

static void is_migrated(const struct old_store *old)
{
	struct store *store;
	struct store_stat stat;
	struct view *view;

	dump_load(old->dump, folder);
	assert_ok(store_open(folder, &store, &test_err));
	view = view_of_store(store);
	check_runs(view, old);
	check_queues(view, old->queued, old->queued);
	check_no_part(view);
	check_is_found(view);
	put_news(store);
	check_pauses(view, 1);
	check_queues(view, old->queued + 1, old->queued + 1);
	assert_ok(view_stat(view, &stat, &test_err));
	assert_int_equal(stat.schema, STORE_SCHEMA);
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
	is_read(&first_store);
}

static void second_schema_is_read(void **state)
{
	(void)state;
	is_read(&second_store);
}

static void third_schema_is_read(void **state)
{
	(void)state;
	is_read(&third_store);
}

static void fourth_schema_is_read(void **state)
{
	(void)state;
	is_read(&fourth_store);
}

static void fifth_schema_is_read(void **state)
{
	(void)state;
	is_read(&fifth_store);
}

static void first_schema_is_migrated(void **state)
{
	(void)state;
	is_migrated(&first_store);
}

static void second_schema_is_migrated(void **state)
{
	(void)state;
	is_migrated(&second_store);
}

static void third_schema_is_migrated(void **state)
{
	(void)state;
	is_migrated(&third_store);
}

static void fourth_schema_is_migrated(void **state)
{
	(void)state;
	is_migrated(&fourth_store);
}

static void fifth_schema_is_migrated(void **state)
{
	(void)state;
	is_migrated(&fifth_store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(first_schema_is_read),     TEST(second_schema_is_read),
		TEST(third_schema_is_read),     TEST(fourth_schema_is_read),
		TEST(first_schema_is_migrated), TEST(second_schema_is_migrated),
		TEST(third_schema_is_migrated), TEST(fourth_schema_is_migrated),
		TEST(fifth_schema_is_read),     TEST(fifth_schema_is_migrated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
