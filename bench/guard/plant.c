#include "plant.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "count.h"
#include "sample.h"

#define BEGIN_US  INT64_C(1772323200000000)
#define MAX_TASKS 1000000

static void step(struct plant *plant, struct event *event)
{
	plant->now_us++;
	if (engine_step(plant->engine, event, plant->now_us, &plant->out,
			NULL) < 0) {
		count_fail("the engine refuses an event");
	}
}

static struct definition *make_definition(size_t members)
{
	struct buf text = { 0 };
	struct definition *definition;

	buf_put_text(&text, "{\"workflow\": \"w\", \"activities\": "
			    "[{\"name\": \"A\", \"pre\": [{\"plugin\": "
			    "\"echo\", \"as\": \"before\"}], \"parallel\": [");
	for (size_t i = 0; i < members; i++) {
		buf_printf(&text, "%s{\"plugin\": \"echo\", \"as\": \"m%zu\"}",
			   i ? "," : "", i);
	}
	buf_put_text(&text, "], \"post\": [{\"plugin\": \"echo\", \"as\": "
			    "\"after\"}]}]}");
	buf_put_byte(&text, 0);

	struct value document = sample_json(text.data);

	if (definition_from_value(&document, &definition, NULL) < 0) {
		count_fail("the definition is refused");
	}
	value_clear(&document);
	buf_fini(&text);
	return definition;
}

static void add_plugin(struct plant *plant)
{
	struct event known = {
		.kind = EVENT_PLUGIN,
		.as.plugin = { .name = SLICE("echo") },
	};
	struct event live = {
		.kind = EVENT_INSTANCE,
		.as.instance = { .plugin = SLICE("echo"),
				 .name = SLICE("here"),
				 .max_tasks = MAX_TASKS },
	};

	step(plant, &known);
	step(plant, &live);
	output_clear(&plant->out);
}

void plant_init(struct plant *plant, size_t members, plant_write *write,
		void *write_arg)
{
	struct engine_options options = { .grace_ms = 5000 };

	*plant = (struct plant){
		.engine = engine_create(&options),
		.definition = make_definition(members),
		.attributes = sample_blob("{\"type\": \"order\"}"),
		.output = sample_blob("{\"seen\": true}"),
		.now_us = BEGIN_US,
		.write = write,
		.write_arg = write_arg,
	};
	add_plugin(plant);
}

void plant_fini(struct plant *plant)
{
	engine_destroy(plant->engine);
	definition_unref(plant->definition);
	blob_unref(plant->attributes);
	blob_unref(plant->output);
	output_fini(&plant->out);
	free(plant->answers);
}

static void begin(struct plant *plant)
{
	unsigned char random[10] = { 0 };
	struct event event = {
		.kind = EVENT_START,
		.actor = SLICE("guard"),
		.as.start = {
			.tenant = SLICE("default"),
			.definition = plant->definition,
			.attributes = plant->attributes,
		},
	};
	char uid[24];

	plant->runs_made++;
	(void)snprintf(uid, sizeof(uid), "run-%012llu",
		       (unsigned long long)plant->runs_made);
	event.as.start.uid = slice_of(uid);
	event.run =
	    id_make(BEGIN_US + (int64_t)plant->runs_made * 1000, random);
	step(plant, &event);
}

static void answer(struct plant *plant, const struct effect *effect)
{
	alloc_grow(plant->answers, plant->answer_count, plant->answer_cap);
	plant->answers[plant->answer_count++] = (struct event){
		.kind = EVENT_COMPLETED,
		.actor = SLICE("plugin echo"),
		.run = effect->run->record.id,
		.as.completed = {
			.task = effect->task->record.number,
			.attempt = effect->attempt,
			.outcome = COMPLETION_SUCCEEDED,
			.output = plant->output,
		},
	};
}

static void forget_ended(struct plant *plant)
{
	for (size_t i = 0; i < plant->out.change_count; i++) {
		const struct change *change = &plant->out.changes[i];

		if (change->kind == CHANGE_RUN &&
		    group_state_final(change->run->record.state)) {
			engine_forget(plant->engine, change->run);
			return;
		}
	}
}

/* As a turn of the daemon: what was gathered is written, then done. */
static void turn(struct plant *plant)
{
	plant->write(plant->write_arg, &plant->out);
	plant->answer_count = 0;
	for (size_t i = 0; i < plant->out.effect_count; i++) {
		answer(plant, &plant->out.effects[i]);
	}
	forget_ended(plant);
	output_clear(&plant->out);
	for (size_t i = 0; i < plant->answer_count; i++) {
		step(plant, &plant->answers[i]);
	}
}

void plant_run(struct plant *plant)
{
	begin(plant);
	while (plant->out.change_count) {
		turn(plant);
	}
	if (engine_run_count(plant->engine)) {
		count_fail("a run has not ended");
	}
}

void plant_write_nothing(void *arg, struct output *out)
{
	(void)arg;
	for (size_t i = 0; i < out->change_count; i++) {
		const struct change *change = &out->changes[i];
		struct run *run = change->run;

		switch (change->kind) {
		case CHANGE_RUN:
			run->stored_state = (int)run->record.state;
			run->changed = false;
			break;
		case CHANGE_ACTIVITY:
			run->activities[change->index].changed = false;
			break;
		case CHANGE_TASK:
			run->tasks[change->index]->changed = false;
			break;
		default:
			break;
		}
	}
}
