/*
 * A run that is sound, damage done to it behind the store's back, and what
 * `store check` then finds.
 */
#ifndef TEST_STORE_AUDITING_H
#define TEST_STORE_AUDITING_H

#include "looking.h"
#include "store/audit.h"
#include "store/env.h"

/* The findings, a line each. */
static struct buf said;

static inline void note(void *arg, const struct id *run, const char *what)
{
	(void)arg;
	buf_printf(&said, "%s%s\n", run ? "run: " : "", what);
}

static inline struct audit check_of(struct view *of)
{
	struct audit audit = { .found = note };

	buf_clear(&said);
	assert_ok(audit_store(&audit, of, &test_err));
	buf_put_byte(&said, 0);
	said.len--;
	return audit;
}

static inline void assert_sound(struct view *of, uint64_t runs)
{
	struct audit audit = check_of(of);

	assert_string_equal(said.data, "");
	assert_int_equal(audit.findings, 0);
	assert_int_equal(audit.runs, runs);
}

/* Exactly this. */
static inline void assert_found(const char *lines)
{
	struct audit audit = check_of(view);

	assert_string_equal(said.data, lines);
	assert_true(audit.findings > 0);
}

static inline int down(void **state)
{
	buf_fini(&said);
	return tear_down(state);
}

/* A run of one activity whose parallel phase has `len` tasks, all of them
 * succeeded. */
static inline struct run_record sound_run(unsigned n, uint32_t len)
{
	struct definition *definition = test_definition(1);
	struct run_record run = test_run(n);
	struct transition_record transition = test_transition();
	struct activity_record activity = {
		.state = GROUP_SUCCEEDED,
		.visit = 1,
		.phases[PHASE_PRE] = { .opened = true,
				       .mandatory_done = true,
				       .state = GROUP_SUCCEEDED },
		.phases[PHASE_PARALLEL] = { .opened = true,
					    .mandatory_done = true,
					    .expected = len,
					    .finished = len,
					    .state = GROUP_SUCCEEDED },
		.phases[PHASE_POST] = { .opened = true,
					.mandatory_done = true,
					.first = len,
					.state = GROUP_SUCCEEDED },
	};

	memcpy(run.version, definition->hash, DEFINITION_HASH_SIZE);
	run.state = GROUP_SUCCEEDED;
	run.uid = SLICE("order 7");
	run.task_count = len;
	run.activity_count = 1;
	run.ended_us = 50;
	store_put_definition(store, definition);
	store_put_run(store, &run, -1);
	store_put_activity(store, &run.id, &activity);
	store_put_transition(store, &run.id, &transition);
	for (uint32_t i = 0; i < len; i++) {
		struct task_record task = test_task(i);

		task.phase = PHASE_PARALLEL;
		task.state = TASK_SUCCEEDED;
		task.mandatory = true;
		store_put_task(store, &run.id, &task);
	}
	definition_unref(definition);
	return run;
}

struct row {
	enum table table;
	struct key key;
	struct slice value;
	bool remove;
};

static inline int write_row(struct env *env, MDB_txn *txn, void *arg)
{
	struct row *row = arg;
	MDB_val key = { .mv_data = row->key.bytes, .mv_size = row->key.len };
	char *bytes = slice_dup(row->value);
	MDB_val value = { .mv_data = bytes, .mv_size = row->value.len };
	int rc = row->remove
		     ? mdb_del(txn, env->tables[row->table], &key, NULL)
		     : mdb_put(txn, env->tables[row->table], &key, &value, 0);

	free(bytes);
	return rc;
}

/* Behind the store's back. */
static inline void damage(const struct row *row)
{
	struct row copy = *row;
	struct env env;

	if (store) {
		commit();
	}
	view_close(view);
	store_close(store);
	store = NULL;
	assert_ok(env_open(&env, folder, ENV_WRITE, 1 << 20, &test_err));
	assert_ok(env_write(&env, write_row, &copy));
	env_close(&env);
	assert_ok(view_open(folder, &view, &test_err));
}

static inline void put(enum table table, struct key key, struct slice value)
{
	struct row row = { .table = table, .key = key, .value = value };

	damage(&row);
}

static inline void drop(enum table table, struct key key)
{
	struct row row = { .table = table, .key = key, .remove = true };

	damage(&row);
}

#endif
