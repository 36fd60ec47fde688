/*
 * The tasks that plugins are tried with.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "check/stage.h"
#include "document/json.h"

/* Subscriptions of one plugin that are tried, and phases of a plugin that has
 * none of its own. */
#define SUBSCRIPTIONS_MAX 4

static char *json_of(const struct value *map, const char *key)
{
	const struct value *found = value_get(map, key);
	struct buf text = { 0 };

	if (!found) {
		return NULL;
	}
	json_write(&text, found, JSON_COMPACT);
	return buf_take(&text);
}

static const char *text_of(const struct value *map, const char *key)
{
	const struct value *found = value_get(map, key);

	return found && found->type == VALUE_STRING ? found->as.text.ptr : NULL;
}

static int32_t phase_of(const struct value *map)
{
	struct slice name = value_get_text(map, "phase");

	return slice_is(name, "pre")    ? TUTTI_PRE
	       : slice_is(name, "post") ? TUTTI_POST
					: TUTTI_PARALLEL;
}

/* A task as --task gives it. */
static void visit_given(struct stage *stage, const struct value *map,
			const char *plugin, stage_visit visit, void *arg)
{
	const char *of = text_of(map, "plugin");
	char *texts[] = {
		json_of(map, "attributes"), json_of(map, "input"),
		json_of(map, "stash"),      json_of(map, "outputs"),
		json_of(map, "with"),
	};
	struct tutti_fake_work work = {
		.plugin = plugin,
		.activity = text_of(map, "activity"),
		.name = text_of(map, "name"),
		.attributes = texts[0],
		.input = texts[1],
		.stash = texts[2],
		.outputs = texts[3],
		.with = texts[4],
		.phase = phase_of(map),
	};

	if (!of || !strcmp(of, plugin)) {
		visit(stage, &work, arg);
	}
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		free(texts[i]);
	}
}

static void visit_plugin(struct stage *stage, const struct tutti_plugin *about,
			 stage_visit visit, void *arg)
{
	const struct value *tasks = stage->trial->options->tasks;
	struct tutti_fake_work work = { .plugin = about->name,
					.phase = TUTTI_PARALLEL };

	if (!about->subscription_count) {
		visit(stage, &work, arg);
	}
	for (uint32_t i = 0;
	     i < about->subscription_count && i < SUBSCRIPTIONS_MAX; i++) {
		work.activity = about->subscriptions[i].activity;
		work.phase = about->subscriptions[i].phase;
		visit(stage, &work, arg);
	}
	for (size_t i = 0; tasks && i < value_len(tasks); i++) {
		visit_given(stage, value_at(tasks, i), about->name, visit, arg);
	}
}

void stage_plain(struct stage *stage, stage_visit visit, void *arg)
{
	for (size_t i = 0; i < stage->host->plugin_count; i++) {
		visit_plugin(stage, &stage->host->plugins[i].about, visit, arg);
	}
}

/* As maps, and as anything for the input. */
static const char *const odd_maps[] = {
	"{\"\": \"\"}",
	"{\"a\": null, \"b\": true, \"c\": [], \"d\": {}}",
	"{\"text\": \"\\u0000 \\u00e4\\u4e16\\ud83d\\ude00 % %s %n\"}",
	"{\"n\": -9223372036854775808, \"u\": 18446744073709551615}",
	"{\"d\": 1e308, \"e\": -0.0, \"f\": 5e-324}",
	"{\"list\": [1, \"1\", [1], {\"1\": 1}, null, false]}",
};

static const char *const odd_inputs[] = {
	"null", "true", "0", "-1.5", "\"\"", "[]", "[[[[]]]]", "{\"\": {}}",
};

/* Each member as something else than the plugin may expect. */
static char *retyped(const char *json, const char *other)
{
	struct value map;
	struct value value;
	struct buf text = { 0 };

	if (!json || json_read(slice_of(json), NULL, &map, NULL) < 0) {
		return NULL;
	}
	for (size_t i = 0; i < value_len(&map); i++) {
		struct slice key = value_entry_at(&map, i)->key;

		if (json_read(slice_of(other), NULL, &value, NULL) == 0) {
			value_set_slice(&map, key, value);
		}
	}
	json_write(&text, &map, JSON_COMPACT);
	value_clear(&map);
	return buf_take(&text);
}

struct oddity {
	stage_visit visit;
	void *arg;
};

static void visit_odd_maps(struct stage *stage,
			   const struct tutti_fake_work *work,
			   const struct oddity *oddity)
{
	struct tutti_fake_work odd = *work;

	for (size_t i = 0; i < sizeof(odd_maps) / sizeof(odd_maps[0]); i++) {
		odd.attributes = odd_maps[i];
		odd.with = odd_maps[i];
		odd.stash = odd_maps[i];
		odd.input = odd_maps[i];
		oddity->visit(stage, &odd, oddity->arg);
	}
}

static void visit_odd_inputs(struct stage *stage,
			     const struct tutti_fake_work *work,
			     const struct oddity *oddity)
{
	size_t count = sizeof(odd_inputs) / sizeof(odd_inputs[0]);
	struct tutti_fake_work odd = *work;

	for (size_t i = 0; i < count; i++) {
		char *with = retyped(work->with, odd_inputs[i]);
		char *attributes = retyped(work->attributes, odd_inputs[i]);

		odd.input = odd_inputs[i];
		odd.with = with ? with : work->with;
		odd.attributes = attributes ? attributes : work->attributes;
		oddity->visit(stage, &odd, oddity->arg);
		free(with);
		free(attributes);
	}
}

static void visit_odd(struct stage *stage, const struct tutti_fake_work *work,
		      void *arg)
{
	struct tutti_fake_work odd = *work;

	visit_odd_maps(stage, work, arg);
	visit_odd_inputs(stage, work, arg);
	odd.uid = "\xc3\xa4 / \xe4\xb8\x96";
	odd.tenant = "t";
	odd.name = "other name";
	odd.attempt = 3;
	odd.wakes = 2;
	((const struct oddity *)arg)
	    ->visit(stage, &odd, ((struct oddity *)arg)->arg);
}

void stage_odd(struct stage *stage, stage_visit visit, void *arg)
{
	struct oddity oddity = { visit, arg };

	stage_plain(stage, visit_odd, &oddity);
}

/* Not for long: a task that goes on until it is cancelled is fine too. */
static void run_shortly(struct stage *stage, const struct tutti_fake_work *work,
			void *arg)
{
	struct tutti_fake_task *task = stage_task(stage, work);

	(void)arg;
	if (task) {
		(void)stage_wait(stage, task, 20);
	}
}

static void run_cancelled(struct stage *stage,
			  const struct tutti_fake_work *work, void *arg)
{
	struct tutti_fake_task *task = stage_task(stage, work);

	(void)arg;
	if (task) {
		(void)tutti_fake_task_wait(task, 10);
		tutti_fake_task_cancel(task, TUTTI_CANCELLED);
		tutti_fake_task_cancel(task, TUTTI_CANCELLED);
		stage_expect_end(stage, task);
	}
}

static void run_late(struct stage *stage, const struct tutti_fake_work *work,
		     void *arg)
{
	struct tutti_fake_work late = *work;

	(void)arg;
	late.deadline_ms = 100;
	struct tutti_fake_task *task = stage_task(stage, &late);

	if (task) {
		tutti_fake_host_advance(stage->host, 200);
		stage_expect_end(stage, task);
	}
}

void stage_everything(struct stage *stage)
{
	stage_plain(stage, run_shortly, NULL);
	stage_plain(stage, run_cancelled, NULL);
	stage_plain(stage, run_late, NULL);
	stage_odd(stage, run_shortly, NULL);
	/* What comes after the end, from threads of the plugin's own. */
	stage_pause(30);
}
