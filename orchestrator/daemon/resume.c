#include "daemon/resume.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "daemon/blame.h"
#include "daemon/pauses.h"
#include "document/pack.h"

static struct blob *encode(const struct value *value)
{
	return value->type == VALUE_NULL ? NULL : pack_blob(value);
}

/* The event has who and how; here it gets what the store has of the run. */
static int restore(struct daemon *daemon, const struct run_view *view,
		   struct event *event, struct err *reterr)
{
	struct blob **outputs =
	    alloc_zeroed(view->task_count, sizeof(struct blob *));
	struct blob *stash = encode(&view->stash);

	event->kind = EVENT_RESTORE;
	event->run = view->run.id;
	event->as.restore.run = &view->run;
	event->as.restore.definition = view->definition;
	event->as.restore.activities = view->activities;
	event->as.restore.tasks = view->tasks;
	event->as.restore.outputs = outputs;
	event->as.restore.stash = stash;
	event->as.restore.skips = &view->skips;
	for (size_t i = 0; i < view->task_count; i++) {
		outputs[i] = encode(&view->outputs[i]);
	}
	int rc = engine_step(daemon->engine, event, clock_wall_us(),
			     &daemon->output, reterr);

	for (size_t i = 0; i < view->task_count; i++) {
		blob_unref(outputs[i]);
	}
	free(outputs);
	blob_unref(stash);
	return rc;
}

static int restore_active(struct daemon *daemon, const struct run_view *view,
			  struct err *reterr)
{
	struct event event = {
		.as.restore = {
			.attributes = encode(&view->attributes),
			.input = encode(&view->input),
		},
	};
	struct buf blame = { 0 };
	struct restore_blame *blames =
	    blame_tasks(daemon, view, &blame, &event.as.restore.blame_count);

	event.as.restore.blames = blames;
	int rc = restore(daemon, view, &event, reterr);

	free(blames);
	buf_fini(&blame);
	blob_unref(event.as.restore.attributes);
	blob_unref(event.as.restore.input);
	return rc;
}

/* A person should know that some tasks wait for a plugin nobody loads. */
static void warn_of_missing(const struct daemon *daemon,
			    const struct run_view *view)
{
	const struct run *run = engine_run(daemon->engine, &view->run.id);

	for (uint32_t i = 0; run && i < run->record.task_count; i++) {
		const struct task_record *task = &run->tasks[i]->record;
		char text[ID_TEXT_SIZE];

		if (!task_state_final(task->state) &&
		    !engine_has_plugin(daemon->engine, task->plugin)) {
			id_format(&view->run.id, text);
			log_warn("run=%s msg=\"its task '%.*s' waits for "
				 "plugin '%.*s', which this config does not "
				 "load\"",
				 text, SLICE_ARG(task->name),
				 SLICE_ARG(task->plugin));
			return;
		}
	}
}

static void resume_run(struct daemon *daemon, const struct id *id)
{
	struct run_view *view = NULL;
	struct err err = { 0 };
	int rc = view_run(daemon->view, id, &view, &err);

	if (rc == 0 && view->task_count != view->run.task_count) {
		rc = err_set(&err, E_CORRUPT, "%zu of %u tasks are there",
			     view->task_count, view->run.task_count);
	}
	if (rc == 0) {
		rc = restore_active(daemon, view, &err);
	}
	if (rc == 0) {
		warn_of_missing(daemon, view);
	} else {
		char text[ID_TEXT_SIZE];

		id_format(id, text);
		log_error("run=%s msg=\"cannot be resumed, left as it is: "
			  "%s\"",
			  text, err.msg);
	}
	run_view_destroy(view);
}

int resume_runs(struct daemon *daemon, struct err *reterr)
{
	struct view_query query = { 0 };
	struct run_list list;

	for (unsigned state = 0; state < GROUP_STATES; state++) {
		if (!group_state_final((enum group_state)state)) {
			query.states |= 1u << state;
		}
	}
	int rc = pauses_recall(daemon, reterr);

	rc = rc < 0 ? rc : view_list(daemon->view, &query, &list, reterr);
	if (rc < 0) {
		return rc;
	}
	/* Newest first in the list; the oldest is to go on first. */
	for (size_t i = list.len; i-- > 0;) {
		resume_run(daemon, &list.runs[i].id);
	}
	if (list.len) {
		/* Who only wanted one run of his own should know why it takes
		 * longer. */
		log_line(daemon->options.control ? LOG_INFO : LOG_WARN,
			 "msg=\"%zu unfinished runs of this store go on\"",
			 engine_run_count(daemon->engine));
	}
	run_list_fini(&list);
	return 0;
}

/* ---- ended runs ---- */

static int reopen(struct daemon *daemon, const struct run_view *view,
		  const struct resume_order *order, struct err *reterr)
{
	bool changed = order->reopen->documents_changed;
	struct event event = {
		.actor = order->actor,
		.as.restore = {
			.attributes = changed ? blob_ref(order->attributes)
					      : encode(&view->attributes),
			.input = changed ? blob_ref(order->input)
					 : encode(&view->input),
			.reopen = order->reopen,
		},
	};

	int rc = restore(daemon, view, &event, reterr);

	blob_unref(event.as.restore.attributes);
	blob_unref(event.as.restore.input);
	return rc;
}

/* While its end is only in memory the store still has it as active. */
static int check_inactive(struct daemon *daemon, const struct id *id,
			  struct err *reterr)
{
	const struct run *run = engine_run(daemon->engine, id);

	if (!run) {
		return 0;
	}
	if (group_state_final(run->record.state)) {
		return err_set(reterr, E_BUSY,
			       "the run has ended a moment ago: try again");
	}
	return err_set(reterr, E_CONFLICT,
		       "the run has not ended, it is %s: nothing of it can be "
		       "done again yet",
		       group_state_name(run->record.state));
}

int resume_ended(struct daemon *daemon, const struct resume_order *order,
		 struct err *reterr)
{
	struct run_view *view = NULL;
	int rc = check_inactive(daemon, order->run, reterr);

	if (rc == 0) {
		rc = view_run(daemon->view, order->run, &view, reterr);
	}
	if (rc == 0 && !group_state_final(view->run.state)) {
		rc = err_set(reterr, E_CONFLICT,
			     "the run has not ended, and could not be resumed "
			     "when the daemon started; its log says why");
	}
	if (rc == 0) {
		rc = reopen(daemon, view, order, reterr);
	}
	run_view_destroy(view);
	return rc;
}
