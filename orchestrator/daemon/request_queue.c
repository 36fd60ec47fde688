/* Requests about queues: what waits in them, and what they have given up. Each
 * does one piece of a large work, so that the loop does other things between
 * two; who asks goes on asking. */
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "bridge/bridge.h"
#include "daemon/call.h"
#include "daemon/queues.h"
#include "daemon/resume.h"

static bool is_dry(const struct call *call)
{
	return value_get_bool(&call->request->args, "dry_run", false);
}

static int read_queue(const struct call *call, struct slice *ret_queue,
		      struct err *reterr)
{
	struct slice queue = value_get_text(&call->request->args, "queue");

	if (!bridge_has_queue(call->daemon->bridge, queue)) {
		return err_set(reterr, E_NOT_FOUND, "there is no queue '%.*s'",
			       SLICE_ARG(queue));
	}
	*ret_queue = queue;
	return 0;
}

static struct value new_result(struct slice queue)
{
	struct value result = value_map();

	value_set(&result, "queue", value_string(queue));
	return result;
}

/* A list of the request with at most `max` items. */
static int read_list(const struct call *call, const char *key, size_t max,
		     const struct value **ret_list, struct err *reterr)
{
	const struct value *list = value_get(&call->request->args, key);

	if (!list || list->type != VALUE_ARRAY || value_len(list) > max) {
		return err_set(reterr, E_INVALID,
			       "'%s' must be a list of at most %zu", key, max);
	}
	*ret_list = list;
	return 0;
}

/* ---- pausing ---- */

struct wanted_pause {
	struct slice queue;
	bool pause;
	bool unchanged;
};

static int look_at_pause(void *arg, const struct queue_record *queue)
{
	struct wanted_pause *wanted = arg;

	if (!slice_equal(queue->name, wanted->queue)) {
		return 0;
	}
	wanted->unchanged = (queue->paused_by.len > 0) == wanted->pause;
	return 1;
}

/* As far as it is committed. */
static int try_pause(const struct call *call, struct slice queue, bool pause,
		     struct err *reterr)
{
	struct wanted_pause wanted = { .queue = queue, .pause = pause };
	int rc =
	    view_each_queue(call->daemon->view, look_at_pause, &wanted, reterr);

	if (rc >= 0 && wanted.unchanged) {
		return err_set(reterr, E_UNCHANGED, "queue '%.*s' is %s paused",
			       SLICE_ARG(queue), pause ? "already" : "not");
	}
	return rc < 0 ? rc : 0;
}

/* Who did what to which queue can be read later. */
static void note(const struct call *call, struct slice queue, size_t count,
		 const char *what)
{
	struct buf line = { 0 };

	if (!is_dry(call) && count) {
		buf_put_text(&line, "queue=");
		log_put_quoted(&line, queue);
		log_info("%.*s count=%zu msg=\"%s by %s\"",
			 SLICE_ARG(buf_slice(&line)), count, what, call->actor);
		buf_fini(&line);
	}
}

static int change_pause(struct call *call, bool pause, struct err *reterr)
{
	struct slice queue;
	int rc = read_queue(call, &queue, reterr);

	if (rc == 0 && is_dry(call)) {
		rc = try_pause(call, queue, pause, reterr);
	} else if (rc == 0) {
		rc = bridge_pause(call->daemon->bridge, queue,
				  slice_of(pause ? call->actor : ""),
				  clock_wall_us(), reterr);
	}
	if (rc < 0) {
		return rc;
	}
	struct value result = new_result(queue);

	note(call, queue, 1, pause ? "queue paused" : "queue resumed");
	value_set(&result, "paused", value_bool(pause));
	call_defer(call, result);
	return 0;
}

int request_queue_pause(struct call *call, struct err *reterr)
{
	return change_pause(call, true, reterr);
}

int request_queue_resume(struct call *call, struct err *reterr)
{
	return change_pause(call, false, reterr);
}

/* ---- dead letters that are tried again ---- */

static bool has_just_ended(const struct call *call, const struct id *id)
{
	const struct run *run = engine_run(call->daemon->engine, id);

	return run && group_state_final(run->record.state);
}

/* All ids must be some; a run whose end is not committed yet is waited for
 * before anything is done, because the request is then handled anew. */
static int check_runs(struct call *call, const struct value *list,
		      bool *ret_postponed, struct err *reterr)
{
	for (size_t i = 0; i < value_len(list); i++) {
		const struct value *item = value_at(list, i);
		struct id id;

		if (item->type != VALUE_STRING ||
		    id_parse(item->as.text, &id)) {
			return err_set(reterr, E_INVALID,
				       "'runs' must be ids of runs");
		}
		if (has_just_ended(call, &id)) {
			call_postpone(call, &id);
			*ret_postponed = true;
			return 0;
		}
	}
	return 0;
}

/* {"id", "state", "tasks", "active", "changed", "message"} */
static struct value redrive(struct call *call, struct slice queue,
			    const struct id *run)
{
	struct engine_reopen reopen = {
		.kind = REOPEN_FAILED,
		.queue = queue,
		.dry_run = is_dry(call),
	};
	struct resume_order order = {
		.run = run,
		.reopen = &reopen,
		.actor = slice_of(call->actor),
	};
	bool active = engine_run(call->daemon->engine, run) != NULL;
	struct value row = value_map();
	struct err err = { 0 };
	int rc = resume_ended(call->daemon, &order, &err);
	const char *state = call_state_of(call, run);

	call_set_id(&row, "id", run);
	value_set(&row, "state", *state ? value_text(state) : value_null());
	value_set(&row, "tasks", value_int(rc ? 0 : reopen.ret_tasks));
	value_set(&row, "active", value_bool(rc && active));
	value_set(&row, "changed", value_bool(rc == 0));
	value_set(&row, "message", rc ? value_text(err.msg) : value_null());
	return row;
}

int request_queue_redrive(struct call *call, struct err *reterr)
{
	const struct value *list = NULL;
	struct slice queue;
	bool postponed = false;
	int rc = read_queue(call, &queue, reterr);

	rc = rc ? rc : read_list(call, "runs", LIMIT_QUEUE_RUNS, &list, reterr);
	rc = rc ? rc : check_runs(call, list, &postponed, reterr);
	if (rc < 0 || postponed) {
		return rc;
	}
	struct value result = new_result(queue);
	struct value rows = value_array();

	for (size_t i = 0; i < value_len(list); i++) {
		struct id id;

		(void)id_parse(value_at(list, i)->as.text, &id);
		value_push(&rows, redrive(call, queue, &id));
	}
	note(call, queue, value_len(list), "redriving dead letters of runs");
	value_set(&result, "runs", rows);
	call_defer(call, result);
	return 0;
}

/* ---- throwing away ---- */

static bool purge(struct call *call, const struct message_key *key)
{
	struct daemon *daemon = call->daemon;
	struct event event = {
		.kind = EVENT_PURGED,
		.run = key->run,
		.actor = slice_of(call->actor),
		.as.message.task = key->task,
	};

	return engine_step(daemon->engine, &event, clock_wall_us(),
			   &daemon->output, NULL) == 0;
}

int request_queue_purge(struct call *call, struct err *reterr)
{
	struct message_key keys[LIMIT_QUEUE_MESSAGES];
	struct slice queue;
	size_t purged = 0;
	int rc = read_queue(call, &queue, reterr);

	if (rc < 0) {
		return rc;
	}
	/* What this turn has ended already waits no more. */
	queues_obey(call->daemon);
	size_t len = bridge_waiting(call->daemon->bridge, queue, keys,
				    LIMIT_QUEUE_MESSAGES);

	for (size_t i = 0; i < len; i++) {
		purged += is_dry(call) || purge(call, &keys[i]);
	}
	if (purged == 0) {
		return err_set(reterr, E_UNCHANGED,
			       "nothing waits in queue '%.*s'",
			       SLICE_ARG(queue));
	}
	note(call, queue, purged, "messages thrown away");
	struct value result = new_result(queue);

	value_set(&result, "purged", value_int((int64_t)purged));
	call_defer(call, result);
	return 0;
}

struct dead_search {
	struct slice queue;
	uint32_t task;
	bool found;
};

static int look_at_message(void *arg, const struct message_record *message)
{
	struct dead_search *search = arg;

	if (message->task != search->task) {
		return 0;
	}
	search->found = message->state == MESSAGE_DEAD &&
			slice_equal(message->queue, search->queue);
	return 1;
}

static bool drop(struct call *call, struct slice queue,
		 const struct value *item)
{
	struct message_key key;
	struct dead_search search = {
		.queue = queue,
		.task = (uint32_t)value_get_int(item, "task", -1),
	};

	if (id_parse(value_get_text(item, "run"), &key.run) ||
	    view_each_message(call->daemon->view, &key.run, look_at_message,
			      &search, NULL) < 0 ||
	    !search.found) {
		return false;
	}
	key.task = search.task;
	if (!is_dry(call)) {
		bridge_drop_dead(call->daemon->bridge, &key);
	}
	return true;
}

int request_queue_drop(struct call *call, struct err *reterr)
{
	const struct value *list = NULL;
	struct slice queue;
	size_t dropped = 0;
	int rc = read_queue(call, &queue, reterr);

	rc = rc ? rc
		: read_list(call, "messages", LIMIT_QUEUE_MESSAGES, &list,
			    reterr);
	if (rc < 0) {
		return rc;
	}
	for (size_t i = 0; i < value_len(list); i++) {
		dropped += drop(call, queue, value_at(list, i));
	}
	if (dropped == 0) {
		return err_set(reterr, E_UNCHANGED,
			       "queue '%.*s' has none of these dead letters",
			       SLICE_ARG(queue));
	}
	note(call, queue, dropped, "dead letters thrown away");
	struct value result = new_result(queue);

	value_set(&result, "dropped", value_int((int64_t)dropped));
	call_defer(call, result);
	return 0;
}
