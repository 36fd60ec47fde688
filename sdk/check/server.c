#include "check/server.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"

#define LEASE_MS 30000
#define READY_MS 10000
#define TURN_MS  10
#define INSTANCE "check#1"

/* ---- what the program says ---- */

static struct value text_or_null(struct slice text)
{
	return text.ptr ? value_string(text) : value_null();
}

static struct value describe(const struct wire_plugin *plugin)
{
	static const char *const phases[] = { "pre", "parallel", "post" };
	struct value map = value_map();
	struct value subscriptions = value_array();
	struct value params = value_array();

	for (size_t i = 0; i < plugin->subscription_count; i++) {
		struct value item = value_map();

		value_set(&item, "activity",
			  value_string(plugin->subscriptions[i].activity));
		value_set(&item, "phase",
			  value_text(phases[plugin->subscriptions[i].phase]));
		value_push(&subscriptions, item);
	}
	for (size_t i = 0; i < plugin->param_count; i++) {
		struct value item = value_map();

		value_set(&item, "name", value_string(plugin->params[i].name));
		value_set(&item, "type", value_string(plugin->params[i].type));
		value_set(&item, "fallback",
			  text_or_null(plugin->params[i].fallback));
		value_push(&params, item);
	}
	value_set(&map, "name", value_string(plugin->name));
	value_set(&map, "max_tasks", value_int(plugin->max_tasks));
	value_set(&map, "subscriptions", subscriptions);
	value_set(&map, "params", params);
	return map;
}

static int on_hello(void *arg, const struct wire_hello *hello,
		    struct buf *ret_name, struct value *ret_activities,
		    struct value *ret_config, struct err *reterr)
{
	struct server *server = arg;

	(void)ret_activities;
	if (server->instance) {
		return err_set(reterr, E_CONFLICT,
			       "one instance is all that is wanted");
	}
	for (size_t i = 0; i < hello->plugin_count; i++) {
		value_push(&server->plugins, describe(&hello->plugins[i]));
	}
	server->instance = alloc_string(INSTANCE);
	buf_put_text(ret_name, INSTANCE);
	*ret_config = script_params(server->trial, &server->plugins);
	return 0;
}

static void note_trouble(struct server *server, struct slice text)
{
	free(server->trouble);
	server->trouble = slice_dup(text);
}

static void on_ready(void *arg, const char *instance, struct slice error)
{
	struct server *server = arg;

	(void)instance;
	server->ready = error.len == 0;
	if (error.len) {
		note_trouble(server, error);
	}
}

static void on_gone(void *arg, const char *instance, bool orderly,
		    const char *message)
{
	struct server *server = arg;

	(void)instance;
	(void)orderly;
	server->gone = true;
	note_trouble(server, slice_of(message));
}

static struct transcript *transcript_of(struct server *server,
					const struct wire_key *key)
{
	const struct script_task *task = server->task;

	return task && key->task == task->number &&
		       key->attempt == task->attempt &&
		       id_equal(&key->run, &task->run)
		   ? server->transcript
		   : NULL;
}

static void on_completed(void *arg, const char *instance,
			 const struct link_done *done)
{
	struct server *server = arg;
	struct transcript *transcript = transcript_of(server, &done->key);

	(void)instance;
	if (transcript) {
		transcript_complete(transcript, done->outcome, done->message,
				    done->output, done->patch, done->until_us);
		server->task = NULL;
	}
}

static void on_returned(void *arg, const char *instance,
			const struct wire_key *key)
{
	struct server *server = arg;
	struct transcript *transcript = transcript_of(server, key);

	(void)instance;
	if (transcript) {
		transcript->given_back = true;
		server->task = NULL;
	}
}

static void on_progressed(void *arg, const char *instance,
			  const struct wire_key *key, double fraction,
			  struct slice note)
{
	struct transcript *transcript = transcript_of(arg, key);

	(void)instance;
	if (transcript) {
		transcript_progress(transcript, fraction, note);
	}
}

static void on_logged(void *arg, const char *instance,
		      const struct wire_item *line)
{
	struct transcript *transcript = transcript_of(arg, &line->key);

	(void)instance;
	if (transcript) {
		transcript_log(transcript, line->level, line->text);
	}
}

static void on_complained(void *arg, const char *text)
{
	(void)arg;
	(void)fprintf(stderr, "%s\n", text);
}

/* [any thread] */
static void on_wake(void *arg)
{
	const struct server *server = arg;
	const uint64_t one = 1;

	(void)!write(server->wake, &one, sizeof(one));
}

/* ---- turns ---- */

static int64_t now_ms(void)
{
	return clock_mono_ns() / 1000000;
}

static void turn(struct server *server)
{
	struct pollfd wanted = { .fd = server->wake, .events = POLLIN };
	uint64_t count;

	if (poll(&wanted, 1, TURN_MS) > 0) {
		(void)!read(server->wake, &count, sizeof(count));
	}
	link_turn(server->link, now_ms());
	link_committing(server->link);
	link_committed(server->link);
}

void server_pass(struct server *server, int64_t ms)
{
	int64_t until = now_ms() + ms;

	do {
		turn(server);
	} while (now_ms() < until);
}

static bool is_settled(struct server *server)
{
	return server->ready || server->trouble ||
	       program_ended(&server->program);
}

bool server_await_ready(struct server *server)
{
	int64_t until = now_ms() + READY_MS;

	while (!is_settled(server) && now_ms() < until) {
		turn(server);
	}
	if (server->ready && !program_ended(&server->program)) {
		return true;
	}
	if (server->trouble) {
		server_fail(server, "it did not get ready: %s",
			    server->trouble);
	} else if (program_ended(&server->program)) {
		server_fail(server, "its process ended before it was ready");
	} else {
		server_fail(server,
			    "it did not %s within %d s: connect to what "
			    "TUTTI_BUS names; programs linked with "
			    "libtutti_plugin_main.a do",
			    server->instance ? "say ready" : "say hello",
			    READY_MS / 1000);
	}
	return false;
}

bool server_stop(struct server *server, int64_t ms)
{
	int64_t until = now_ms() + ms;

	link_stop(server->link, INSTANCE);
	link_flush(server->link);
	while (!program_ended(&server->program) && now_ms() < until) {
		turn(server);
	}
	return program_ended(&server->program);
}

/* ---- the form ---- */

static struct wire_key key_of(const struct script_task *task)
{
	return (struct wire_key){
		.run = task->run,
		.task = task->number,
		.attempt = task->attempt,
		.wakes = task->wakes,
	};
}

static void deliver(void *self, const struct script_task *task,
		    int64_t deadline_us, struct transcript *transcript)
{
	struct server *server = self;
	struct link_task given = {
		.key = key_of(task),
		.instance = SLICE(INSTANCE),
		.plugin = slice_of(task->plugin),
		.name = slice_of(task->name),
		.uid = slice_of(task->uid),
		.tenant = slice_of(task->tenant),
		.workflow = slice_of(task->workflow),
		.activity = slice_of(task->activity),
		.phase = task->phase,
		.attributes = task->documents[DOCUMENT_ATTRIBUTES],
		.input = task->documents[DOCUMENT_INPUT],
		.stash = task->documents[DOCUMENT_STASH],
		.outputs = task->documents[DOCUMENT_OUTPUTS],
		.with = task->documents[DOCUMENT_WITH],
		.deadline_us = deadline_us,
	};

	server->task = task;
	server->transcript = transcript;
	link_deliver(server->link, &given);
	link_flush(server->link);
}

static void cancel(void *self, const struct script_task *task, bool timed_out)
{
	const struct server *server = self;
	const struct wire_key key = key_of(task);

	link_cancel(server->link, INSTANCE, &key, timed_out);
}

static bool is_dead(void *self)
{
	struct server *server = self;

	return server->gone || program_ended(&server->program);
}

static bool wait_for(void *self, int64_t ms)
{
	struct server *server = self;
	int64_t until = now_ms() + ms;

	while (server->task && !is_dead(server) && now_ms() < until) {
		turn(server);
	}
	return !server->task || is_dead(server);
}

struct form server_form(struct server *server)
{
	return (struct form){
		.self = server,
		.deliver = deliver,
		.cancel = cancel,
		.wait = wait_for,
		.is_dead = is_dead,
	};
}

/* ---- set-up ---- */

void server_fail(struct server *server, const char *format, ...)
{
	struct buf text = { 0 };
	va_list args;

	va_start(args, format);
	buf_vprintf(&text, format, args);
	va_end(args);
	(void)program_wait(&server->program, 100);
	buf_put_text(&text, " (the program: ");
	program_put_end(&server->program, &text);
	buf_put_text(&text, ")");
	trial_fail(server->trial, "%.*s", SLICE_ARG(buf_slice(&text)));
	buf_fini(&text);
}

static int serve(struct server *server, struct err *reterr)
{
	const struct link_options options = {
		.listen = "tcp://127.0.0.1:0",
		.bus_file = server->bus_file,
		.lease_ms = LEASE_MS,
		.handlers = {
			.arg = server,
			.hello = on_hello,
			.ready = on_ready,
			.gone = on_gone,
			.completed = on_completed,
			.returned = on_returned,
			.progressed = on_progressed,
			.logged = on_logged,
			.complained = on_complained,
			.wake = on_wake,
		},
	};

	return link_create(&options, &server->link, reterr);
}

/* There may be two of us at a time. */
static char *bus_file_of(const struct trial *trial)
{
	static unsigned count;
	struct buf path = { 0 };

	buf_printf(&path, "%s/bus-%u.json", trial->folder, ++count);
	return buf_take(&path);
}

bool server_open(struct trial *trial, const char *path,
		 struct server *ret_server)
{
	struct err err = { 0 };

	*ret_server = (struct server){
		.trial = trial,
		.path = path,
		.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
		.plugins = value_array(),
		.bus_file = bus_file_of(trial),
	};
	int rc = serve(ret_server, &err);

	rc = rc ? rc
		: program_start(path, ret_server->bus_file,
				&ret_server->program, &err);
	if (rc < 0) {
		trial_skip(trial, "the program cannot be served: %s", err.msg);
	}
	return rc == 0;
}

bool server_begin(struct trial *trial, const char *path,
		  struct server *ret_server)
{
	if (!server_open(trial, path, ret_server)) {
		return false;
	}
	if (server_await_ready(ret_server)) {
		return true;
	}
	server_close(ret_server);
	return false;
}

/* The descriptor to wake stays open: the bus's threads may still know it. */
void server_close(struct server *server)
{
	program_fini(&server->program);
	link_end(server->link);
	free(server->bus_file);
	free(server->instance);
	free(server->trouble);
	value_clear(&server->plugins);
}
