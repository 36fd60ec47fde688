#include "daemon/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/near.h"
#include "daemon/commit.h"
#include "daemon/waiters.h"

void call_set_id(struct value *result, const char *key, const struct id *id)
{
	char text[ID_TEXT_SIZE];

	id_format(id, text);
	value_set(result, key, value_text(text));
}

void call_answer(struct call *call, struct value result)
{
	control_answer(call->daemon->control, call->request->session,
		       call->request->id, &result);
	value_clear(&result);
}

static struct deferred *defer(const struct call *call)
{
	struct deferred_list *list = &call->daemon->deferred;

	alloc_grow(list->deferred, list->len, list->cap);
	struct deferred *deferred = &list->deferred[list->len++];

	*deferred = (struct deferred){
		.session = call->request->session,
		.request = call->request->id,
		.result = value_null(),
	};
	return deferred;
}

void call_defer(struct call *call, struct value result)
{
	defer(call)->result = result;
}

/* A refusal may speak of what is not committed yet, just as an answer: a run
 * that has ended, a uid that is taken. */
static bool speaks_of_runs(const struct err *err)
{
	return err->code == E_UNCHANGED || err->code == E_CONFLICT;
}

static void call_refuse(struct call *call, const struct err *err)
{
	if (speaks_of_runs(err) && commit_outstanding(call->daemon)) {
		struct err *refusal = alloc_bytes(sizeof(*refusal));

		*refusal = *err;
		defer(call)->refusal = refusal;
	} else {
		control_refuse(call->daemon->control, call->request->session,
			       call->request->id, err);
	}
}

void call_postpone(struct call *call, const struct id *run)
{
	struct daemon *daemon = call->daemon;
	struct control_request *given = call->request;
	struct control_request *kept = alloc_zeroed(1, sizeof(*kept));
	struct message *message = alloc_zeroed(1, sizeof(*message));

	/* The given one is freed by who has called; its contents go along. */
	*kept = *given;
	given->verb = NULL;
	given->args = value_null();
	message->kind = MESSAGE_REQUEST;
	message->as.request = kept;
	alloc_grow(daemon->postponed, daemon->postponed_count,
		   daemon->postponed_cap);
	daemon->postponed[daemon->postponed_count++] = (struct postponed){
		.run = *run,
		.message = message,
	};
}

const char *call_state_of(const struct call *call, const struct id *id)
{
	const struct daemon *daemon = call->daemon;
	const struct run *run = engine_run(daemon->engine, id);
	struct run_view *view;
	const char *name = "";

	if (run) {
		return group_state_name(run->record.state);
	}
	if (view_run(daemon->view, id, &view, NULL) == 0) {
		name = group_state_name(view->run.state);
		run_view_destroy(view);
	}
	return name;
}

int call_read_run(const struct call *call, struct id *ret_run,
		  struct err *reterr)
{
	struct slice text = value_get_text(&call->request->args, "run");

	if (id_parse(text, ret_run) < 0) {
		return err_set(reterr, E_INVALID, "'%.*s' is not a run's id",
			       SLICE_ARG(text));
	}
	return 0;
}

int call_explain_inactive(const struct call *call, const struct id *run,
			  struct err *reterr)
{
	const char *state = call_state_of(call, run);

	if (*state) {
		return err_set(reterr, E_UNCHANGED, "the run has ended: %s",
			       state);
	}
	return err_set(reterr, E_NOT_FOUND, "there is no such run");
}

static int request_ping(struct call *call, struct err *reterr)
{
	struct value result = value_map();
	char started[CLOCK_TEXT_SIZE];

	(void)reterr;
	clock_format(call->daemon->started_us, started);
	value_set(&result, "pid", value_int(getpid()));
	value_set(&result, "version", value_text(TUTTI_VERSION));
	value_set(&result, "store",
		  value_text(store_directory(call->daemon->store)));
	value_set(&result, "started_at", value_text(started));
	value_set(&result, "bus", describe_bus(call->daemon));
	call_answer(call, result);
	return 0;
}

static int request_start(struct call *call, struct err *reterr)
{
	const struct value *args = &call->request->args;
	const struct value *uid = value_get(args, "uid");
	struct daemon_start start = {
		.tenant = value_get_text(args, "tenant"),
		.workflow = value_get_text(args, "workflow"),
		.uid = value_get_text(args, "uid"),
		.has_uid = uid && uid->type != VALUE_NULL,
		.attributes = value_get(args, "attributes"),
		.input = value_get(args, "input"),
		.resume = value_get_bool(args, "resume", false),
		.override = value_get_bool(args, "override", false),
		.dry_run = value_get_bool(args, "dry_run", false),
	};
	struct daemon_started started = { 0 };
	int rc = start_accept(call->daemon, &start, slice_of(call->actor),
			      &started, reterr);

	if (rc == E_BUSY) {
		call_postpone(call, &started.run);
		return 0;
	}
	if (rc < 0) {
		return rc;
	}
	struct value result = value_map();
	const struct run *run = engine_run(call->daemon->engine, &started.run);
	const char *state = call_state_of(call, &started.run);

	if (!start.dry_run || !started.created) {
		call_set_id(&result, "id", &started.run);
	}
	value_set(&result, "uid",
		  run ? value_string(run->record.uid)
		      : value_string(start.uid));
	if (run) {
		value_set(&result, "workflow",
			  value_string(run->record.workflow));
	} else {
		value_set(&result, "workflow", value_string(start.workflow));
	}
	value_set(&result, "created", value_bool(started.created));
	value_set(&result, "resumed", value_bool(started.resumed));
	value_set(&result, "state", *state ? value_text(state) : value_null());
	if (value_get_bool(args, "wait", false) && !start.dry_run && run) {
		waiters_add(call->daemon, call->request, &started.run, result);
	} else {
		call_defer(call, result);
	}
	return 0;
}

static int request_wait(struct call *call, struct err *reterr)
{
	struct daemon *daemon = call->daemon;
	struct id run;
	int rc = call_read_run(call, &run, reterr);

	if (rc < 0) {
		return rc;
	}
	if (!engine_run(daemon->engine, &run)) {
		const char *state = call_state_of(call, &run);
		struct value result = value_map();

		if (!*state) {
			value_clear(&result);
			return err_set(reterr, E_NOT_FOUND,
				       "there is no such run");
		}
		call_set_id(&result, "id", &run);
		value_set(&result, "state", value_text(state));
		call_answer(call, result);
		return 0;
	}
	struct value result = value_map();

	call_set_id(&result, "id", &run);
	waiters_add(daemon, call->request, &run, result);
	return 0;
}

static int request_cancel(struct call *call, struct err *reterr)
{
	struct daemon *daemon = call->daemon;
	bool dry_run = value_get_bool(&call->request->args, "dry_run", false);
	struct event event = { .kind = EVENT_CANCEL,
			       .actor = slice_of(call->actor) };
	int rc = call_read_run(call, &event.run, reterr);

	if (rc == 0 && !engine_run(daemon->engine, &event.run)) {
		rc = call_explain_inactive(call, &event.run, reterr);
	}
	if (rc == 0 && !dry_run) {
		rc = engine_step(daemon->engine, &event, clock_wall_us(),
				 &daemon->output, reterr);
	}
	if (rc < 0) {
		return rc;
	}
	struct value result = value_map();

	call_set_id(&result, "id", &event.run);
	value_set(&result, "state",
		  value_text(call_state_of(call, &event.run)));
	call_defer(call, result);
	return 0;
}

static struct value describe_task(const struct run *run, uint32_t number)
{
	const struct task_record *record = &run->tasks[number]->record;
	struct value task = value_map();

	value_set(
	    &task, "activity",
	    value_text(run_activity_definition(run, record->activity)->name));
	value_set(&task, "phase", value_text(phase_kind_name(record->phase)));
	value_set(&task, "task", value_string(record->name));
	return task;
}

static int request_skip(struct call *call, struct err *reterr)
{
	struct daemon *daemon = call->daemon;
	const struct value *args = &call->request->args;
	struct event event = {
		.kind = EVENT_SKIP,
		.actor = slice_of(call->actor),
		.as.skip = {
			.task = value_get_text(args, "task"),
			.dry_run = value_get_bool(args, "dry_run", false),
		},
	};
	int rc = call_read_run(call, &event.run, reterr);

	if (rc == 0 && !engine_run(daemon->engine, &event.run)) {
		rc = call_explain_inactive(call, &event.run, reterr);
	}
	if (rc == 0) {
		rc = engine_step(daemon->engine, &event, clock_wall_us(),
				 &daemon->output, reterr);
	}
	if (rc == 0) {
		struct value result = value_map();
		struct value skipped = value_array();
		const struct run *run = engine_run(daemon->engine, &event.run);

		for (size_t i = 0; i < event.as.skip.ret_count; i++) {
			value_push(
			    &skipped,
			    describe_task(run, event.as.skip.ret_tasks[i]));
		}
		call_set_id(&result, "id", &event.run);
		value_set(&result, "skipped", skipped);
		value_set(&result, "marked",
			  event.as.skip.ret_marked
			      ? value_string(event.as.skip.task)
			      : value_null());
		call_defer(call, result);
	}
	free(event.as.skip.ret_tasks);
	return rc;
}

static const struct verb {
	const char *name;
	int (*handle)(struct call *call, struct err *reterr);
} verbs[] = {
	{ "ping", request_ping },
	{ "start", request_start },
	{ "wait", request_wait },
	{ "cancel", request_cancel },
	{ "skip", request_skip },
	{ "retry", request_retry },
	{ "pause", request_pause },
	{ "resume", request_resume },
	{ "delete", request_delete },
	{ "import", request_import },
	{ "plugins", request_plugins },
	{ "plugin_remove", request_plugin_remove },
	{ "plugin_release", request_plugin_release },
	{ "scale", request_scale },
	{ "reload", request_reload },
	{ "explain", request_explain },
	{ "queue_pause", request_queue_pause },
	{ "queue_resume", request_queue_resume },
	{ "queue_redrive", request_queue_redrive },
	{ "queue_purge", request_queue_purge },
	{ "queue_drop", request_queue_drop },
	{ "metrics", request_metrics },
};

static int unknown_verb(const char *name, struct err *reterr)
{
	struct near near = { 0 };

	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		near_try(&near, slice_of(name), verbs[i].name);
	}
	return err_set(reterr, E_UNSUPPORTED,
		       "this daemon does not know the request '%.64s'%s%s%s",
		       name, near.best ? "; did you mean '" : "",
		       near.best ? near.best : "", near.best ? "'?" : "");
}

void request_handle(struct daemon *daemon, struct control_request *request)
{
	struct call call = { .daemon = daemon, .request = request };
	struct err err = { 0 };
	int rc = 1;

	(void)snprintf(call.actor, sizeof(call.actor), "operator uid %u",
		       (unsigned)request->peer_uid);
	for (size_t i = 0; rc > 0 && i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (slice_is(slice_of(request->verb), verbs[i].name)) {
			rc = verbs[i].handle(&call, &err);
		}
	}
	if (rc > 0) {
		rc = unknown_verb(request->verb, &err);
	}
	if (rc < 0) {
		call_refuse(&call, &err);
	}
}

static void refuse_blocked(struct daemon *daemon,
			   const struct control_request *request)
{
	struct err err;

	(void)err_set(&err, daemon->blocked_by.code,
		      "the store cannot be written: %s; nothing was accepted, "
		      "nothing is lost, try again when that is mended",
		      daemon->blocked_by.msg);
	control_refuse(daemon->control, request->session, request->id, &err);
}

void request_handle_blocked(struct daemon *daemon,
			    struct control_request *request)
{
	if (slice_is(slice_of(request->verb), "metrics")) {
		request_handle(daemon, request);
	} else {
		refuse_blocked(daemon, request);
	}
}

void request_refuse_draining(struct daemon *daemon,
			     const struct control_request *request)
{
	struct err err;

	(void)err_set(&err, E_UNREACHABLE,
		      "the daemon is stopping and takes nothing new");
	control_refuse(daemon->control, request->session, request->id, &err);
}

static void drop(struct deferred *deferred)
{
	value_clear(&deferred->result);
	free(deferred->refusal);
}

static void clear(struct deferred_list *list)
{
	for (size_t i = 0; i < list->len; i++) {
		drop(&list->deferred[i]);
	}
	list->len = 0;
}

void deferred_fini(struct deferred_list *list)
{
	clear(list);
	free(list->deferred);
	*list = (struct deferred_list){ 0 };
}

void request_answer_blocked(struct daemon *daemon, struct deferred_list *list)
{
	struct err err;

	(void)err_set(&err, daemon->blocked_by.code,
		      "not on disk yet: %s; it will be done as soon as the "
		      "store can be written, unless the daemon ends before: "
		      "ask again (a start with the same uid)",
		      daemon->blocked_by.msg);
	for (size_t i = 0; i < list->len; i++) {
		control_refuse(daemon->control, list->deferred[i].session,
			       list->deferred[i].request, &err);
	}
	clear(list);
	waiters_refuse_unstored(daemon, &err);
}

void request_answer_deferred(struct daemon *daemon, struct deferred_list *list)
{
	for (size_t i = 0; i < list->len; i++) {
		struct deferred *deferred = &list->deferred[i];

		if (deferred->refusal) {
			control_refuse(daemon->control, deferred->session,
				       deferred->request, deferred->refusal);
		} else {
			control_answer(daemon->control, deferred->session,
				       deferred->request, &deferred->result);
		}
	}
	clear(list);
}

void request_handle_postponed(struct daemon *daemon, const struct id *run)
{
	size_t kept = 0;

	for (size_t i = 0; i < daemon->postponed_count; i++) {
		struct postponed *postponed = &daemon->postponed[i];

		if (id_equal(&postponed->run, run)) {
			inbox_post(&daemon->inbox, postponed->message);
		} else {
			daemon->postponed[kept++] = *postponed;
		}
	}
	daemon->postponed_count = kept;
}
