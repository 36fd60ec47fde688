/*
 * hung_store DIRECTORY SHAPE: writes a store with one run in the shape of a
 * hang that was seen in production: what it waited for had happened, and nobody
 * had noticed. The shapes:
 *
 *	phase     all tasks of a phase have ended, the phase is still running
 *	count     the same, and the phase has counted only one of them
 *	activity  all phases of an activity have ended, it is still running
 *	next      an activity has ended, the next one was not begun
 *	run       all activities have ended, the run is still running
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/store.h"

#define CREATED INT64_C(1760000000000000)

static const char *const shapes[] = { "phase", "count", "activity", "next",
				      "run" };

enum shape { PHASE, COUNT, ACTIVITY, NEXT, RUN, SHAPES };

static const char definition_text[] =
    "workflow hung: A (parallel echo as one, echo as two), B (pre echo)";

static void set_binding(struct value *list, const char *name)
{
	struct value binding = value_map();

	value_set(&binding, "plugin", value_text("echo"));
	value_set(&binding, "as", value_text(name));
	value_push(list, binding);
}

static struct value activity(const char *name, const char *phase,
			     const char *first, const char *second)
{
	struct value map = value_map();
	struct value list = value_array();

	set_binding(&list, first);
	if (second) {
		set_binding(&list, second);
	}
	value_set(&map, "name", value_text(name));
	value_set(&map, phase, list);
	return map;
}

static struct definition *make_definition(void)
{
	struct value document = value_map();
	struct value list = value_array();
	struct definition *definition = NULL;
	struct err err;

	value_push(&list, activity("A", "parallel", "one", "two"));
	value_push(&list, activity("B", "pre", "three", NULL));
	value_set(&document, "workflow", value_text("hung"));
	value_set(&document, "activities", list);
	if (definition_from_value(&document, &definition, &err) < 0) {
		fprintf(stderr, "%s: %s\n", definition_text, err.msg);
		exit(1);
	}
	value_clear(&document);
	return definition;
}

static struct phase_record ended_phase(uint32_t first, uint32_t tasks)
{
	return (struct phase_record){
		.state = GROUP_SUCCEEDED,
		.opened = true,
		.mandatory_done = true,
		.first = first,
		.expected = tasks,
		.finished = tasks,
		.started_us = CREATED,
		.ended_us = CREATED + 2000,
	};
}

static struct activity_record ended_activity(uint32_t index,
					     enum phase_kind with_tasks,
					     uint32_t first, uint32_t tasks)
{
	struct activity_record record = {
		.index = index,
		.state = GROUP_SUCCEEDED,
		.visit = 1,
		.started_us = CREATED,
		.ended_us = CREATED + 3000,
	};

	for (int p = 0; p < PHASE_KINDS; p++) {
		record.phases[p] =
		    ended_phase(p > (int)with_tasks ? first + tasks : first,
				p == (int)with_tasks ? tasks : 0);
	}
	return record;
}

/* Undo what the shape lacks. */
static void unfinish(struct activity_record *record, enum shape shape)
{
	struct phase_record *parallel = &record->phases[PHASE_PARALLEL];

	if (shape > ACTIVITY) {
		return;
	}
	record->state = GROUP_RUNNING;
	record->reason = REASON_TASKS_RUNNING;
	record->ended_us = 0;
	if (shape < ACTIVITY) {
		parallel->state = GROUP_RUNNING;
		parallel->reason = REASON_TASKS_RUNNING;
		parallel->ended_us = 0;
		parallel->finished -= shape == COUNT;
		record->phases[PHASE_POST] = (struct phase_record){ 0 };
	}
}

static void put_task(struct store *store, const struct id *run, uint32_t number,
		     uint32_t in, enum phase_kind phase, uint32_t binding,
		     struct slice name)
{
	struct task_record task = {
		.number = number,
		.activity = in,
		.phase = phase,
		.state = TASK_SUCCEEDED,
		.reason = REASON_COMPLETED,
		.mandatory = true,
		.attempt = 1,
		.binding = binding,
		.name = name,
		.plugin = SLICE("echo"),
		.progress = -1,
		.created_us = CREATED,
		.started_us = CREATED,
		.ended_us = CREATED + 1000,
	};

	store_put_task(store, run, &task);
}

static void put_activities(struct store *store, const struct id *run,
			   enum shape shape)
{
	struct activity_record a = ended_activity(0, PHASE_PARALLEL, 0, 2);
	struct activity_record b = { .index = 1, .visit = 1 };

	unfinish(&a, shape);
	if (shape == RUN) {
		b = ended_activity(1, PHASE_PRE, 2, 1);
	}
	store_put_activity(store, run, &a);
	store_put_activity(store, run, &b);
	put_task(store, run, 0, 0, PHASE_PARALLEL, 0, SLICE("one"));
	put_task(store, run, 1, 0, PHASE_PARALLEL, 1, SLICE("two"));
	if (shape == RUN) {
		put_task(store, run, 2, 1, PHASE_PRE, 0, SLICE("three"));
	}
}

static void put_run(struct store *store, enum shape shape)
{
	static const unsigned char random[10] = { 1, 2, 3 };
	struct definition *definition = make_definition();
	struct run_record run = {
		.id = id_make(CREATED, random),
		.tenant = SLICE("default"),
		.uid = SLICE("hung"),
		.workflow = SLICE("hung"),
		.state = GROUP_RUNNING,
		.reason = REASON_TASKS_RUNNING,
		.task_count = shape == RUN ? 3 : 2,
		.activity_count = 2,
		.created_us = CREATED,
		.started_us = CREATED,
	};

	memcpy(run.version, definition->hash, DEFINITION_HASH_SIZE);
	store_put_definition(store, definition);
	store_put_run(store, &run, -1);
	put_activities(store, &run.id, shape);
	definition_unref(definition);
}

int main(int argc, char **argv)
{
	struct store *store;
	struct err err;
	int shape = 0;

	while (argc == 3 && shape < SHAPES && strcmp(argv[2], shapes[shape])) {
		shape++;
	}
	if (argc != 3 || shape == SHAPES) {
		fprintf(stderr, "usage: hung_store DIRECTORY SHAPE\n");
		return 2;
	}
	if (store_open(argv[1], &store, &err) < 0) {
		fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	put_run(store, (enum shape)shape);
	int rc = store_commit(store, &err);

	store_close(store);
	if (rc < 0) {
		fprintf(stderr, "%s\n", err.msg);
	}
	return rc ? 1 : 0;
}
