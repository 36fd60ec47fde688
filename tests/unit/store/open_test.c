/*
 * Opening a store: what is made, and whom and what it refuses.
 */
#include <lmdb.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "in_folder.h"
#include "store/env.h"

static struct store *open_store(void)
{
	struct store *store = NULL;

	assert_ok(store_open(folder, &store, &test_err));
	return store;
}

static void folder_is_made(void **state)
{
	(void)state;
	struct buf path = { 0 };
	struct store *store;
	struct stat status;

	buf_printf(&path, "%s/new", folder);
	buf_put_byte(&path, 0);
	assert_ok(store_open(path.data, &store, &test_err));
	assert_string_equal(store_directory(store), path.data);
	assert_int_equal(stat(path.data, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	path.len--;
	buf_put_text(&path, "/data.mdb");
	buf_put_byte(&path, 0);
	assert_int_equal(stat(path.data, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	store_close(store);
	buf_fini(&path);
}

static void missing_parent(void **state)
{
	(void)state;
	struct store *store = NULL;

	assert_int_equal(store_open("/no/such/place", &store, &test_err),
			 E_NOT_FOUND);
	assert_non_null(strstr(test_err.msg, "/no/such/place"));
	assert_null(store);
}

/* ---- refusals ---- */

static void second_writer_here(void **state)
{
	(void)state;
	struct store *store = open_store();
	struct store *second = NULL;
	char pid[32];

	(void)snprintf(pid, sizeof(pid), "process %ld", (long)getpid());
	assert_int_equal(store_open(folder, &second, &test_err), E_BUSY);
	assert_non_null(strstr(test_err.msg, pid));
	assert_null(second);
	store_close(store);
	store = open_store();
	store_close(store);
}

/* In a child that execs nothing and touches nothing of ours. */
static int open_in_child(void)
{
	pid_t child = fork();

	if (child == 0) {
		struct store *store = NULL;
		struct err err = { 0 };
		char pid[32];
		int rc = store_open(folder, &store, &err);

		(void)snprintf(pid, sizeof(pid), "process %ld",
			       (long)getppid());
		_exit(rc == E_BUSY && strstr(err.msg, pid) ? 0 : 1);
	}
	int status = -1;

	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void second_writer_elsewhere(void **state)
{
	(void)state;
	struct store *store = open_store();

	assert_int_equal(open_in_child(), 0);
	store_close(store);
}

/* Somebody else may neither own nor read it. */
static int try_as_nobody(void)
{
	struct store *store = NULL;
	struct view *view = NULL;
	struct err err = { 0 };

	if (setgid(65534) || setuid(65534)) {
		return 1;
	}
	if (store_open(folder, &store, &err) != E_DENIED) {
		return 2;
	}
	if (view_open(folder, &view, &err) != E_DENIED) {
		return 3;
	}
	return strstr(err.msg, "another user") ? 0 : 4;
}

static void somebody_else(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("needs root to become somebody else\n");
		skip();
	}
	int status = -1;

	store_close(open_store());
	pid_t child = fork();

	if (child == 0) {
		_exit(try_as_nobody());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int write_schema(struct env *env, MDB_txn *txn, void *number)
{
	return env_put_meta(env, txn, "schema", *(uint64_t *)number);
}

static void newer_schema(void **state)
{
	(void)state;
	uint64_t schema = STORE_SCHEMA + 1;
	struct store *store = open_store();
	struct view *view;
	struct env env;

	store_close(store);
	assert_ok(env_open(&env, folder, ENV_WRITE, 1 << 20, &test_err));
	assert_ok(env_write(&env, write_schema, &schema));
	env_close(&env);
	store = NULL;
	assert_int_equal(store_open(folder, &store, &test_err), E_VERSION);
	assert_non_null(strstr(test_err.msg, "schema 7"));
	assert_null(store);
	assert_int_equal(view_open(folder, &view, &test_err), E_VERSION);
	assert_non_null(strstr(test_err.msg, "newer tutti"));
}

static int read_schema(struct env *env, MDB_txn *txn, void *ret_number)
{
	return env_get_meta(env, txn, "schema", ret_number);
}

static void older_schema_is_raised(void **state)
{
	(void)state;
	uint64_t schema = 1;
	struct store *store = open_store();
	struct view *view;
	struct env env;

	store_close(store);
	assert_ok(env_open(&env, folder, ENV_WRITE, 1 << 20, &test_err));
	assert_ok(env_write(&env, write_schema, &schema));
	env_close(&env);
	/* Looking does not change it. */
	assert_ok(view_open(folder, &view, &test_err));
	view_close(view);
	store = open_store();
	store_close(store);
	assert_ok(env_open(&env, folder, ENV_WRITE, 1 << 20, &test_err));
	assert_ok(env_write(&env, read_schema, &schema));
	env_close(&env);
	assert_int_equal(schema, STORE_SCHEMA);
}

static int damage_schema(struct env *env, MDB_txn *txn, void *nothing)
{
	(void)nothing;
	MDB_val key = { .mv_size = 6, .mv_data = "schema" };
	MDB_val value = { .mv_size = 3, .mv_data = "\x01zz" };

	return mdb_put(txn, env->tables[TABLE_META], &key, &value, 0);
}

static void damaged_schema(void **state)
{
	(void)state;
	struct store *store = open_store();
	struct env env;

	store_close(store);
	assert_ok(env_open(&env, folder, ENV_WRITE, 1 << 20, &test_err));
	assert_ok(env_write(&env, damage_schema, NULL));
	env_close(&env);
	assert_int_equal(store_open(folder, &store, &test_err), E_CORRUPT);
}

static void file_of_something_else(void **state)
{
	(void)state;
	struct buf path = { 0 };
	struct store *store = NULL;
	char zeros[8192] = "not a store at all";

	buf_printf(&path, "%s/data.mdb", folder);
	buf_put_byte(&path, 0);
	FILE *file = fopen(path.data, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(zeros, 1, sizeof(zeros), file), sizeof(zeros));
	fclose(file);
	assert_int_equal(store_open(folder, &store, &test_err), E_CORRUPT);
	struct view *view = NULL;

	assert_int_equal(view_open(folder, &view, &test_err), E_CORRUPT);
	assert_null(store);
	buf_fini(&path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(folder_is_made),         TEST(missing_parent),
		TEST(second_writer_here),     TEST(second_writer_elsewhere),
		TEST(somebody_else),          TEST(newer_schema),
		TEST(older_schema_is_raised), TEST(damaged_schema),
		TEST(file_of_something_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
