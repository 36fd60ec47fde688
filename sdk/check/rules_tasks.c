/*
 * Tasks of all kinds, their completion, and threads.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "check/stage.h"

/* Tasks at once, of a plugin that allows more. */
#define AT_ONCE 64

static void run_one(struct stage *stage, const struct tutti_fake_work *work,
		    void *arg)
{
	(void)arg;
	(void)stage_run(stage, work);
}

static void run_plain(struct trial *trial)
{
	struct stage stage;

	if (stage_begin(trial, &stage)) {
		stage_plain(&stage, run_one, NULL);
		(void)stage_end(&stage);
	}
}

static void run_odd(struct trial *trial)
{
	struct stage stage;

	if (stage_begin(trial, &stage)) {
		stage_odd(&stage, run_one, NULL);
		(void)stage_end(&stage);
	}
}

static void run_stranger(struct stage *stage,
			 const struct tutti_fake_work *work, void *arg)
{
	struct tutti_fake_work strange = *work;

	(void)arg;
	strange.activity = "no activity that it knows";
	for (strange.phase = TUTTI_PRE; strange.phase <= TUTTI_POST;
	     strange.phase++) {
		(void)stage_run(stage, &strange);
	}
}

static void run_unknown(struct trial *trial)
{
	struct stage stage;

	if (stage_begin(trial, &stage)) {
		stage_plain(&stage, run_stranger, NULL);
		(void)stage_end(&stage);
	}
}

/* {"a":{"a":...}} as deep as a document may be. */
static char *deep_document(void)
{
	struct buf text = { 0 };

	for (int i = 0; i < LIMIT_GIVEN_DEPTH - 1; i++) {
		buf_put_text(&text, "{\"a\":");
	}
	buf_put_text(&text, "{}");
	for (int i = 0; i < LIMIT_GIVEN_DEPTH - 1; i++) {
		buf_put_byte(&text, '}');
	}
	return buf_take(&text);
}

static char *large_document(size_t size)
{
	struct buf text = { 0 };

	buf_put_text(&text, "{\"text\":\"");
	memset(buf_reserve(&text, size), 'x', size);
	text.len += size;
	buf_put_text(&text, "\"}");
	return buf_take(&text);
}

static void run_with(struct stage *stage, const struct tutti_fake_work *work,
		     void *arg)
{
	struct tutti_fake_work other = *work;

	other.attributes = other.input = other.stash = other.with = arg;
	(void)stage_run(stage, &other);
}

static void run_deep(struct trial *trial)
{
	char *document = deep_document();
	struct stage stage;

	if (stage_begin(trial, &stage)) {
		stage_plain(&stage, run_with, document);
		(void)stage_end(&stage);
	}
	free(document);
}

static void run_large(struct trial *trial)
{
	char *document = large_document(LIMIT_ATTRIBUTES - 64);
	struct stage stage;

	if (stage_begin(trial, &stage)) {
		stage_plain(&stage, run_with, document);
		(void)stage_end(&stage);
	}
	free(document);
}

/* Rules that the fake host itself sees broken. */
static void run_mistakes(struct trial *trial)
{
	struct stage stage;

	if (stage_begin(trial, &stage)) {
		stage_everything(&stage);
		(void)stage_end(&stage);
		stage_pause(30);
		stage_report(&stage, trial->rule->name);
	}
}

static void run_abandoned(struct stage *stage,
			  const struct tutti_fake_work *work, void *arg)
{
	struct tutti_fake_task *task = tutti_fake_host_task(stage->host, work);

	(void)arg;
	if (task) {
		tutti_fake_task_abandon(task);
		(void)tutti_fake_task_start(task);
		(void)stage_wait(stage, task, STAGE_PATIENCE_MS);
		(void)stage_run(stage, work);
	}
}

static void run_stale(struct trial *trial)
{
	struct stage stage;

	if (stage_begin(trial, &stage)) {
		stage_plain(&stage, run_abandoned, NULL);
		(void)stage_end(&stage);
	}
}

static void run_again(struct stage *stage, const struct tutti_fake_work *work,
		      void *arg)
{
	struct tutti_fake_work again = *work;

	(void)arg;
	again.number = 1000;
	(void)stage_run(stage, &again);
	again.attempt = 2;
	(void)stage_run(stage, &again);
}

static void run_attempts(struct trial *trial)
{
	struct stage stage;

	if (stage_begin(trial, &stage)) {
		stage_plain(&stage, run_again, NULL);
		(void)stage_end(&stage);
	}
}

static void run_crowd(struct stage *stage, const struct tutti_fake_work *work,
		      void *arg)
{
	struct fake_plugin *plugin =
	    fake_plugin_find(stage->host, work->plugin);
	uint32_t most = plugin->about.max_tasks;
	uint32_t count = most < AT_ONCE ? most : AT_ONCE;
	struct tutti_fake_task *tasks[AT_ONCE];

	(void)arg;
	for (uint32_t i = 0; i < count; i++) {
		tasks[i] = tutti_fake_host_task(stage->host, work);
	}
	for (uint32_t i = 0; i < count; i++) {
		(void)tutti_fake_task_start(tasks[i]);
	}
	for (uint32_t i = 0; i < count; i++) {
		(void)stage_wait(stage, tasks[i], i ? 0 : STAGE_PATIENCE_MS);
	}
}

static void run_parallel(struct trial *trial)
{
	struct stage stage;

	if (stage_begin(trial, &stage)) {
		for (int i = 0; i < 3; i++) {
			stage_plain(&stage, run_crowd, NULL);
		}
		(void)stage_end(&stage);
	}
}

#define TASKS(rule, what, function)                                 \
	{                                                           \
		.name = rule, .says = what, .needs = "tasks.plain", \
		.kinds = CHECK_MODULE, .run = function,             \
	}

#define LAST(rule, what, function)                               \
	{                                                        \
		.name = rule, .says = what, .needs = EVERYTHING, \
		.kinds = CHECK_MODULE, .run = function,          \
	}

static const struct rule task_rules[] = {
	{
	    .name = "tasks.plain",
	    .says = "an ordinary task comes to an end",
	    .needs = "life.init",
	    .kinds = CHECK_MODULE,
	    .run = run_plain,
	},
	TASKS("tasks.unknown", "a task of an unknown activity ends",
	      run_unknown),
	TASKS("tasks.odd", "empty and unexpected documents do no harm",
	      run_odd),
	TASKS("tasks.deep", "deeply nested documents do no harm", run_deep),
	TASKS("tasks.large", "large documents do no harm", run_large),
	TASKS("tasks.attempts", "the same task may come again", run_attempts),
	LAST("tasks.read_only", "what the host lends is not written to",
	     run_mistakes),
	LAST("tasks.after_finish", "nothing of a task is used after its end",
	     run_mistakes),
	LAST("tasks.result", "each result is one well-formed document",
	     run_mistakes),
	{
	    .name = "tasks.text",
	    .says = "messages, notes and log lines are UTF-8",
	    .needs = EVERYTHING,
	    .kinds = CHECK_MODULE,
	    .worst = CHECK_WARN,
	    .run = run_mistakes,
	},
	LAST("completion.ends", "every task is finished", run_mistakes),
	LAST("completion.once", "no task is finished twice", run_mistakes),
	LAST("completion.missing", "TUTTI_OK is returned for finished tasks",
	     run_mistakes),
	LAST("completion.code", "handle() returns codes of the SDK",
	     run_mistakes),
	LAST("completion.unknown", "only tasks that were given are finished",
	     run_mistakes),
	TASKS("completion.stale", "TUTTI_ESTALE at the end is survived",
	      run_stale),
	TASKS("threads.parallel", "max_tasks tasks at once do no harm",
	      run_parallel),
};

const struct rule_group rules_tasks = RULE_GROUP(task_rules);
