/*
 * The writer: batches that are all or nothing, sequences, indexes, the growing
 * map.
 */
#include <lmdb.h>
#include <sys/resource.h>

#include "in_folder.h"
#include "store/env.h"

static struct store *open_store(void)
{
	struct store *store = NULL;

	assert_ok(store_open(folder, &store, &test_err));
	return store;
}

static void commit(struct store *store)
{
	assert_ok(store_commit(store, &test_err));
	assert_true(store_batch_empty(store));
}

static size_t count_runs(struct store *store)
{
	struct view *view = view_of_store(store);
	struct view_query query = { 0 };
	struct run_list list;

	assert_ok(view_list(view, &query, &list, &test_err));
	size_t len = list.len;

	run_list_fini(&list);
	view_close(view);
	return len;
}

static void batch_is_invisible_until_commit(void **state)
{
	(void)state;
	struct store *store = open_store();
	struct run_record run = test_run(1);

	assert_true(store_batch_empty(store));
	commit(store);
	store_put_run(store, &run, -1);
	assert_false(store_batch_empty(store));
	assert_int_equal(count_runs(store), 0);
	commit(store);
	assert_int_equal(count_runs(store), 1);
	store_close(store);
}

static void closing_drops_the_batch(void **state)
{
	(void)state;
	struct store *store = open_store();
	struct run_record run = test_run(1);

	store_put_run(store, &run, -1);
	store_close(store);
	store = open_store();
	assert_int_equal(count_runs(store), 0);
	store_close(store);
	store_close(NULL);
}

static void puts_copy(void **state)
{
	(void)state;
	struct store *store = open_store();
	char name[] = "mine";
	struct run_record run = test_run(1);
	struct id found;

	run.uid = slice_of(name);
	store_put_run(store, &run, -1);
	memset(name, 'x', 4);
	commit(store);
	assert_ok(store_find_uid(store, SLICE("default"), SLICE("flow"),
				 SLICE("mine"), &found, &test_err));
	assert_true(id_equal(&found, &run.id));
	store_close(store);
}

static uint64_t last_sequence(struct store *store, const struct id *run,
			      size_t *ret_len)
{
	struct view *view = view_of_store(store);
	struct history_list list;

	assert_ok(view_history(view, run, &list, &test_err));
	for (size_t i = 1; i < list.len; i++) {
		assert_true(list.transitions[i].sequence >
			    list.transitions[i - 1].sequence);
	}
	uint64_t last = list.len ? list.transitions[list.len - 1].sequence : 0;

	*ret_len = list.len;
	history_list_fini(&list);
	view_close(view);
	return last;
}

static void sequences_rise_over_reopen(void **state)
{
	(void)state;
	struct transition_record transition = test_transition();
	struct id a = test_id(1);
	struct id b = test_id(2);
	size_t len;

	for (unsigned round = 0; round < 4; round++) {
		struct store *store = open_store();

		store_put_transition(store, &a, &transition);
		store_put_transition(store, &b, &transition);
		store_put_transition(store, &a, &transition);
		commit(store);
		assert_int_equal(last_sequence(store, &a, &len), 3 * round + 3);
		assert_int_equal(len, 2 * round + 2);
		assert_int_equal(last_sequence(store, &b, &len), 3 * round + 2);
		assert_int_equal(len, round + 1);
		store_close(store);
	}
}

static void state_index_follows(void **state)
{
	(void)state;
	struct store *store = open_store();
	struct run_record run = test_run(1);
	struct view *view = view_of_store(store);

	/* Two steps in one batch, then two that change no state. */
	store_put_run(store, &run, -1);
	run.state = GROUP_RUNNING;
	store_put_run(store, &run, GROUP_PENDING);
	commit(store);
	store_put_run(store, &run, GROUP_RUNNING);
	store_put_run(store, &run, GROUP_RUNNING);
	commit(store);
	for (unsigned each = 0; each < GROUP_STATES; each++) {
		struct view_query query = { .states = 1u << each };
		struct run_list list;

		assert_ok(view_list(view, &query, &list, &test_err));
		assert_int_equal(list.len, each == GROUP_RUNNING);
		run_list_fini(&list);
	}
	view_close(view);
	store_close(store);
}

/* The index itself, which listing would forgive. */
static void one_entry_in_the_state_index(void **state)
{
	(void)state;
	static const enum group_state path[] = {
		GROUP_PENDING, GROUP_RUNNING,   GROUP_WAITING,
		GROUP_RUNNING, GROUP_SUCCEEDED,
	};
	struct store *store = open_store();
	struct run_record run = test_run(1);
	int before = -1;

	for (size_t i = 0; i < sizeof(path) / sizeof(*path); i++) {
		run.state = path[i];
		store_put_run(store, &run, before);
		before = (int)path[i];
		if (i % 2) {
			commit(store);
		}
	}
	commit(store);
	store_close(store);
	struct env env;
	MDB_txn *txn;
	MDB_stat stat;

	assert_ok(env_open(&env, folder, ENV_READ, 0, &test_err));
	assert_ok(env_read(&env, &txn, &test_err));
	assert_int_equal(mdb_stat(txn, env.tables[TABLE_IX_STATE], &stat), 0);
	assert_int_equal(stat.ms_entries, 1);
	mdb_txn_abort(txn);
	env_close(&env);
}

static void uid_is_found(void **state)
{
	(void)state;
	struct store *store = open_store();
	struct run_record run = test_run(1);
	struct run_record other = test_run(2);
	struct id found;
	char longest[201];

	memset(longest, 'u', sizeof(longest));
	run.uid = (struct slice){ longest, 200 };
	other.uid = run.uid;
	other.workflow = SLICE("flow2");
	store_put_run(store, &run, -1);
	store_put_run(store, &other, -1);
	/* The key is taken by creation, not by later changes. */
	commit(store);
	store_put_run(store, &run, GROUP_PENDING);
	commit(store);
	assert_ok(store_find_uid(store, run.tenant, run.workflow, run.uid,
				 &found, &test_err));
	assert_true(id_equal(&found, &run.id));
	assert_ok(store_find_uid(store, run.tenant, other.workflow, run.uid,
				 &found, &test_err));
	assert_true(id_equal(&found, &other.id));
	assert_int_equal(store_find_uid(store, SLICE("x"), run.workflow,
					run.uid, &found, &test_err),
			 E_NOT_FOUND);
	assert_int_equal(store_find_uid(store, run.tenant, run.workflow,
					(struct slice){ longest, 201 }, &found,
					&test_err),
			 E_NOT_FOUND);
	assert_int_equal(store_find_uid(store, run.tenant, run.workflow,
					SLICE(""), &found, &test_err),
			 E_NOT_FOUND);
	store_close(store);
}

/* The longest keys that the limits allow fit. */
static void longest_names(void **state)
{
	(void)state;
	struct store *store = open_store();
	struct run_record run = test_run(1);
	char text[200];
	struct id found;

	memset(text, 'n', sizeof(text));
	run.uid = (struct slice){ text, 200 };
	run.tenant = (struct slice){ text, 128 };
	run.workflow = (struct slice){ text, 128 };
	store_put_run(store, &run, -1);
	commit(store);
	assert_ok(store_find_uid(store, run.tenant, run.workflow, run.uid,
				 &found, &test_err));
	store_close(store);
}

/* ---- the map ---- */

static void map_grows(void **state)
{
	(void)state;
	struct definition *definition = test_definition(1);
	struct run_record run = test_run(1);
	struct run_view *view_of_run;

	setenv("TUTTI_STORE_MAP", "65536", 1);
	struct store *store = open_store();
	struct view *view = view_of_store(store);

	memcpy(run.version, definition->hash, DEFINITION_HASH_SIZE);
	run.task_count = 10000;
	store_put_definition(store, definition);
	store_put_run(store, &run, -1);
	for (uint32_t i = 0; i < 10000; i++) {
		struct task_record task = test_task(i);

		store_put_task(store, &run.id, &task);
		if (i % 1000 == 999) {
			commit(store);
		}
	}
	commit(store);
	unsetenv("TUTTI_STORE_MAP");
	assert_ok(view_run(view, &run.id, &view_of_run, &test_err));
	assert_int_equal(view_of_run->task_count, 10000);
	run_view_destroy(view_of_run);
	view_close(view);
	store_close(store);
	definition_unref(definition);
}

/* One batch that needs the map doubled several times. */
static void one_batch_grows_the_map(void **state)
{
	(void)state;
	struct id run = test_id(1);
	char *text = alloc_zeroed(1, 3 * 1024 * 1024);

	setenv("TUTTI_STORE_MAP", "65536", 1);
	struct store *store = open_store();

	unsetenv("TUTTI_STORE_MAP");
	store_put_output(store, &run, 0,
			 (struct slice){ text, 3 * 1024 * 1024 });
	commit(store);
	store_close(store);
	/* Smaller than what is there: the file decides. */
	setenv("TUTTI_STORE_MAP", "65536", 1);
	store = open_store();
	unsetenv("TUTTI_STORE_MAP");
	store_put_output(store, &run, 1,
			 (struct slice){ text, 3 * 1024 * 1024 });
	commit(store);
	store_close(store);
	free(text);
}

static rlim_t address_space(void)
{
	unsigned long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%lu", &pages), 1);
	fclose(file);
	return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static void map_cannot_grow(void **state)
{
	(void)state;
#ifdef TEST_SANITIZED /* needs all of the address space */
	print_message("a sanitizer takes the address space\n");
	skip();
#endif
	struct transition_record transition = test_transition();
	struct id run = test_id(1);
	struct rlimit limit;
	size_t len = 0;

	setenv("TUTTI_STORE_MAP", "65536", 1);
	struct store *store = open_store();

	unsetenv("TUTTI_STORE_MAP");
	store_put_transition(store, &run, &transition);
	commit(store);
	for (int i = 0; i < 40000; i++) {
		store_put_transition(store, &run, &transition);
	}
	assert_int_equal(getrlimit(RLIMIT_AS, &limit), 0);
	struct rlimit little = {
		.rlim_cur = address_space() + 256 * 1024,
		.rlim_max = limit.rlim_max,
	};

	assert_int_equal(setrlimit(RLIMIT_AS, &little), 0);
	int first = store_commit(store, &test_err);
	int second = store_commit(store, &test_err);

	assert_int_equal(setrlimit(RLIMIT_AS, &limit), 0);
	assert_int_equal(first, E_NO_MEMORY);
	assert_int_equal(second, E_NO_MEMORY);
	assert_false(store_batch_empty(store));
	assert_int_equal(last_sequence(store, &run, &len), 1);
	commit(store);
	assert_int_equal(last_sequence(store, &run, &len), 40001);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(batch_is_invisible_until_commit),
		TEST(closing_drops_the_batch),
		TEST(puts_copy),
		TEST(sequences_rise_over_reopen),
		TEST(state_index_follows),
		TEST(one_entry_in_the_state_index),
		TEST(uid_is_found),
		TEST(longest_names),
		TEST(map_grows),
		TEST(one_batch_grows_the_map),
		TEST(map_cannot_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
