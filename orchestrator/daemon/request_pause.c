/* Requests that hold runs back, and let them go on. */
#include "base/clock.h"
#include "daemon/call.h"
#include "daemon/pauses.h"

static int read_scope(struct call *call, struct event *event,
		      struct err *reterr)
{
	const struct value *args = &call->request->args;
	struct slice workflow = value_get_text(args, "workflow");

	if (value_get_bool(args, "all", false)) {
		event->as.pause.scope = PAUSE_ALL;
		return 0;
	}
	if (!value_get(args, "workflow")) {
		event->as.pause.scope = PAUSE_RUN;
		return call_read_run(call, &event->run, reterr);
	}
	event->as.pause.scope = PAUSE_WORKFLOW;
	event->as.pause.workflow = workflow;
	return name_valid(workflow)
		   ? 0
		   : err_set(reterr, E_INVALID,
			     "'workflow' must be a workflow's name");
}

/* It must not have ended, nor be what is wanted already. */
static int check_run(struct call *call, const struct event *event, bool dry_run,
		     struct err *reterr)
{
	const struct run *run = engine_run(call->daemon->engine, &event->run);
	bool wanted = event->kind == EVENT_PAUSE;

	if (!run || group_state_final(run->record.state)) {
		return call_explain_inactive(call, &event->run, reterr);
	}
	return dry_run && run->record.paused == wanted
		   ? err_set(reterr, E_UNCHANGED, "the run is %s paused",
			     wanted ? "already" : "not")
		   : 0;
}

static bool has_runs(const struct daemon *daemon, struct slice workflow)
{
	for (const struct run *run = engine_first_run(daemon->engine); run;
	     run = run->by_id.next) {
		if (slice_equal(run->record.workflow, workflow)) {
			return true;
		}
	}
	return false;
}

/* A pause of what does not exist would surprise whoever names something so. One
 * that has left the config may still have runs. */
static int check_workflow(const struct call *call, struct slice workflow,
			  struct err *reterr)
{
	struct definition *found;
	int rc = daemon_find_workflow(call->daemon->options.config, workflow,
				      &found, reterr);

	return rc == E_NOT_FOUND && has_runs(call->daemon, workflow) ? 0 : rc;
}

static int check(struct call *call, const struct event *event,
		 struct err *reterr)
{
	bool dry_run = value_get_bool(&call->request->args, "dry_run", false);

	if (event->as.pause.scope == PAUSE_RUN) {
		return check_run(call, event, dry_run, reterr);
	}
	if (event->as.pause.scope == PAUSE_WORKFLOW &&
	    event->kind == EVENT_PAUSE) {
		int rc = check_workflow(call, event->as.pause.workflow, reterr);

		if (rc < 0) {
			return rc;
		}
	}
	/* Else the engine knows better: also what is not committed yet. */
	return dry_run ? pauses_check(call->daemon, event, reterr) : 0;
}

static void answer(struct call *call, const struct event *event)
{
	struct value result = value_map();

	if (event->as.pause.scope == PAUSE_RUN) {
		call_set_id(&result, "id", &event->run);
		value_set(&result, "state",
			  value_text(call_state_of(call, &event->run)));
	}
	value_set(&result, "paused", value_bool(event->kind == EVENT_PAUSE));
	call_defer(call, result);
}

static int change(struct call *call, enum event_kind kind, struct err *reterr)
{
	bool dry_run = value_get_bool(&call->request->args, "dry_run", false);
	struct event event = { .kind = kind, .actor = slice_of(call->actor) };
	int rc = read_scope(call, &event, reterr);

	if (rc == 0) {
		rc = check(call, &event, reterr);
	}
	if (rc == 0 && !dry_run) {
		rc = pauses_change(call->daemon, &event, reterr);
	}
	if (rc == 0) {
		answer(call, &event);
	}
	return rc;
}

int request_pause(struct call *call, struct err *reterr)
{
	return change(call, EVENT_PAUSE, reterr);
}

int request_resume(struct call *call, struct err *reterr)
{
	return change(call, EVENT_RESUME, reterr);
}
