/*
 * A store with a run in it, and a view: what tests of views start with.
 */
#ifndef TEST_STORE_LOOKING_H
#define TEST_STORE_LOOKING_H

#include "support.h"

static char *folder;
static struct store *store;
static struct view *view;

static inline int set_up(void **state)
{
	(void)state;
	folder = test_folder();
	view = NULL;
	return store_open(folder, &store, NULL);
}

static inline int tear_down(void **state)
{
	(void)state;
	view_close(view);
	store_close(store);
	test_remove(folder);
	return 0;
}

static inline void commit(void)
{
	assert_ok(store_commit(store, &test_err));
	if (!view) {
		view = view_of_store(store);
	}
}

static inline void put_document(const struct id *run, enum document_kind kind,
				int64_t number)
{
	struct buf document = { 0 };

	test_document(&document, number);
	store_put_document(store, run, kind, buf_slice(&document));
	buf_fini(&document);
}

static inline void put_output(const struct id *run, uint32_t task,
			      int64_t number)
{
	struct buf document = { 0 };

	test_document(&document, number);
	store_put_output(store, run, task, buf_slice(&document));
	buf_fini(&document);
}

/* Two activities of three, four tasks, two outputs. */
static inline struct run_record put_run(unsigned n)
{
	static const char *const names[] = { "scan", "thumb", "index", "done" };
	struct definition *definition = test_definition(3);
	struct run_record run = test_run(n);

	memcpy(run.version, definition->hash, DEFINITION_HASH_SIZE);
	run.task_count = 4;
	run.activity_count = 3;
	store_put_definition(store, definition);
	definition_unref(definition);
	store_put_run(store, &run, -1);
	for (uint32_t i = 0; i < 2; i++) {
		struct activity_record activity = {
			.index = i,
			.state = GROUP_RUNNING,
			.visit = 1,
		};

		store_put_activity(store, &run.id, &activity);
	}
	for (uint32_t i = 0; i < 4; i++) {
		struct task_record task = test_task(i);

		task.name = slice_of(names[i]);
		task.activity = i / 2;
		store_put_task(store, &run.id, &task);
	}
	put_output(&run.id, 0, 10);
	put_output(&run.id, 1, 11);
	put_output(&run.id, 3, 13);
	return run;
}

#endif
