/*
 * Random batches, put in order and applied, against a table that does one
 * operation after the other.
 */
#include "support.h"

#include <lmdb.h>
#include <stdlib.h>

#include "store/batch_order.h"

#define ROUNDS 300
#define KEYS   40

struct model {
	int value[TABLES][KEYS]; /* -1: not there */
};

static void key_of(struct key *key, int number)
{
	/* Of two lengths, so that one begins as another does. */
	*key = (struct key){ .len = 0 };
	key_put_byte(key, (unsigned)number / 2);
	if (number % 2) {
		key_put_byte(key, 0);
	}
}

static void random_operation(struct batch *batch, struct model *model)
{
	enum table table = (enum table)(1 + rand() % 3);
	int number = rand() % KEYS;
	struct key key;
	char value[16];

	key_of(&key, number);
	switch (rand() % 8) {
	case 0:
		if (rand() % 8 == 0) {
			batch_clear_table(batch, table);
			for (int i = 0; i < KEYS; i++) {
				model->value[table][i] = -1;
			}
		}
		break;
	case 1:
	case 2:
		batch_delete(batch, table, &key);
		model->value[table][number] = -1;
		break;
	default:
		model->value[table][number] = rand() % 10000;
		(void)snprintf(value, sizeof(value), "%d",
			       model->value[table][number]);
		if (rand() % 4) {
			batch_put(batch, table, &key, slice_of(value));
		} else {
			batch_append(batch, table, &key, slice_of(value));
		}
	}
}

static void compare_table(MDB_txn *txn, MDB_dbi dbi, const int *values)
{
	for (int i = 0; i < KEYS; i++) {
		struct key key;
		char expected[16];
		MDB_val value;

		key_of(&key, i);
		MDB_val at = { .mv_size = key.len, .mv_data = key.bytes };
		int rc = mdb_get(txn, dbi, &at, &value);

		if (values[i] < 0) {
			assert_int_equal(rc, MDB_NOTFOUND);
			continue;
		}
		assert_int_equal(rc, 0);
		(void)snprintf(expected, sizeof(expected), "%d", values[i]);
		assert_int_equal(value.mv_size, strlen(expected));
		assert_memory_equal(value.mv_data, expected, value.mv_size);
	}
}

static MDB_env *open_env(const char *folder, MDB_dbi tables[TABLES])
{
	MDB_env *env;
	MDB_txn *txn;

	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_set_maxdbs(env, TABLES), 0);
	assert_int_equal(mdb_env_open(env, folder, MDB_NOSYNC, 0600), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	for (int i = 0; i < TABLES; i++) {
		char name[8];

		(void)snprintf(name, sizeof(name), "t%d", i);
		assert_int_equal(
		    mdb_dbi_open(txn, name, MDB_CREATE, &tables[i]), 0);
	}
	assert_int_equal(mdb_txn_commit(txn), 0);
	return env;
}

static void it_is_as_if_done_in_turn(void **state)
{
	struct batch batch = { 0 };
	struct model model;
	MDB_dbi tables[TABLES];
	char *folder = test_folder();
	MDB_env *env = open_env(folder, tables);
	MDB_txn *txn;

	(void)state;
	memset(&model, 0xff, sizeof(model));
	srand(7);
	for (int round = 0; round < ROUNDS; round++) {
		int count = rand() % 200;

		batch_clear(&batch);
		for (int i = 0; i < count; i++) {
			random_operation(&batch, &model);
		}
		assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
		assert_int_equal(batch_apply(&batch, txn, tables), 0);
		/* Twice gives what once gives. */
		if (round % 3 == 0) {
			assert_int_equal(batch_apply(&batch, txn, tables), 0);
		}
		assert_int_equal(mdb_txn_commit(txn), 0);
		assert_int_equal(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn), 0);
		for (int table = 1; table <= 3; table++) {
			compare_table(txn, tables[table], model.value[table]);
		}
		mdb_txn_abort(txn);
	}
	batch_fini(&batch);
	mdb_env_close(env);
	test_remove(folder);
}

static void they_are_in_order_and_stable(void **state)
{
	struct batch batch = { 0 };
	struct model model;
	size_t *order;

	(void)state;
	srand(11);
	for (int i = 0; i < 1000; i++) {
		random_operation(&batch, &model);
	}
	batch_order(&batch, 10, batch.len, &order);
	for (size_t i = 1; i < batch.len - 10; i++) {
		int way = batch_compare(&batch, &batch.operations[order[i - 1]],
					&batch.operations[order[i]]);

		assert_true(way < 0 || (way == 0 && order[i - 1] < order[i]));
	}
	free(order);
	batch_fini(&batch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_as_if_done_in_turn),
		cmocka_unit_test(they_are_in_order_and_stable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
