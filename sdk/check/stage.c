#include "check/stage.h"

#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "document/json.h"

void stage_pause(int64_t real_ms)
{
	struct timespec rest = { .tv_sec = real_ms / 1000,
				 .tv_nsec = real_ms % 1000 * 1000000 };

	(void)nanosleep(&rest, NULL);
}

struct value stage_made_up(int32_t type)
{
	switch (type) {
	case TUTTI_BOOL:
		return value_bool(true);
	case TUTTI_INT:
		return value_int(1);
	case TUTTI_DOUBLE:
		return value_double(0.5);
	case TUTTI_DURATION:
		return value_text("1s");
	default:
		return value_text("check");
	}
}

static void add_missing(struct value *params, const struct tutti_plugin *about)
{
	for (uint32_t i = 0; i < about->param_count; i++) {
		const struct tutti_param *param = &about->params[i];

		if (!param->fallback && !value_get(params, param->name)) {
			value_set(params, param->name,
				  stage_made_up(param->type));
		}
	}
}

static char *make_params(const struct stage *stage)
{
	const char *given = stage->trial->options->params;
	struct value params = value_map();
	struct buf text = { 0 };

	if (given && json_read(slice_of(given), NULL, &params, NULL) < 0) {
		params = value_map();
	}
	for (size_t i = 0; i < stage->host->plugin_count; i++) {
		add_missing(&params, &stage->host->plugins[i].about);
	}
	json_write(&text, &params, JSON_COMPACT);
	value_clear(&params);
	return buf_take(&text);
}

bool stage_open(struct trial *trial, struct stage *stage)
{
	*stage = (struct stage){ .trial = trial };
	stage->module = trial_load(trial);
	if (!stage->module) {
		return false;
	}
	stage->host = tutti_fake_host_new(stage->module);
	if (stage->host->refused) {
		trial_skip(trial, "the description is wrong: %s",
			   tutti_fake_host_error(stage->host));
		return false;
	}
	stage->params = make_params(stage);
	if (tutti_fake_host_params(stage->host, stage->params) < 0) {
		trial_fail(trial, "--params: %s",
			   tutti_fake_host_error(stage->host));
		return false;
	}
	stage_watch_faults(stage);
	return true;
}

struct tutti_fake_host *stage_host(const struct stage *stage)
{
	struct tutti_fake_host *host = tutti_fake_host_new(stage->module);

	(void)tutti_fake_host_params(host, stage->params);
	return host;
}

bool stage_start(struct stage *stage)
{
	if (tutti_fake_host_start(stage->host) == TUTTI_OK) {
		return true;
	}
	trial_skip(stage->trial, "init() failed: see life.init");
	return false;
}

bool stage_begin(struct trial *trial, struct stage *stage)
{
	return stage_open(trial, stage) && stage_start(stage);
}

static void stuck(struct stage *stage, const struct tutti_fake_task *task)
{
	trial_report(stage->trial, CHECK_FAIL, "completion.ends",
		     "plugin '%s': %lld ms after it was cancelled the task is "
		     "%s: finish every task, soon after cancel() or when "
		     "tutti_cancelled() says so",
		     task->plugin->about.name, (long long)STAGE_GRACE_MS,
		     task->finished   ? "finished, but handle() has not "
					"returned"
		     : task->returned ? "still not finished"
				      : "still in handle()");
	trial_give_up(stage->trial);
}

enum stage_step stage_wait(struct stage *stage, struct tutti_fake_task *task,
			   int64_t by_itself_ms)
{
	int64_t until = clock_mono_ns() + by_itself_ms * 1000000;

	do {
		if (tutti_fake_task_wait(task, 5) == TUTTI_OK) {
			return STAGE_BY_ITSELF;
		}
		tutti_fake_host_advance(stage->host, 1000);
	} while (clock_mono_ns() < until);
	tutti_fake_task_cancel(task, TUTTI_CANCELLED);
	if (tutti_fake_task_wait(task, STAGE_GRACE_MS) == TUTTI_OK) {
		return STAGE_CANCELLED;
	}
	stuck(stage, task);
	return STAGE_STUCK;
}

void stage_expect_end(struct stage *stage, struct tutti_fake_task *task)
{
	if (tutti_fake_task_wait(task, STAGE_GRACE_MS) == TUTTI_OK) {
		return;
	}
	trial_fail(
	    stage->trial,
	    "plugin '%s': the task has not ended %lld ms after it "
	    "should have stopped: ask tutti_cancelled() again and again, "
	    "also once before the work begins",
	    task->plugin->about.name, (long long)STAGE_GRACE_MS);
	tutti_fake_task_cancel(task, TUTTI_CANCELLED);
	if (tutti_fake_task_wait(task, STAGE_GRACE_MS) != TUTTI_OK) {
		trial_give_up(stage->trial);
	}
}

struct tutti_fake_task *stage_task(struct stage *stage,
				   const struct tutti_fake_work *work)
{
	struct tutti_fake_task *task = tutti_fake_host_task(stage->host, work);

	if (!task || tutti_fake_task_start(task) != TUTTI_OK) {
		trial_skip(stage->trial, "the task could not be made: %s",
			   tutti_fake_host_error(stage->host));
		return NULL;
	}
	return task;
}

enum stage_step stage_run(struct stage *stage,
			  const struct tutti_fake_work *work)
{
	struct tutti_fake_task *task = stage_task(stage, work);

	return task ? stage_wait(stage, task, STAGE_PATIENCE_MS) : STAGE_STUCK;
}

bool stage_end(struct stage *stage)
{
	struct tutti_fake_host *host = stage->host;

	tutti_fake_host_stop(host);
	for (struct tutti_fake_task *task = host->tasks; task;
	     task = task->next) {
		if (task->state != FAKE_TASK_NEW &&
		    stage_wait(stage, task, STAGE_PATIENCE_MS) == STAGE_STUCK) {
			return false;
		}
	}
	fake_host_fini_plugins(host);
	return true;
}

void stage_report(struct stage *stage, const char *rule)
{
	const struct tutti_fake_host *host = stage->host;

	for (size_t i = 0; i < host->mistake_len; i++) {
		if (!strcmp(host->mistakes[i].rule, rule)) {
			trial_report(stage->trial,
				     stage->trial->rule->worst
					 ? stage->trial->rule->worst
					 : CHECK_FAIL,
				     NULL, "%s", host->mistakes[i].text);
			return;
		}
	}
}
