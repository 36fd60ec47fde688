/* What is written, by us and by LMDB. Syncing is the kernel's. */
#include <stdlib.h>

#include "base/alloc.h"
#include "count.h"
#include "daemon/persist.h"
#include "folder.h"
#include "plant.h"

#define BEGIN_US INT64_C(1772323200000000)
#define COMMITS  50
#define GROUP    100
#define RUNS     50

static void commit(struct store *store)
{
	if (store_commit(store, NULL) < 0) {
		count_fail("the store cannot be written");
	}
}

/* A task goes on: its record, and a line in the history. */
static void put_transition(struct store *store, uint32_t number)
{
	struct id run = id_make(BEGIN_US, (unsigned char[10]){ 1 });
	struct task_record task = {
		.number = number % 10,
		.state = TASK_RUNNING,
		.attempt = 1,
		.binding = 0,
		.name = SLICE("recognise"),
		.plugin = SLICE("ocr"),
		.instance = SLICE("inside.ocr"),
		.progress = -1,
		.created_us = BEGIN_US,
		.started_us = BEGIN_US + number,
	};
	struct transition_record transition = {
		.time_us = BEGIN_US + number,
		.kind = OBJECT_TASK,
		.task = number % 10,
		.attempt = 1,
		.from = TASK_PENDING,
		.to = TASK_RUNNING,
		.actor = SLICE("engine"),
	};

	store_put_task(store, &run, &task);
	store_put_transition(store, &run, &transition);
}

static void commit_groups(struct store *store, uint32_t commits, uint32_t group)
{
	static uint32_t number;

	for (uint32_t i = 0; i < commits; i++) {
		for (uint32_t j = 0; j < group; j++) {
			put_transition(store, number++);
		}
		commit(store);
	}
}

static void write_output(void *arg, struct output *out)
{
	struct store *store = arg;

	persist_output(store, out);
	commit(store);
}

static void count_runs(struct store *store)
{
	struct plant plant;

	plant_init(&plant, 8, write_output, store);
	for (int i = 0; i < RUNS; i++) {
		plant_run(&plant);
	}
	count_begin();
	for (int i = 0; i < RUNS; i++) {
		plant_run(&plant);
	}
	count_end("store_run", RUNS);
	plant_fini(&plant);
}

void count_store(void)
{
	char *folder = folder_create();
	struct store *store;

	if (!folder) {
		count_fail("cannot make a folder");
	}
	if (store_open(folder, &store, NULL) < 0) {
		count_fail("cannot make a store");
	}
	store_set_durability(store, DURABILITY_RELAXED);
	commit_groups(store, COMMITS, 1);
	count_begin();
	commit_groups(store, COMMITS, 1);
	count_end("store_transition", COMMITS);

	commit_groups(store, 1, GROUP);
	count_begin();
	commit_groups(store, COMMITS / 10, GROUP);
	count_end("store_transition_of_100", COMMITS / 10 * GROUP);

	count_runs(store);
	store_close(store);
	folder_destroy(folder);
}
