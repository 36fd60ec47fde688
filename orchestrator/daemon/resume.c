#include "daemon/resume.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "daemon/blame.h"
#include "document/pack.h"

static struct blob *encode(const struct value *value)
{
	return value->type == VALUE_NULL ? NULL : pack_blob(value);
}

static int restore(struct daemon *daemon, const struct run_view *view,
		   struct err *reterr)
{
	struct blob **outputs =
	    alloc_zeroed(view->task_count, sizeof(struct blob *));
	struct event event = {
		.kind = EVENT_RESTORE,
		.run = view->run.id,
		.as.restore = {
			.run = &view->run,
			.definition = view->definition,
			.activities = view->activities,
			.tasks = view->tasks,
			.outputs = outputs,
			.attributes = encode(&view->attributes),
			.input = encode(&view->input),
			.stash = encode(&view->stash),
			.skips = &view->skips,
		},
	};

	struct buf blame = { 0 };
	struct restore_blame *blames =
	    blame_tasks(daemon, view, &blame, &event.as.restore.blame_count);

	event.as.restore.blames = blames;
	for (size_t i = 0; i < view->task_count; i++) {
		outputs[i] = encode(&view->outputs[i]);
	}
	int rc = engine_step(daemon->engine, &event, clock_wall_us(),
			     &daemon->output, reterr);

	for (size_t i = 0; i < view->task_count; i++) {
		blob_unref(outputs[i]);
	}
	free(outputs);
	free(blames);
	buf_fini(&blame);
	blob_unref(event.as.restore.attributes);
	blob_unref(event.as.restore.input);
	blob_unref(event.as.restore.stash);
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
		rc = restore(daemon, view, &err);
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
	int rc = view_list(daemon->view, &query, &list, reterr);

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
