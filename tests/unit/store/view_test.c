/*
 * Views of one run, its history, plugins and definitions; and what is said of
 * a store that is not there.
 */
#include <lmdb.h>

#include "looking.h"

static int64_t number_in(const struct value *document)
{
	return value_get_int(document, "n", -1);
}

static void whole_run(void **state)
{
	(void)state;
	struct run_record run = put_run(1);
	struct run_view *got;

	put_document(&run.id, DOCUMENT_ATTRIBUTES, 1);
	put_document(&run.id, DOCUMENT_INPUT, 2);
	put_document(&run.id, DOCUMENT_STASH, 3);
	put_document(&run.id, DOCUMENT_SKIPS, 4);
	commit();
	assert_ok(view_run(view, &run.id, &got, &test_err));
	assert_true(id_equal(&got->run.id, &run.id));
	assert_slice(got->run.workflow, "flow");
	assert_int_equal(number_in(&got->attributes), 1);
	assert_int_equal(number_in(&got->input), 2);
	assert_int_equal(number_in(&got->stash), 3);
	assert_int_equal(number_in(&got->skips), 4);
	assert_int_equal(got->definition->len, 3);
	assert_int_equal(got->activity_count, 3);
	assert_int_equal(got->activities[1].state, GROUP_RUNNING);
	assert_int_equal(got->activities[2].state, GROUP_PENDING);
	assert_int_equal(got->activities[2].index, 2);
	assert_int_equal(got->task_count, 4);
	assert_slice(got->tasks[3].name, "done");
	assert_int_equal(number_in(&got->outputs[0]), 10);
	assert_int_equal(got->outputs[2].type, VALUE_NULL);
	run_view_destroy(got);
	run_view_destroy(NULL);
}

static void outputs_by_name(void **state)
{
	(void)state;
	struct run_record run = put_run(1);
	struct run_view *got;

	commit();
	assert_ok(view_run(view, &run.id, &got, &test_err));
	struct value outputs = run_view_outputs(got);

	run_view_destroy(got);
	assert_int_equal(value_len(&outputs), 2);
	const struct value *first = value_get(&outputs, "Step1");
	const struct value *second = value_get(&outputs, "Step2");

	assert_int_equal(value_len(first), 2);
	assert_int_equal(number_in(value_get(first, "scan")), 10);
	assert_int_equal(number_in(value_get(first, "thumb")), 11);
	assert_int_equal(value_len(second), 1);
	assert_int_equal(number_in(value_get(second, "done")), 13);
	value_clear(&outputs);
}

static void run_without_anything(void **state)
{
	(void)state;
	struct definition *definition = test_definition(0);
	struct run_record run = test_run(1);
	struct run_view *got;

	memcpy(run.version, definition->hash, DEFINITION_HASH_SIZE);
	store_put_definition(store, definition);
	store_put_run(store, &run, -1);
	store_put_document(store, &run.id, DOCUMENT_INPUT, SLICE(""));
	commit();
	assert_ok(view_run(view, &run.id, &got, &test_err));
	assert_int_equal(got->activity_count, 0);
	assert_int_equal(got->task_count, 0);
	assert_int_equal(got->attributes.type, VALUE_NULL);
	assert_int_equal(got->input.type, VALUE_NULL);
	struct value outputs = run_view_outputs(got);

	assert_int_equal(value_len(&outputs), 0);
	value_clear(&outputs);
	run_view_destroy(got);
	definition_unref(definition);
}

/* Neighbours in key order do not leak into each other. */
static void runs_are_apart(void **state)
{
	(void)state;
	struct run_record a = test_run(1);
	struct run_record first = put_run(2);
	struct run_record second = put_run(3);
	struct run_view *got;

	assert_false(id_equal(&first.id, &second.id));
	put_document(&second.id, DOCUMENT_STASH, 9);
	commit();
	assert_ok(view_run(view, &first.id, &got, &test_err));
	assert_int_equal(got->task_count, 4);
	assert_int_equal(got->stash.type, VALUE_NULL);
	run_view_destroy(got);
	got = NULL;
	assert_int_equal(view_run(view, &a.id, &got, &test_err), E_NOT_FOUND);
	assert_non_null(strstr(test_err.msg, "no run 0"));
	assert_null(got);
}

/* ---- history, plugins, definitions ---- */

static void history_in_order(void **state)
{
	(void)state;
	struct id run = test_id(1);
	struct id other = test_id(2);
	struct history_list list;

	for (int i = 0; i < 300; i++) {
		struct transition_record transition = test_transition();

		transition.time_us = i;
		transition.sequence = 12345; /* the store's to give */
		store_put_transition(store, i % 3 ? &run : &other, &transition);
	}
	commit();
	assert_ok(view_history(view, &run, &list, &test_err));
	assert_int_equal(list.len, 200);
	for (size_t i = 0; i < list.len; i++) {
		assert_int_equal(list.transitions[i].sequence,
				 list.transitions[i].time_us + 1);
		assert_int_equal(list.transitions[i].from, -1);
		assert_slice(list.transitions[i].actor, "engine");
	}
	history_list_fini(&list);
	history_list_fini(&list);
	struct id none = test_id(3);

	assert_ok(view_history(view, &none, &list, &test_err));
	assert_int_equal(list.len, 0);
	history_list_fini(&list);
}

static void plugins_are_replaced(void **state)
{
	(void)state;
	struct plugin_record plugins[] = {
		{ .name = SLICE("zip"), .subscriptions = SLICE("[1]") },
		{ .name = SLICE("ack"), .help = SLICE("helps") },
	};
	struct plugin_list list;

	store_put_plugins(store, plugins, 2);
	commit();
	assert_ok(view_plugins(view, &list, &test_err));
	assert_int_equal(list.len, 2);
	assert_slice(list.plugins[0].name, "ack");
	assert_slice(list.plugins[0].help, "helps");
	assert_slice(list.plugins[1].name, "zip");
	assert_slice(list.plugins[1].subscriptions, "[1]");
	plugin_list_fini(&list);
	store_put_plugins(store, plugins, 1);
	commit();
	assert_ok(view_plugins(view, &list, &test_err));
	assert_int_equal(list.len, 1);
	assert_slice(list.plugins[0].name, "zip");
	plugin_list_fini(&list);
	store_put_plugins(store, NULL, 0);
	commit();
	assert_ok(view_plugins(view, &list, &test_err));
	assert_int_equal(list.len, 0);
	plugin_list_fini(&list);
}

static void one_plugin_is_put_and_deleted(void **state)
{
	(void)state;
	struct plugin_record zip = {
		.name = SLICE("zip"),
		.form = SLICE("process"),
		.state = SLICE("quarantined"),
		.message = SLICE("crashed twice"),
		.params = SLICE("[]"),
		.crashes = 2,
		.quarantined = true,
		.ephemeral = true,
	};
	struct plugin_record ack = { .name = SLICE("ack") };
	struct plugin_list list;

	store_put_plugin(store, &zip);
	store_put_plugin(store, &ack);
	commit();
	zip.max_tasks = 7;
	store_put_plugin(store, &zip);
	store_delete_plugin(store, SLICE("ack"));
	store_delete_plugin(store, SLICE("nobody"));
	commit();
	assert_ok(view_plugins(view, &list, &test_err));
	assert_int_equal(list.len, 1);
	assert_slice(list.plugins[0].name, "zip");
	assert_slice(list.plugins[0].state, "quarantined");
	assert_slice(list.plugins[0].message, "crashed twice");
	assert_slice(list.plugins[0].params, "[]");
	assert_int_equal(list.plugins[0].max_tasks, 7);
	assert_int_equal(list.plugins[0].crashes, 2);
	assert_true(list.plugins[0].quarantined);
	assert_true(list.plugins[0].ephemeral);
	plugin_list_fini(&list);
}

static void definition_by_hash(void **state)
{
	(void)state;
	struct definition *definition = test_definition(5);
	struct definition *got = NULL;
	unsigned char hash[DEFINITION_HASH_SIZE] = { 1 };

	store_put_definition(store, definition);
	commit();
	assert_ok(view_definition(view, definition->hash, &got, &test_err));
	assert_string_equal(got->workflow, "flow");
	assert_int_equal(got->len, 5);
	assert_string_equal(got->activities[4].name, "Step5");
	assert_memory_equal(got->hash, definition->hash, sizeof(hash));
	definition_unref(got);
	got = NULL;
	assert_int_equal(view_definition(view, hash, &got, &test_err),
			 E_NOT_FOUND);
	assert_null(got);
	definition_unref(definition);
}

static void owner_is_us(void **state)
{
	(void)state;
	struct run_record run = test_run(1);
	struct view_owner owner;

	store_put_run(store, &run, -1);
	commit();
	assert_ok(view_owner(view, &owner, &test_err));
	assert_true(owner.alive);
	assert_int_equal(owner.pid, getpid());
	assert_true(owner.last_write_us > TEST_MS * 1000);
	view_close(view);
	store_close(store);
	store = NULL;
	view = NULL;
	assert_ok(view_open(folder, &view, &test_err));
	assert_ok(view_owner(view, &owner, &test_err));
	assert_false(owner.alive);
	assert_int_equal(owner.pid, 0);
	assert_true(owner.last_write_us > TEST_MS * 1000);
}

/* ---- no store ---- */

static void no_store_there(void **state)
{
	(void)state;
	struct view *none = NULL;
	char *empty = test_folder();

	assert_int_equal(view_open("/no/such/place", &none, &test_err),
			 E_NOT_FOUND);
	assert_string_equal(test_err.msg,
			    "no store at /no/such/place: start one with tutti "
			    "serve or tutti run");
	assert_int_equal(view_open(empty, &none, &test_err), E_NOT_FOUND);
	/* Looking leaves nothing behind. */
	assert_int_equal(rmdir(empty), 0);
	assert_null(none);
	view_close(NULL);
	free(empty);
}

/* A writer that was killed before its first commit. */
static void store_without_tables(void **state)
{
	(void)state;
	struct view *none = NULL;
	char *place = test_folder();
	MDB_env *env;

	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_open(env, place, 0, 0600), 0);
	mdb_env_close(env);
	assert_int_equal(view_open(place, &none, &test_err), E_NOT_FOUND);
	test_remove(place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(whole_run),
		TEST(outputs_by_name),
		TEST(run_without_anything),
		TEST(runs_are_apart),
		TEST(history_in_order),
		TEST(plugins_are_replaced),
		TEST(one_plugin_is_put_and_deleted),
		TEST(definition_by_hash),
		TEST(owner_is_us),
		TEST(no_store_there),
		TEST(store_without_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
