#include "check/script.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "check/stage.h"
#include "document/json.h"

#define LABEL_MAX    120
#define LATE_MS      40
#define CANCEL_MS    10
#define HEAVY_DEPTH  (LIMIT_GIVEN_DEPTH - 1)
#define HEAVY_LENGTH (LIMIT_ATTRIBUTES - 64)

/* ---- plugins as they are described ---- */

static int32_t never_called(void *self, const struct tutti_task *task)
{
	(void)self;
	return tutti_fail(task, TUTTI_FAILED, "not called");
}

static int32_t phase_of(struct slice name)
{
	return slice_is(name, "pre")    ? TUTTI_PRE
	       : slice_is(name, "post") ? TUTTI_POST
					: TUTTI_PARALLEL;
}

static const char *text_of(const struct value *map, const char *key)
{
	const struct value *found = value_get(map, key);

	return found && found->type == VALUE_STRING ? found->as.text.ptr : NULL;
}

/* The texts stay the description's. */
static void put_plugin(const struct value *said, struct tutti_plugin *about)
{
	const struct value *list = value_get(said, "subscriptions");
	size_t len = value_len(list);
	struct tutti_subscription *subscriptions =
	    alloc_zeroed(len + 1, sizeof(*subscriptions));

	for (size_t i = 0; i < len; i++) {
		const struct value *item = value_at(list, i);

		subscriptions[i].activity = text_of(item, "activity");
		subscriptions[i].phase =
		    phase_of(value_get_text(item, "phase"));
	}
	*about = (struct tutti_plugin){
		.size = sizeof(*about),
		.name = text_of(said, "name"),
		.version = "1",
		.help = "As described.",
		.max_tasks = 1,
		.handle = never_called,
		.subscriptions = subscriptions,
		.subscription_count = (uint32_t)len,
	};
}

/* A module that is never run: tasks are made of it. Not freed, as a trial ends
 * with its process. */
static const struct tutti_module *as_module(const struct value *plugins)
{
	size_t len = value_len(plugins);
	struct tutti_module *module = alloc_zeroed(1, sizeof(*module));
	struct tutti_plugin *abouts = alloc_zeroed(len + 1, sizeof(*abouts));
	const struct tutti_plugin **list =
	    alloc_zeroed(len + 1, sizeof(struct tutti_plugin *));

	for (size_t i = 0; i < len; i++) {
		put_plugin(value_at(plugins, i), &abouts[i]);
		list[i] = &abouts[i];
	}
	module->size = (uint32_t)sizeof(*module);
	module->magic = TUTTI_MAGIC;
	module->abi_major = TUTTI_ABI_MAJOR;
	module->abi_minor = TUTTI_ABI_MINOR;
	module->plugins = list;
	module->plugin_count = (uint32_t)len;
	return module;
}

static int32_t type_of(struct slice name)
{
	return slice_is(name, "bool")       ? TUTTI_BOOL
	       : slice_is(name, "int")      ? TUTTI_INT
	       : slice_is(name, "double")   ? TUTTI_DOUBLE
	       : slice_is(name, "duration") ? TUTTI_DURATION
					    : TUTTI_STRING;
}

static void add_missing(struct value *params, const struct value *said)
{
	const struct value *list = value_get(said, "params");

	for (size_t i = 0; i < value_len(list); i++) {
		const struct value *param = value_at(list, i);
		struct slice name = value_get_text(param, "name");

		if (!text_of(param, "fallback") &&
		    !value_get_slice(params, name)) {
			value_set_slice(params, name,
					stage_made_up(type_of(
					    value_get_text(param, "type"))));
		}
	}
}

struct value script_params(const struct trial *trial,
			   const struct value *plugins)
{
	const char *given = trial->options->params;
	struct value params = value_map();

	if (given && json_read(slice_of(given), NULL, &params, NULL) < 0) {
		params = value_map();
	}
	for (size_t i = 0; i < value_len(plugins); i++) {
		add_missing(&params, value_at(plugins, i));
	}
	return params;
}

/* ---- tasks ---- */

static void put_document(struct buf *out, const char *name, const char *json)
{
	struct slice text = slice_of(json);

	if (json) {
		text.len = utf8_floor(text, LABEL_MAX);
		buf_printf(out, " %s %.*s", name, SLICE_ARG(text));
	}
}

static char *label_of(const struct tutti_fake_work *work, enum script_kind kind)
{
	struct buf text = { 0 };

	buf_printf(&text, "%stask of '%s'",
		   kind == SCRIPT_CANCEL ? "cancelled "
		   : kind == SCRIPT_LATE ? "late "
					 : "",
		   work->plugin);
	if (work->activity) {
		buf_printf(&text, " in '%s'", work->activity);
	}
	put_document(&text, "with", work->with);
	put_document(&text, "attributes", work->attributes);
	put_document(&text, "input", work->input);
	return buf_take(&text);
}

static char *copy_of(struct tutti_slice text)
{
	return slice_dup((struct slice){ text.ptr, text.len });
}

/* The same in each run of the script, so that what a plugin makes of an id can
 * be compared. */
static struct id id_of(size_t number)
{
	unsigned char random[10] = { 7 };

	random[8] = (unsigned char)(number >> 8);
	random[9] = (unsigned char)number;
	return id_make(INT64_C(1767225600000000), random);
}

struct making {
	struct script *script;
	enum script_kind kind;
	const char *document; /* instead of all, or NULL */
};

static void visit(struct stage *stage, const struct tutti_fake_work *given,
		  void *arg)
{
	const struct making *making = arg;
	struct tutti_fake_work work = *given;

	if (making->document) {
		work.attributes = work.input = work.stash = work.with =
		    making->document;
	}
	struct tutti_fake_task *made = tutti_fake_host_task(stage->host, &work);

	if (!made) {
		trial_skip(stage->trial, "the task could not be made: %s",
			   tutti_fake_host_error(stage->host));
		return;
	}
	struct script *script = making->script;

	alloc_grow(script->tasks, script->len, script->cap);
	struct script_task *task = &script->tasks[script->len++];

	*task = (struct script_task){
		.kind = making->kind,
		.run = id_of(script->len),
		.number = 1,
		.attempt = made->attempt,
		.wakes = work.wakes,
		.phase = work.phase,
		.uid = copy_of(made->given->uid),
		.tenant = copy_of(made->given->tenant),
		.workflow = copy_of(made->given->workflow),
		.activity = copy_of(made->given->activity),
		.plugin = copy_of(made->given->plugin),
		.name = copy_of(made->given->name),
		.label = label_of(given, making->kind),
	};
	for (int i = 0; i < HOST_DOCUMENTS; i++) {
		task->documents[i] = blob_ref(made->inside.documents[i]);
	}
}

static void add_heavy(struct stage *stage, struct making *making)
{
	struct buf deep = { 0 };
	struct buf large = { 0 };

	for (int i = 0; i < HEAVY_DEPTH; i++) {
		buf_put_text(&deep, "{\"a\":");
	}
	buf_put_text(&deep, "{}");
	for (int i = 0; i < HEAVY_DEPTH; i++) {
		buf_put_byte(&deep, '}');
	}
	buf_put_text(&large, "{\"text\":\"");
	memset(buf_reserve(&large, HEAVY_LENGTH), 'x', HEAVY_LENGTH);
	large.len += HEAVY_LENGTH;
	buf_put_text(&large, "\"}");
	char *texts[] = { buf_take(&deep), buf_take(&large) };

	for (size_t i = 0; i < 2; i++) {
		making->document = texts[i];
		stage_plain(stage, visit, making);
		free(texts[i]);
	}
}

bool script_make(struct trial *trial, const struct value *plugins,
		 unsigned which, struct script *ret_script)
{
	struct making making = { .script = ret_script };
	struct stage stage = { .trial = trial, .module = as_module(plugins) };

	*ret_script = (struct script){ 0 };
	stage.host = tutti_fake_host_new(stage.module);
	if (stage.host->refused) {
		trial_fail(trial, "what it says of itself is wrong: %s",
			   tutti_fake_host_error(stage.host));
		return false;
	}
	if (which & SCRIPT_OF_PLAIN) {
		stage_plain(&stage, visit, &making);
	}
	if (which & SCRIPT_OF_ODD) {
		stage_odd(&stage, visit, &making);
	}
	if (which & SCRIPT_OF_ENDS) {
		making.kind = SCRIPT_CANCEL;
		stage_plain(&stage, visit, &making);
		making.kind = SCRIPT_LATE;
		stage_plain(&stage, visit, &making);
	}
	if (which & SCRIPT_OF_HEAVY) {
		making.kind = SCRIPT_PLAIN;
		add_heavy(&stage, &making);
	}
	fake_host_destroy(stage.host);
	return true;
}

void script_fini(struct script *script)
{
	for (size_t i = 0; i < script->len; i++) {
		struct script_task *task = &script->tasks[i];

		free(task->uid);
		free(task->tenant);
		free(task->workflow);
		free(task->activity);
		free(task->plugin);
		free(task->name);
		free(task->label);
		for (int k = 0; k < HOST_DOCUMENTS; k++) {
			blob_unref(task->documents[k]);
		}
	}
	free(script->tasks);
	*script = (struct script){ 0 };
}

/* ---- a form at work ---- */

/* Told to stop, in time or because all patience is over. */
static enum transcript_end stop(const struct form *form,
				const struct script_task *task)
{
	form->cancel(form->self, task, task->kind == SCRIPT_LATE);
	if (form->wait(form->self, STAGE_GRACE_MS) &&
	    !form->is_dead(form->self)) {
		return task->kind == SCRIPT_PLAIN ? TRANSCRIPT_TIRED
						  : TRANSCRIPT_TOLD;
	}
	return TRANSCRIPT_STUCK;
}

void form_run(const struct form *form, const struct script_task *task,
	      int64_t patience_ms, struct transcript *transcript)
{
	int64_t deadline_us = 0;
	int64_t wait_ms = patience_ms;

	if (task->kind == SCRIPT_LATE) {
		deadline_us = clock_wall_us() + LATE_MS * 1000;
		wait_ms = LATE_MS;
	} else if (task->kind == SCRIPT_CANCEL) {
		wait_ms = CANCEL_MS;
	}
	form->deliver(form->self, task, deadline_us, transcript);
	if (!form->wait(form->self, wait_ms)) {
		transcript->end = stop(form, task);
	} else {
		transcript->end = form->is_dead(form->self)
				      ? TRANSCRIPT_STUCK
				      : TRANSCRIPT_BY_ITSELF;
	}
}
