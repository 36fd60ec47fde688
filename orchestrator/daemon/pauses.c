#include "daemon/pauses.h"

#include "base/clock.h"

static void recall(struct daemon *daemon, const struct pause_record *pause)
{
	struct event event = {
		.kind = EVENT_PAUSE,
		.actor = pause->actor,
		.as.pause = {
			.scope = pause->workflow.len ? PAUSE_WORKFLOW
						     : PAUSE_ALL,
			.workflow = pause->workflow,
		},
	};
	struct err err = { 0 };

	if (engine_step(daemon->engine, &event, clock_wall_us(),
			&daemon->output, &err) < 0) {
		log_error("msg=\"a pause is forgotten: %s\"", err.msg);
		return;
	}
	if (pause->workflow.len) {
		log_warn("msg=\"the runs of workflow '%.*s' are paused\"",
			 SLICE_ARG(pause->workflow));
	} else {
		log_warn("msg=\"all runs are paused\"");
	}
}

int pauses_recall(struct daemon *daemon, struct err *reterr)
{
	struct pause_list list;
	int rc = view_pauses(daemon->view, &list, reterr);

	if (rc < 0) {
		return rc;
	}
	for (size_t i = 0; i < list.len; i++) {
		recall(daemon, &list.pauses[i]);
	}
	pause_list_fini(&list);
	return 0;
}

static struct slice key_of(const struct event *event)
{
	return event->as.pause.scope == PAUSE_WORKFLOW
		   ? event->as.pause.workflow
		   : SLICE("");
}

int pauses_change(struct daemon *daemon, struct event *event,
		  struct err *reterr)
{
	int64_t now_us = clock_wall_us();
	int rc =
	    engine_step(daemon->engine, event, now_us, &daemon->output, reterr);

	if (rc < 0 || event->as.pause.scope == PAUSE_RUN) {
		return rc;
	}
	if (event->kind == EVENT_PAUSE) {
		store_put_pause(daemon->store, key_of(event), event->actor,
				now_us);
	} else {
		store_delete_pause(daemon->store, key_of(event));
	}
	return 0;
}

int pauses_check(struct daemon *daemon, const struct event *event,
		 struct err *reterr)
{
	bool wanted = event->kind == EVENT_PAUSE;
	bool paused = false;
	struct pause_list list;
	int rc = view_pauses(daemon->view, &list, reterr);

	if (rc < 0) {
		return rc;
	}
	for (size_t i = 0; i < list.len; i++) {
		paused |= slice_equal(list.pauses[i].workflow, key_of(event));
	}
	pause_list_fini(&list);
	return paused == wanted ? err_set(reterr, E_UNCHANGED, "%s paused",
					  wanted ? "already" : "not")
				: 0;
}
