/*
 * Damaged stores: what is read names the record that cannot be, and nothing
 * that is damaged is believed.
 */
#include <lmdb.h>

#include "looking.h"
#include "store/env.h"
#include "store/rows.h"

struct damage {
	enum table table;
	struct slice key;
	struct slice value; /* NULL: the row goes */
};

static int do_damage(struct env *env, MDB_txn *txn, void *arg)
{
	struct damage *damage = arg;
	MDB_val key = val_of(damage->key);
	MDB_val value = val_of(damage->value);

	if (!damage->value.ptr) {
		return mdb_del(txn, env->tables[damage->table], &key, NULL);
	}
	return mdb_put(txn, env->tables[damage->table], &key, &value, 0);
}

/* Damage the closed store, and open a view of it. */
static void damage_store(enum table table, struct key key, struct slice value)
{
	struct damage damage = {
		.table = table,
		.key = key_slice(&key),
		.value = value,
	};
	struct env env;

	view_close(view);
	view = NULL;
	store_close(store);
	store = NULL;
	assert_ok(env_open(&env, folder, ENV_WRITE, 1 << 20, &test_err));
	assert_ok(env_write(&env, do_damage, &damage));
	env_close(&env);
	assert_ok(view_open(folder, &view, &test_err));
}

static void run_is_damaged(const struct id *run, const char *sentence)
{
	struct run_view *got = NULL;

	assert_int_equal(view_run(view, run, &got, &test_err), E_CORRUPT);
	if (!strstr(test_err.msg, sentence)) {
		fail_msg("'%s' is not in '%s'", sentence, test_err.msg);
	}
	assert_null(got);
}

#define GARBAGE SLICE("\x01garbage")

static void damaged_run(void **state)
{
	(void)state;
	struct run_record run = put_run(1);
	struct view_query query = { 0 };
	struct run_list list;

	commit();
	damage_store(TABLE_RUNS, key_run(&run.id), GARBAGE);
	run_is_damaged(&run.id, "runs/0");
	assert_int_equal(view_list(view, &query, &list, &test_err), E_CORRUPT);
	assert_non_null(strstr(test_err.msg, "runs/0"));
}

static void damaged_task(void **state)
{
	(void)state;
	struct run_record run = put_run(1);

	commit();
	damage_store(TABLE_TREE, key_tree(&run.id, TREE_TASK, 2), GARBAGE);
	run_is_damaged(&run.id, "/task/2 is damaged");
}

static void missing_task(void **state)
{
	(void)state;
	struct run_record run = put_run(1);

	commit();
	damage_store(TABLE_TREE, key_tree(&run.id, TREE_TASK, 1),
		     (struct slice){ 0 });
	run_is_damaged(&run.id, "/task/2 is damaged");
}

static void missing_last_task(void **state)
{
	(void)state;
	struct run_record run = test_run(1);
	struct definition *definition = test_definition(1);

	memcpy(run.version, definition->hash, DEFINITION_HASH_SIZE);
	run.task_count = 1u << 31; /* and no memory for so many either */
	store_put_definition(store, definition);
	store_put_run(store, &run, -1);
	definition_unref(definition);
	commit();
	run_is_damaged(&run.id, "/task/0 is damaged");
}

static void damaged_document(void **state)
{
	(void)state;
	struct run_record run = put_run(1);

	commit();
	damage_store(TABLE_TREE,
		     key_tree(&run.id, TREE_DOCUMENT, DOCUMENT_STASH),
		     SLICE("\x01\xdf\xff\xff\xff\xff"));
	run_is_damaged(&run.id, "/document/2 is damaged");
}

static void output_without_task(void **state)
{
	(void)state;
	struct run_record run = put_run(1);

	commit();
	damage_store(TABLE_TREE, key_tree(&run.id, TREE_OUTPUT, 4),
		     SLICE("\x01\xc0"));
	run_is_damaged(&run.id, "/output/4 is damaged");
}

static void activity_beyond_definition(void **state)
{
	(void)state;
	struct run_record run = put_run(1);
	struct activity_record activity = { .index = 3 };

	store_put_activity(store, &run.id, &activity);
	commit();
	run_is_damaged(&run.id, "/activity/3 is damaged");
}

static void unknown_kind_in_tree(void **state)
{
	(void)state;
	struct history_list list;
	struct run_record run = put_run(1);

	commit();
	damage_store(TABLE_TREE, key_tree(&run.id, (enum tree_kind)99, 0),
		     GARBAGE);
	assert_int_equal(view_history(view, &run.id, &list, &test_err),
			 E_CORRUPT);
	damage_store(TABLE_TREE, key_tree(&run.id, (enum tree_kind)0, 0),
		     GARBAGE);
	run_is_damaged(&run.id, "/unknown/0 is damaged");
}

static void short_key_in_tree(void **state)
{
	(void)state;
	struct run_record run = put_run(1);

	commit();
	damage_store(TABLE_TREE, key_run(&run.id), GARBAGE);
	run_is_damaged(&run.id, "is damaged");
}

static struct key definition_key(const struct run_record *run)
{
	struct key key = { .len = 0 };

	key_put(&key, run->version, DEFINITION_HASH_SIZE);
	return key;
}

static void damaged_definition(void **state)
{
	(void)state;
	struct run_record run = put_run(1);
	struct definition *got = NULL;

	commit();
	damage_store(TABLE_DEFINITIONS, definition_key(&run), GARBAGE);
	run_is_damaged(&run.id, "defs/sha256:");
	assert_int_equal(view_definition(view, run.version, &got, &test_err),
			 E_CORRUPT);
	assert_null(got);
}

static void missing_definition(void **state)
{
	(void)state;
	struct run_record run = put_run(1);

	commit();
	damage_store(TABLE_DEFINITIONS, definition_key(&run),
		     (struct slice){ 0 });
	run_is_damaged(&run.id, "definition is gone");
}

static void damaged_history(void **state)
{
	(void)state;
	struct transition_record transition = test_transition();
	struct id run = test_id(1);
	struct history_list list;

	store_put_transition(store, &run, &transition);
	store_put_transition(store, &run, &transition);
	commit();
	damage_store(TABLE_TREE, key_history(&run, 2), GARBAGE);
	assert_int_equal(view_history(view, &run, &list, &test_err), E_CORRUPT);
	assert_non_null(strstr(test_err.msg, "transition 1 of history/0"));
}

static void damaged_plugin(void **state)
{
	(void)state;
	struct plugin_list list;

	damage_store(TABLE_PLUGINS, key_text(SLICE("zip")), GARBAGE);
	assert_int_equal(view_plugins(view, &list, &test_err), E_CORRUPT);
	assert_non_null(strstr(test_err.msg, "plugins/zip"));
}

static void index_without_run(void **state)
{
	(void)state;
	struct run_record run = put_run(1);
	struct view_query query = { .states = 1u << GROUP_PENDING };
	struct run_list list;

	commit();
	damage_store(TABLE_RUNS, key_run(&run.id), (struct slice){ 0 });
	assert_int_equal(view_list(view, &query, &list, &test_err), E_CORRUPT);
	assert_non_null(strstr(test_err.msg, "runs/0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(damaged_run),
		TEST(damaged_task),
		TEST(missing_task),
		TEST(missing_last_task),
		TEST(damaged_document),
		TEST(output_without_task),
		TEST(activity_beyond_definition),
		TEST(unknown_kind_in_tree),
		TEST(short_key_in_tree),
		TEST(damaged_definition),
		TEST(missing_definition),
		TEST(damaged_history),
		TEST(damaged_plugin),
		TEST(index_without_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
