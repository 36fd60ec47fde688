/*
 * A world for engine tests: definitions as JSON, plugins that only remember
 * what they were given, a clock that is set by hand, and the checks that must
 * hold after every step.
 */
#ifndef TESTS_ENGINE_WORLD_H
#define TESTS_ENGINE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "document/json.h"
#include "document/pack.h"
#include "engine/engine.h"

struct delivery {
	struct id run;
	uint32_t task;
	uint32_t attempt;
	char name[64];
	char plugin[64];
	char instance[64];
	char *with;    /* JSON */
	char *outputs; /* JSON */
};

struct told {
	char name[64];
	bool timed_out;
};

struct world {
	struct engine *engine;
	struct output out;
	int64_t now_us;
	unsigned char runs_made;
	struct delivery *deliveries; /* all so far, in order */
	size_t delivered;
	size_t delivery_cap;
	struct told told[64];
	size_t told_count;
	char history[65536]; /* "Step1/pre/a pending>running\n"... */
	char reasons[65536]; /* of tasks: "a running in_plugin: words\n"... */
	char orders[65536];  /* about messages: "put a in q group 7\n"... */
};

static inline struct value json(const char *text)
{
	struct value value;
	struct err err;

	if (json_read(slice_of(text), NULL, &value, &err) < 0) {
		fail_msg("%s: %s", text, err.msg);
	}
	return value;
}

static inline struct blob *json_blob(const char *text)
{
	struct value value = json(text);
	struct buf bytes = { 0 };

	pack_write(&bytes, &value);
	struct blob *blob = blob_make(buf_slice(&bytes));

	buf_fini(&bytes);
	value_clear(&value);
	return blob;
}

static inline char *blob_json(const struct blob *blob)
{
	struct value value;
	struct buf text = { 0 };

	if (!blob) {
		return alloc_string("null");
	}
	assert_int_equal(pack_read(blob_slice(blob), NULL, &value, NULL), 0);
	json_write(&text, &value, JSON_COMPACT);
	value_clear(&value);
	return buf_take(&text);
}

static inline void world_init(struct world *world)
{
	struct engine_options options = { .grace_ms = 5000 };

	*world = (struct world){ .now_us = 1000000 };
	world->engine = engine_create(&options);
}

static inline void world_fini(struct world *world)
{
	for (size_t i = 0; i < world->delivered; i++) {
		free(world->deliveries[i].with);
		free(world->deliveries[i].outputs);
	}
	free(world->deliveries);
	output_fini(&world->out);
	engine_destroy(world->engine);
}

/* What must hold of a phase, whatever has happened. */
static inline void check_phase(const struct run *run, uint32_t a, int p)
{
	const struct phase_record *record =
	    &run->activities[a].record.phases[p];
	const struct phase *phase = &run->activities[a].phases[p];
	uint32_t finished = 0;
	uint32_t running = 0;
	uint32_t mandatory_open = 0;
	bool earlier_open = false;

	for (uint32_t i = 0; record->opened && i < record->expected; i++) {
		const struct task_record *task = &phase->tasks[i].record;
		bool final = task_state_final(task->state);

		finished += final;
		mandatory_open += !final && task->mandatory;
		running += task->state == TASK_RUNNING;
		/* Running is who is in hands, or was before a restart. */
		if (phase->tasks[i].instance) {
			assert_int_equal(task->state, TASK_RUNNING);
		} else if (task->state == TASK_RUNNING) {
			assert_true(phase->tasks[i].ready);
		}
		if (p != PHASE_PARALLEL && task->state == TASK_RUNNING) {
			assert_false(earlier_open);
		}
		earlier_open |= !final;
	}
	assert_int_equal(finished, record->finished);
	if (record->opened) {
		assert_int_equal(record->mandatory_done, mandatory_open == 0);
	}
	if (p != PHASE_PARALLEL) {
		assert_true(running <= 1);
	}
	/* Phases in order: nothing goes on while one before it is open. In a
	 * run that goes on after its end it may have been opened before. */
	for (int q = 0; record->opened && q < p; q++) {
		const struct phase_record *before =
		    &run->activities[a].record.phases[q];

		assert_true(before->finished == before->expected ||
			    (run->record.resumes && running == 0));
	}
}

static inline void check_run(const struct run *run)
{
	for (uint32_t a = 0; a < run->record.activity_count; a++) {
		for (int p = 0; p < PHASE_KINDS; p++) {
			check_phase(run, a, p);
		}
		if (a > 0 && run->record.resumes == 0 &&
		    run->activities[a].record.state != GROUP_PENDING) {
			enum group_state before =
			    run->activities[a - 1].record.state;

			assert_true(before == GROUP_SUCCEEDED ||
				    before == GROUP_DEGRADED);
		}
	}
}

static inline void note_reason(struct world *world, const struct run *run,
			       const struct transition_record *move)
{
	size_t used = strlen(world->reasons);

	(void)snprintf(world->reasons + used, sizeof(world->reasons) - used,
		       "%.*s %s %s: %.*s\n",
		       SLICE_ARG(run->tasks[move->task]->record.name),
		       task_state_name((enum task_state)move->to),
		       reason_name(move->reason), SLICE_ARG(move->message));
}

static inline void note_transition(struct world *world, size_t i)
{
	const struct transition_record *move = &world->out.transitions[i];
	const struct run *run =
	    engine_run(world->engine, &world->out.transition_runs[i]);
	size_t used = strlen(world->history);
	char *end = world->history + used;
	size_t room = sizeof(world->history) - used;
	bool task = move->kind == OBJECT_TASK;

	if (move->reason == REASON_LATE) {
		/* Its run may have ended. */
		(void)snprintf(end, room, "late: %.*s\n",
			       SLICE_ARG(move->message));
		return;
	}
	const char *from = move->from < 0 ? ""
			   : task
			       ? task_state_name((enum task_state)move->from)
			       : group_state_name((enum group_state)move->from);
	const char *to = task ? task_state_name((enum task_state)move->to)
			      : group_state_name((enum group_state)move->to);
	const char *activity =
	    run_activity_definition(run, move->activity)->name;

	switch (move->kind) {
	case OBJECT_RUN:
		(void)snprintf(end, room, "run %s>%s\n", from, to);
		break;
	case OBJECT_ACTIVITY:
		(void)snprintf(end, room, "%s %s>%s\n", activity, from, to);
		break;
	case OBJECT_PHASE:
		(void)snprintf(end, room, "%s/%s %s>%s\n", activity,
			       phase_kind_name(move->phase), from, to);
		break;
	case OBJECT_TASK:
		(void)snprintf(end, room, "%s/%s/%.*s %s>%s\n", activity,
			       phase_kind_name(move->phase),
			       SLICE_ARG(run->tasks[move->task]->record.name),
			       from, to);
		note_reason(world, run, move);
		break;
	}
}

static inline void note_effect(struct world *world, const struct effect *effect)
{
	struct slice name = effect->task->record.name;

	if (effect->kind == EFFECT_TELL) {
		struct told *told = &world->told[world->told_count++];

		(void)snprintf(told->name, sizeof(told->name), "%.*s",
			       SLICE_ARG(name));
		told->timed_out = effect->timed_out;
		return;
	}
	alloc_grow(world->deliveries, world->delivered, world->delivery_cap);
	struct delivery *delivery = &world->deliveries[world->delivered++];

	*delivery = (struct delivery){
		.run = effect->run->record.id,
		.task = effect->task->record.number,
		.attempt = effect->attempt,
		.with = blob_json(effect->with),
		.outputs = blob_json(effect->outputs),
	};
	(void)snprintf(delivery->name, sizeof(delivery->name), "%.*s",
		       SLICE_ARG(name));
	(void)snprintf(delivery->plugin, sizeof(delivery->plugin), "%.*s",
		       SLICE_ARG(effect->task->record.plugin));
	(void)snprintf(delivery->instance, sizeof(delivery->instance), "%.*s",
		       SLICE_ARG(effect->task->record.instance));
}

static inline void note_order(struct world *world,
			      const struct queue_order *order)
{
	static const char *const words[] = {
		[QUEUE_PUT] = "put",   [QUEUE_EXTEND] = "extend",
		[QUEUE_NACK] = "nack", [QUEUE_EXPOSE] = "expose",
		[QUEUE_BURY] = "bury", [QUEUE_ACK] = "ack",
	};
	const struct run *run = engine_run(world->engine, &order->run);
	size_t used = strlen(world->orders);
	size_t room = sizeof(world->orders) - used;
	char *with = blob_json(order->with);

	(void)snprintf(
	    world->orders + used, room,
	    "%s %.*s in %.*s%s%.*s priority %d at %lld%s%.*s%s%s\n",
	    words[order->kind], SLICE_ARG(run->tasks[order->task]->record.name),
	    SLICE_ARG(order->queue), order->group.len ? " group " : "",
	    SLICE_ARG(order->group), order->priority,
	    (long long)order->visible_us, order->error.len ? ": " : "",
	    SLICE_ARG(order->error), order->with ? " with " : "",
	    order->with ? with : "");
	free(with);
}

/* The store's and the loop's part: everything is written, effects happen. */
static inline void world_commit(struct world *world)
{
	for (size_t i = 0; i < world->out.transition_count; i++) {
		note_transition(world, i);
	}
	for (size_t i = 0; i < world->out.order_count; i++) {
		note_order(world, &world->out.orders[i]);
	}
	output_clear_orders(&world->out);
	for (size_t i = 0; i < world->out.effect_count; i++) {
		note_effect(world, &world->out.effects[i]);
	}
	for (size_t i = 0; i < world->out.change_count; i++) {
		const struct change *change = &world->out.changes[i];

		check_run(change->run);
		switch (change->kind) {
		case CHANGE_RUN:
			change->run->changed = false;
			break;
		case CHANGE_ACTIVITY:
			change->run->activities[change->index].changed = false;
			break;
		case CHANGE_TASK:
			change->run->tasks[change->index]->changed = false;
			break;
		default:
			change->run->stash_changed = false;
			break;
		}
	}
	output_clear(&world->out);
}

static inline int world_step(struct world *world, struct event *event)
{
	struct err err = { 0 };
	int rc =
	    engine_step(world->engine, event, world->now_us, &world->out, &err);

	world_commit(world);
	return rc;
}

/* The run as a store would give it back, into another engine. */
static inline int world_restore_as(struct engine *engine, const struct run *run,
				   struct world *world,
				   const struct restore_blame *blames,
				   size_t blame_count,
				   struct engine_reopen *reopen)
{
	uint32_t activities = run->record.activity_count;
	uint32_t tasks = run->record.task_count;
	struct activity_record *activity_records =
	    alloc_zeroed(activities, sizeof(*activity_records));
	struct task_record *task_records =
	    alloc_zeroed(tasks, sizeof(*task_records));
	struct blob **outputs = alloc_zeroed(tasks, sizeof(struct blob *));

	for (uint32_t i = 0; i < activities; i++) {
		activity_records[i] = run->activities[i].record;
	}
	for (uint32_t i = 0; i < tasks; i++) {
		task_records[i] = run->tasks[i]->record;
		outputs[i] = run->tasks[i]->output;
	}
	struct event event = {
		.kind = EVENT_RESTORE,
		.run = run->record.id,
		.as.restore = { .run = &run->record,
				.definition = run_definition(run),
				.activities = activity_records,
				.tasks = task_records,
				.outputs = outputs,
				.attributes = run->attributes,
				.input = run->input,
				.stash = run->stash,
				.skips = &run->skips,
				.blames = blames,
				.blame_count = blame_count,
				.reopen = reopen },
	};
	struct err err = { 0 };

	int rc = engine_step(engine, &event, world->now_us, &world->out, &err);

	if (rc < 0 && !reopen) {
		fail_msg("restore: %s", err.msg);
	}
	free(activity_records);
	free(task_records);
	free(outputs);
	return rc;
}

static inline void world_restore_blaming(struct engine *engine,
					 const struct run *run,
					 struct world *world,
					 const struct restore_blame *blames,
					 size_t blame_count)
{
	(void)world_restore_as(engine, run, world, blames, blame_count, NULL);
}

static inline void world_restore(struct engine *engine, const struct run *run,
				 struct world *world)
{
	world_restore_blaming(engine, run, world, NULL, 0);
}

/* `doors` is JSON: [["Step1", "pre", order, optional, filter]]. */
static inline int world_register(struct world *world, const char *name,
				 const char *doors)
{
	struct value list = json(doors);
	struct engine_subscription wanted[8] = { 0 };
	size_t len = value_len(&list);

	for (size_t i = 0; i < len; i++) {
		const struct value *door = value_at(&list, i);

		wanted[i] = (struct engine_subscription){
			.activity = value_at(door, 0)->as.text,
			.phase = (enum phase_kind)phase_kind_parse(
			    value_at(door, 1)->as.text),
			.order = (int)value_at(door, 2)->as.integer,
			.optional = value_at(door, 3)->as.boolean,
		};
		if (value_len(door) > 4) {
			wanted[i].filter = *value_at(door, 4);
		}
	}
	struct event event = {
		.kind = EVENT_PLUGIN,
		.as.plugin = { .name = slice_of(name),
			       .subscriptions = wanted,
			       .subscription_count = len },
	};

	int rc = world_step(world, &event);

	value_clear(&list);
	return rc;
}

static inline struct event about_instance(enum event_kind kind,
					  const char *plugin, const char *name)
{
	return (struct event){
		.kind = kind,
		.as.instance = { .plugin = slice_of(plugin),
				 .name = slice_of(name) },
	};
}

static inline void world_instance(struct world *world, const char *plugin,
				  const char *name, uint32_t max_tasks)
{
	struct event event = about_instance(EVENT_INSTANCE, plugin, name);

	event.as.instance.max_tasks = max_tasks;
	assert_int_equal(world_step(world, &event), 0);
}

static inline void world_drain(struct world *world, const char *plugin,
			       const char *name)
{
	struct event event = about_instance(EVENT_DRAIN, plugin, name);

	assert_int_equal(world_step(world, &event), 0);
}

/* `how` NULL: in good order. */
static inline void world_gone(struct world *world, const char *plugin,
			      const char *name, const char *how)
{
	struct event event = about_instance(EVENT_GONE, plugin, name);

	event.as.instance.died = how != NULL;
	event.as.instance.message = slice_of(how);
	assert_int_equal(world_step(world, &event), 0);
}

/* A plugin with one instance. */
static inline void world_plugin(struct world *world, const char *name,
				uint32_t max_tasks, const char *doors)
{
	assert_int_equal(world_register(world, name, doors), 0);
	world_instance(world, name, "here", max_tasks);
}

/* `definition` is JSON in the stored shape; the run's id is returned. */
static inline struct id world_start(struct world *world,
				    const char *definition_json,
				    const char *attributes)
{
	struct value document = json(definition_json);
	struct definition *definition;
	struct err err = { 0 };

	if (definition_from_value(&document, &definition, &err) < 0) {
		fail_msg("%s", err.msg);
	}
	struct event event = { .kind = EVENT_START, .actor = SLICE("test") };
	char uid[8];

	event.run.bytes[15] = ++world->runs_made;
	(void)snprintf(uid, sizeof(uid), "u%u", world->runs_made);
	event.as.start.tenant = SLICE("default");
	event.as.start.uid = slice_of(uid);
	event.as.start.definition = definition;
	event.as.start.attributes = json_blob(attributes);
	assert_int_equal(world_step(world, &event), 0);
	blob_unref(event.as.start.attributes);
	definition_unref(definition);
	value_clear(&document);
	return event.run;
}

/* One phase with these bindings, as JSON. */
static inline struct id
world_start_phase(struct world *world, const char *phase, const char *bindings)
{
	struct buf text = { 0 };

	buf_printf(&text,
		   "{\"workflow\": \"w\", \"activities\": [{\"name\": "
		   "\"A\", \"%s\": [%s]}]}",
		   phase, bindings);
	buf_put_byte(&text, 0);
	struct id run = world_start(world, text.data, "{}");

	buf_fini(&text);
	return run;
}

/* The last delivery of the named task; fails when there is none. */
static inline struct delivery *world_delivery(struct world *world,
					      const char *name)
{
	for (size_t i = world->delivered; i-- > 0;) {
		if (!strcmp(world->deliveries[i].name, name)) {
			return &world->deliveries[i];
		}
	}
	fail_msg("'%s' was not delivered", name);
	return NULL;
}

static inline size_t world_count(const struct world *world, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < world->delivered; i++) {
		count += !strcmp(world->deliveries[i].name, name);
	}
	return count;
}

static inline void complete_delivery(struct world *world,
				     const struct delivery *delivery,
				     enum completion outcome,
				     const char *message, const char *output,
				     const char *patch, int64_t until_us)
{
	struct event event = {
		.kind = EVENT_COMPLETED,
		.actor = SLICE("plugin test"),
		.run = delivery->run,
		.as.completed = {
			.task = delivery->task,
			.attempt = delivery->attempt,
			.outcome = outcome,
			.message = slice_of(message),
			.output = output ? json_blob(output) : NULL,
			.patch = patch ? json_blob(patch) : NULL,
			.until_us = until_us,
		},
	};

	assert_int_equal(world_step(world, &event), 0);
	blob_unref(event.as.completed.output);
	blob_unref(event.as.completed.patch);
}

static inline void world_succeed(struct world *world, const char *name)
{
	complete_delivery(world, world_delivery(world, name),
			  COMPLETION_SUCCEEDED, NULL, NULL, NULL, 0);
}

static inline void world_fail(struct world *world, const char *name)
{
	complete_delivery(world, world_delivery(world, name), COMPLETION_FAILED,
			  "no luck", NULL, NULL, 0);
}

static inline void world_pass(struct world *world, int64_t ms)
{
	struct event event = { .kind = EVENT_TIME };

	world->now_us += ms * 1000;
	assert_int_equal(world_step(world, &event), 0);
}

static inline const char *run_state(const struct world *world, struct id id)
{
	return group_state_name(engine_run(world->engine, &id)->record.state);
}

static inline const char *phase_state(const struct world *world, struct id id,
				      uint32_t activity, enum phase_kind phase)
{
	return group_state_name(engine_run(world->engine, &id)
				    ->activities[activity]
				    .record.phases[phase]
				    .state);
}

static inline const struct task_record *task_of(const struct world *world,
						struct id id, const char *name)
{
	const struct run *run = engine_run(world->engine, &id);

	for (uint32_t i = 0; i < run->record.task_count; i++) {
		if (slice_is(run->tasks[i]->record.name, name)) {
			return &run->tasks[i]->record;
		}
	}
	fail_msg("no task '%s'", name);
	return NULL;
}

static inline const char *task_state_of(const struct world *world, struct id id,
					const char *name)
{
	return task_state_name(task_of(world, id, name)->state);
}

/* A world as the state of a test. */
static inline int world_setup(void **state)
{
	struct world *world = alloc_zeroed(1, sizeof(*world));

	world_init(world);
	*state = world;
	return 0;
}

static inline int world_teardown(void **state)
{
	world_fini(*state);
	free(*state);
	return 0;
}

#endif
