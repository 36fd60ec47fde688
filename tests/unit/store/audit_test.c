/*
 * What `store check` finds: nothing in sound stores, of any schema, and each
 * kind of damage that is done to one by hand.
 */
#include "auditing.h"
#include "dump.h"
#include "store/codec.h"
#include "store/history_row.h"

static void sound_stores(void **state)
{
	(void)state;
	commit();
	assert_sound(view, 0);
	(void)sound_run(1, 3);
	store_put_pause(store, SLICE("flow"), SLICE("somebody"), 1);
	commit();
	assert_sound(view, 1);
}

static void sound_dump(const char *name)
{
	char *other = test_folder();
	struct view *of;

	dump_load(name, other);
	assert_ok(view_open(other, &of, &test_err));
	assert_sound(of, 5);
	view_close(of);
	test_remove(other);
}

static void sound_old_stores(void **state)
{
	(void)state;
	sound_dump("schema1.dump");
	sound_dump("schema2.dump");
	sound_dump("schema3.dump");
}

/* ---- damage ---- */

static void index_without_run(void **state)
{
	(void)state;
	struct id id = test_id(77);
	struct buf uid = { 0 };

	(void)sound_run(1, 1);
	uid_encode(&uid, &id);
	put(TABLE_IX_STATE, key_state(GROUP_FAILED, &id), SLICE(""));
	put(TABLE_IX_FLOW, key_flow(SLICE("t"), SLICE("w"), &id), SLICE(""));
	put(TABLE_IX_UID, key_uid(SLICE("u"), SLICE("t"), SLICE("w")),
	    buf_slice(&uid));
	put(TABLE_IX_ENDED, key_ended(GROUP_FAILED, 3, &id), SLICE(""));
	assert_found("run: ix_state: there is no such run\n"
		     "run: ix_flow: there is no such run\n"
		     "run: ix_uid: there is no such run\n"
		     "run: ix_ended: there is no such run\n");
	buf_fini(&uid);
}

static void run_without_index(void **state)
{
	(void)state;
	struct run_record run = sound_run(1, 1);

	drop(TABLE_IX_STATE, key_state(GROUP_SUCCEEDED, &run.id));
	drop(TABLE_IX_FLOW, key_flow(run.tenant, run.workflow, &run.id));
	drop(TABLE_IX_UID, key_uid(run.uid, run.tenant, run.workflow));
	drop(TABLE_IX_ENDED, key_ended(run.state, run.ended_us, &run.id));
	assert_found("run: is not in ix_state as succeeded\n"
		     "run: is not in ix_flow\n"
		     "run: is not in ix_ended\n"
		     "run: is not in ix_uid\n");
}

static void index_of_another_state(void **state)
{
	(void)state;
	struct run_record run = sound_run(1, 1);

	put(TABLE_IX_STATE, key_state(GROUP_FAILED, &run.id), SLICE(""));
	put(TABLE_IX_ENDED, key_ended(GROUP_SUCCEEDED, 51, &run.id), SLICE(""));
	assert_found("run: ix_state: is there in a state that it is not in\n"
		     "run: ix_ended: is there with another end\n");
}

static void rows_of_nobody(void **state)
{
	(void)state;
	struct id low = test_id(0);
	struct id high = test_id(99);

	(void)sound_run(1, 1);
	put(TABLE_TREE, key_tree(&low, TREE_TASK, 0), SLICE("x"));
	put(TABLE_TREE, key_tree(&low, TREE_TASK, 1), SLICE("x"));
	put(TABLE_OLD_HISTORY, key_run(&high), SLICE("x"));
	assert_found("run: tree: rows of a run that is not there\n"
		     "run: history: rows of a run that is not there\n");
	/* Those of one that is deleted are to be expected. */
	put(TABLE_DOOMED, key_run(&low), SLICE(""));
	put(TABLE_DOOMED, key_run(&high), SLICE(""));
	assert_sound(view, 1);
}

static void definition_gone(void **state)
{
	(void)state;
	struct run_record run = sound_run(1, 1);
	struct key key = key_text(
	    (struct slice){ (char *)run.version, DEFINITION_HASH_SIZE });

	drop(TABLE_DEFINITIONS, key);
	(void)check_of(view);
	assert_non_null(strstr(said.data, "its definition is gone"));
}

/* One of another workflow under its hash. */
static void definition_of_another_hash(void **state)
{
	(void)state;
	struct run_record run = sound_run(1, 1);
	struct definition *other = test_definition(1);
	struct value document = definition_to_value(other);
	struct buf bytes = { 0 };

	value_set(&document, "workflow", value_text("other"));
	buf_put_byte(&bytes, 1);
	pack_write(&bytes, &document);
	put(TABLE_DEFINITIONS,
	    key_text(
		(struct slice){ (char *)run.version, DEFINITION_HASH_SIZE }),
	    buf_slice(&bytes));
	(void)check_of(view);
	assert_non_null(strstr(said.data, "defs: sha256:"));
	assert_non_null(strstr(said.data, "is not what its hash says"));
	assert_non_null(strstr(said.data, "run: its definition is one of "
					  "another workflow"));
	buf_fini(&bytes);
	value_clear(&document);
	definition_unref(other);
}

static void unreadable_records(void **state)
{
	(void)state;
	struct id id = test_id(5);
	struct run_record run = sound_run(1, 2);

	put(TABLE_RUNS, key_run(&id), SLICE("\x01junk"));
	put(TABLE_TREE, key_tree(&run.id, TREE_TASK, 1), SLICE("\x01junk"));
	put(TABLE_PLUGINS, key_text(SLICE("p")), SLICE("junk"));
	put(TABLE_PAUSES, key_pause(SLICE("w")), SLICE("junk"));
	(void)check_of(view);
	assert_non_null(strstr(said.data, "run: its record cannot be read\n"));
	assert_non_null(strstr(said.data, "task/1 is damaged\n"));
	assert_non_null(strstr(said.data, "plugins: p cannot be read\n"));
	assert_non_null(strstr(said.data, "pauses: one cannot be read\n"));
}

static void missing_task(void **state)
{
	(void)state;
	struct run_record run = sound_run(1, 2);

	drop(TABLE_TREE, key_tree(&run.id, TREE_TASK, 0));
	(void)check_of(view);
	assert_non_null(strstr(said.data, "task/1 is damaged\n"));
}

/* ---- history ---- */

static void history_of_nowhere(void **state)
{
	(void)state;
	struct run_record run = sound_run(1, 1);
	struct run_record other = sound_run(2, 1);
	struct transition_record transition = test_transition();
	struct buf bytes = { 0 };

	transition.kind = OBJECT_TASK;
	transition.task = 7;
	(void)history_row_put(&bytes, &transition, 1);
	/* Its uid is the other's: only the last one has it. */
	put(TABLE_TREE, key_history(&run.id, 2), buf_slice(&bytes));
	put(TABLE_TREE, key_history(&run.id, 9), SLICE("\x01junk"));
	(void)other;
	(void)check_of(view);
	assert_non_null(strstr(said.data, "run: history: transition 2 is of "
					  "nothing that is there\n"));
	assert_non_null(strstr(said.data, "run: history: transition 2 is "
					  "there twice\n"));
	assert_non_null(strstr(said.data, "run: history: transition 9 is "
					  "beyond the last one given, 2\n"));
	assert_non_null(
	    strstr(said.data, "run: history: transition 9 cannot be read\n"));
	assert_non_null(
	    strstr(said.data, "run: its entry in ix_uid leads elsewhere\n"));
	buf_fini(&bytes);
}

/* ---- states that do not go together ---- */

static void phase_that_hangs(void **state)
{
	(void)state;
	struct run_record run = sound_run(1, 2);
	struct activity_record activity = {
		.state = GROUP_RUNNING,
		.phases[PHASE_PARALLEL] = { .opened = true,
					    .mandatory_done = true,
					    .expected = 2,
					    .finished = 2,
					    .state = GROUP_RUNNING },
	};

	run.state = GROUP_RUNNING;
	run.ended_us = 0;
	commit();
	store_put_run(store, &run, GROUP_SUCCEEDED);
	store_put_activity(store, &run.id, &activity);
	commit();
	assert_found("run: Step1/parallel: is running, though all its tasks "
		     "have ended\n");
}

static void counts_that_are_wrong(void **state)
{
	(void)state;
	struct run_record run = sound_run(1, 2);
	struct activity_record activity = {
		.state = GROUP_SUCCEEDED,
		.phases[PHASE_PARALLEL] = { .opened = true,
					    .expected = 3,
					    .finished = 1,
					    .first = 1,
					    .state = GROUP_SUCCEEDED },
	};

	store_put_activity(store, &run.id, &activity);
	commit();
	assert_found(
	    "run: Step1/parallel: expects 3 tasks, there are 2\n"
	    "run: Step1/parallel: counts 1 finished tasks, there are 2\n"
	    "run: Step1/parallel: 0 mandatory tasks are open, "
	    "'mandatory_done' says some\n"
	    "run: Step1/parallel: its tasks begin at 1 of 2\n");
}

static void tasks_of_another_phase(void **state)
{
	(void)state;
	struct run_record run = sound_run(1, 2);
	struct task_record task = test_task(1);

	task.phase = PHASE_POST;
	task.state = TASK_SUCCEEDED;
	store_put_task(store, &run.id, &task);
	commit();
	assert_found("run: Step1/parallel: expects 2 tasks, there are 1\n"
		     "run: Step1/parallel: counts 2 finished tasks, there "
		     "are 1\n"
		     "run: Step1/parallel: task 1 is not one of its tasks\n"
		     "run: Step1/post: expects 0 tasks, there are 1\n"
		     "run: Step1/post: counts 0 finished tasks, there are "
		     "1\n");
}

static void ended_and_yet_not(void **state)
{
	(void)state;
	struct run_record run = sound_run(1, 1);
	struct task_record task = test_task(0);
	struct activity_record activity = {
		.state = GROUP_WAITING,
		.phases[PHASE_PARALLEL] = { .opened = true,
					    .mandatory_done = true,
					    .expected = 1,
					    .state = GROUP_WAITING },
	};

	task.phase = PHASE_PARALLEL;
	task.state = TASK_WAITING;
	run.ended_us = 0;
	store_put_task(store, &run.id, &task);
	store_put_activity(store, &run.id, &activity);
	store_put_run(store, &run, GROUP_SUCCEEDED);
	commit();
	(void)check_of(view);
	assert_non_null(strstr(said.data, "run: is succeeded and has no time "
					  "of its end\n"));
	assert_non_null(strstr(said.data, "run: has ended, though its task 0 "
					  "is waiting\n"));
	assert_non_null(strstr(said.data, "run: has ended, though its "
					  "activity Step1 is waiting\n"));
}

static void failure_that_does_not_show(void **state)
{
	(void)state;
	struct run_record run = sound_run(1, 2);
	struct task_record task = test_task(1);

	task.phase = PHASE_PARALLEL;
	task.mandatory = true;
	task.state = TASK_FAILED;
	store_put_task(store, &run.id, &task);
	commit();
	assert_found("run: Step1/parallel: is succeeded, though a mandatory "
		     "task has failed\n");
}

/* Tasks of a visit that was taken back belong to no phase. */
static void superseded_tasks(void **state)
{
	(void)state;
	struct run_record run = sound_run(1, 2);
	struct task_record task = test_task(2);

	run.task_count = 3;
	task.phase = PHASE_PARALLEL;
	task.superseded = true;
	task.state = TASK_FAILED;
	store_put_run(store, &run, GROUP_SUCCEEDED);
	store_put_task(store, &run.id, &task);
	commit();
	assert_sound(view, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, down)
		TEST(sound_stores),           TEST(sound_old_stores),
		TEST(index_without_run),      TEST(run_without_index),
		TEST(index_of_another_state), TEST(rows_of_nobody),
		TEST(definition_gone),        TEST(definition_of_another_hash),
		TEST(unreadable_records),     TEST(missing_task),
		TEST(history_of_nowhere),     TEST(phase_that_hangs),
		TEST(counts_that_are_wrong),  TEST(tasks_of_another_phase),
		TEST(ended_and_yet_not),      TEST(failure_that_does_not_show),
		TEST(superseded_tasks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
