/*
 * A store with some runs in it, in a folder of its own.
 */
#ifndef TEST_STORE_FIXTURE_H
#define TEST_STORE_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "document/pack.h"
#include "store/store.h"
#include "store/view.h"

#include "../folder.h"

/* 2026-03-01T10:20:00Z */
#define STORE_FIXTURE_US INT64_C(1772360400000000)

struct store_fixture {
	char folder[32];
	struct store *store;
	struct view *view; /* on the open store */
	struct definition *definition;
};

static inline struct id store_fixture_id(unsigned number)
{
	unsigned char random[10] = { 0x5a, 0x11, 0x22, 0x33, 0x44 };

	random[9] = (unsigned char)number;
	return id_make(STORE_FIXTURE_US + (int64_t)number * 1000, random);
}

static inline void store_fixture_open(struct store_fixture *fixture)
{
	struct err err = { 0 };
	struct activity_definition *activities =
	    alloc_zeroed(2, sizeof(*activities));

	activities[0].name = alloc_string("Step1");
	activities[1].name = alloc_string("Step2");
	*fixture = (struct store_fixture){
		.folder = "/tmp/tutti-cli-XXXXXX",
		.definition = definition_make("Demo", activities, 2, 0),
	};
	assert_non_null(mkdtemp(fixture->folder));
	if (store_open(fixture->folder, &fixture->store, &err)) {
		fail_msg("%s", err.msg);
	}
	fixture->view = view_of_store(fixture->store);
	store_put_definition(fixture->store, fixture->definition);
}

static inline void store_fixture_document(struct store_fixture *fixture,
					  const struct id *id, const char *key,
					  int64_t number)
{
	struct buf bytes = { 0 };
	struct value map = value_map();

	value_set(&map, key, value_int(number));
	pack_write(&bytes, &map);
	store_put_document(fixture->store, id, DOCUMENT_ATTRIBUTES,
			   buf_slice(&bytes));
	value_clear(&map);
	buf_fini(&bytes);
}

/* The first activity with one task; the second is pending. */
static inline void store_fixture_tree(struct store_fixture *fixture,
				      const struct id *id,
				      enum group_state state)
{
	bool failed = state == GROUP_FAILED;
	bool done = group_state_final(state);
	struct task_record task = {
		.state = failed ? TASK_FAILED
			 : done ? TASK_SUCCEEDED
				: TASK_RUNNING,
		.reason = failed ? REASON_PLUGIN_FAILED : REASON_NONE,
		.mandatory = true,
		.attempt = 1,
		.name = SLICE("load"),
		.plugin = SLICE("loader"),
		.message = failed ? SLICE("no such file") : (struct slice){ 0 },
		.progress = -1,
		.binding = NO_BINDING,
		.created_us = STORE_FIXTURE_US,
		.started_us = STORE_FIXTURE_US,
		.ended_us = done ? STORE_FIXTURE_US + 1500 : 0,
	};
	struct activity_record activity = {
		.state = state,
		.visit = 1,
		.started_us = STORE_FIXTURE_US,
		.ended_us = task.ended_us,
	};

	activity.phases[PHASE_PRE] = (struct phase_record){
		.state = state,
		.opened = true,
		.expected = 1,
		.finished = done,
	};
	store_put_activity(fixture->store, id, &activity);
	activity = (struct activity_record){ .index = 1 };
	store_put_activity(fixture->store, id, &activity);
	store_put_task(fixture->store, id, &task);
}

static inline void store_fixture_history(struct store_fixture *fixture,
					 const struct id *id,
					 enum group_state state)
{
	struct transition_record transition = {
		.time_us = STORE_FIXTURE_US,
		.kind = OBJECT_RUN,
		.from = -1,
		.to = GROUP_PENDING,
		.reason = REASON_STARTED,
		.actor = SLICE("operator uid 7"),
	};

	store_put_transition(fixture->store, id, &transition);
	transition.kind = OBJECT_TASK;
	transition.to = TASK_RUNNING;
	transition.from = TASK_PENDING;
	transition.attempt = 1;
	transition.reason = REASON_IN_PLUGIN;
	transition.actor = SLICE("engine");
	store_put_transition(fixture->store, id, &transition);
	transition.kind = OBJECT_RUN;
	transition.from = GROUP_RUNNING;
	transition.to = (int)state;
	transition.reason =
	    state == GROUP_CANCELLED ? REASON_CANCEL_REQUESTED : REASON_NONE;
	transition.actor = state == GROUP_CANCELLED ? SLICE("operator uid 7")
						    : SLICE("engine");
	store_put_transition(fixture->store, id, &transition);
}

/* Attribute "n" is the run's number. */
static inline void store_fixture_run(struct store_fixture *fixture,
				     unsigned number, const char *workflow,
				     const char *uid, enum group_state state)
{
	struct run_record run = {
		.id = store_fixture_id(number),
		.tenant = SLICE("default"),
		.uid = slice_of(uid),
		.workflow = slice_of(workflow),
		.state = state,
		.task_count = 1,
		.activity_count = 2,
		.created_us = STORE_FIXTURE_US,
		.started_us = STORE_FIXTURE_US,
		.ended_us =
		    group_state_final(state) ? STORE_FIXTURE_US + 2000 : 0,
	};

	memcpy(run.version, fixture->definition->hash, DEFINITION_HASH_SIZE);
	store_put_run(fixture->store, &run, -1);
	store_fixture_tree(fixture, &run.id, state);
	store_fixture_document(fixture, &run.id, "n", number);
	store_fixture_history(fixture, &run.id, state);
}

static inline void store_fixture_plugin(struct store_fixture *fixture)
{
	struct plugin_record plugin = {
		.name = SLICE("loader"),
		.version = SLICE("1.2"),
		.help = SLICE("Loads."),
		.module = SLICE("/lib/loader.so"),
		.queue = SLICE("{\"name\":\"ocr\"}"),
		.form = SLICE("in-process"),
		.state = SLICE("ready"),
		.max_tasks = 4,
		.subscriptions = SLICE("[{\"activity\":\"Step1\",\"phase\":"
				       "\"pre\",\"order\":90,"
				       "\"mandatory\":true,\"filter\":null}]"),
	};

	store_put_plugins(fixture->store, &plugin, 1);
}

static inline void store_fixture_commit(struct store_fixture *fixture)
{
	struct err err = { 0 };

	if (store_commit(fixture->store, &err)) {
		fail_msg("%s", err.msg);
	}
}

/* Give the store up, as a daemon that ends does; the folder stays. */
static inline void store_fixture_release(struct store_fixture *fixture)
{
	view_close(fixture->view);
	store_close(fixture->store);
	definition_unref(fixture->definition);
	fixture->view = NULL;
	fixture->store = NULL;
	fixture->definition = NULL;
}

static inline void store_fixture_remove(struct store_fixture *fixture)
{
	folder_remove(fixture->folder);
}

static inline void store_fixture_close(struct store_fixture *fixture)
{
	store_fixture_release(fixture);
	store_fixture_remove(fixture);
}

#endif
