/*
 * Any order of requests, deliveries, commits, lost connections and time, for
 * one name that says hello again and again. A task is reported done or
 * returned only while the instance has it, and never twice; whatever leaves is
 * a message of the protocol. The sockets are the test's own.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/link_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TASKS 16
#define NAME  "fuzzed"

static struct link *fuzzed;
static bool given[TASKS]; /* in the hands of the instance */
static bool alive;
static int64_t now_ms = 1;
static unsigned hellos;
static uint32_t connection = 1; /* of the requests */

struct input {
	const uint8_t *at;
	size_t left;
};

static uint8_t next(struct input *input)
{
	if (!input->left) {
		return 0;
	}
	input->left--;
	return *input->at++;
}

static void require(bool holds)
{
	if (!holds) {
		abort();
	}
}

static void give_up(void)
{
	alive = false;
	memset(given, 0, sizeof(given));
}

/* ---- in place of link_socket.c ---- */

int link_sockets_open(const char *listen, const struct link_wake *wake,
		      struct link_sockets **ret_sockets, struct err *reterr)
{
	(void)listen;
	(void)wake;
	(void)reterr;
	*ret_sockets = NULL;
	return 0;
}

const char *link_sockets_address(const struct link_sockets *sockets,
				 enum link_place place)
{
	(void)sockets;
	(void)place;
	return "inproc://fuzz";
}

struct link_frame *link_sockets_take(struct link_sockets *sockets)
{
	(void)sockets;
	return NULL;
}

void link_frame_free(struct link_frame *frame)
{
	(void)frame;
}

void link_sockets_reply(struct link_sockets *sockets,
			const struct link_route *route, struct slice body)
{
	struct wire_reply reply;

	(void)sockets;
	(void)route;
	require(wire_get_reply(body, &reply, NULL) == 0);
	wire_reply_fini(&reply);
}

void link_sockets_publish(struct link_sockets *sockets, enum link_place place,
			  struct slice frame)
{
	struct wire_publication publication;

	(void)sockets;
	(void)place;
	require(wire_get_publication(frame, &publication, NULL) == 0);
	wire_publication_fini(&publication);
}

void link_sockets_drop(struct link_sockets *sockets,
		       const struct link_route *route)
{
	(void)sockets;
	(void)route;
}

/* Every third connection breaks right after its request. */
bool link_sockets_is_open(struct link_sockets *sockets, uint32_t pipe)
{
	(void)sockets;
	return pipe % 3 != 0;
}

bool link_sockets_has_peers(struct link_sockets *sockets, enum link_place place)
{
	(void)sockets;
	(void)place;
	return false;
}

void link_sockets_end(struct link_sockets *sockets)
{
	(void)sockets;
}

/* ---- handlers ---- */

static int on_hello(void *arg, const struct wire_hello *hello,
		    struct buf *ret_name, struct value *ret_activities,
		    struct value *ret_config, struct err *reterr)
{
	(void)arg;
	(void)hello;
	(void)ret_config;
	(void)reterr;
	require(!alive);
	alive = true;
	buf_put_text(ret_name, NAME);
	value_push(ret_activities, value_text("A"));
	return 0;
}

static void on_ready(void *arg, const char *instance, struct slice error)
{
	(void)arg;
	(void)instance;
	require(alive);
	if (error.len) {
		give_up();
	}
}

static void on_gone(void *arg, const char *instance, bool orderly,
		    const char *message)
{
	(void)arg;
	(void)instance;
	(void)orderly;
	(void)message;
	require(alive);
	give_up();
}

static void take_back(const struct wire_key *key)
{
	require(alive && given[key->task]);
	given[key->task] = false;
}

static void on_completed(void *arg, const char *instance,
			 const struct link_done *done)
{
	(void)arg;
	take_back(&done->key);
	if (done->late) {
		link_drop(fuzzed, instance);
		give_up();
	}
}

static void on_returned(void *arg, const char *instance,
			const struct wire_key *key)
{
	(void)arg;
	(void)instance;
	take_back(key);
}

static void on_progressed(void *arg, const char *instance,
			  const struct wire_key *key, double fraction,
			  struct slice note)
{
	(void)arg;
	(void)instance;
	(void)fraction;
	(void)note;
	require(alive && given[key->task]);
}

static void on_logged(void *arg, const char *instance,
		      const struct wire_item *line)
{
	(void)arg;
	(void)instance;
	(void)line;
	require(alive);
}

static void on_complained(void *arg, const char *text)
{
	(void)arg;
	(void)text;
}

static void on_wake(void *arg)
{
	(void)arg;
}

static void start(void)
{
	static const struct link_options options = {
		.listen = "inproc://fuzz",
		.lease_ms = 3000,
		.handlers = {
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

	require(link_create(&options, &fuzzed, NULL) == 0);
}

/* ---- steps ---- */

static struct wire_key key_of(uint8_t byte)
{
	return (struct wire_key){ .task = byte % TASKS, .attempt = 1 };
}

static void ask(struct wire_request *request)
{
	static char last[WIRE_SECRET_SIZE] = "nobody";
	struct link_session *session = link_session_of(fuzzed, NAME);
	struct link_frame frame = {
		.kind = LINK_REQUEST,
		.route = { .pipe = connection },
	};

	if (session) {
		memcpy(last, session->id, sizeof(last));
	}
	request->session = slice_of(last);
	frame.request = *request;
	fuzzed->turning = true;
	link_frame_take(fuzzed, &frame);
	fuzzed->turning = false;
	link_session_free_gone(fuzzed);
}

static void say_hello(struct input *input)
{
	char nonce[WIRE_SECRET_SIZE];
	struct wire_request request = { .kind = WIRE_HELLO };

	hellos += next(input) % 2;
	(void)snprintf(nonce, sizeof(nonce), "%032x", hellos);
	request.hello.nonce = slice_of(nonce);
	request.hello.token = slice_of(fuzzed->token);
	request.hello.name = SLICE(NAME);
	ask(&request);
}

static void report(struct input *input)
{
	struct wire_item items[4];
	struct wire_request request = {
		.kind = WIRE_UP,
		.n = next(input),
		.items = items,
		.item_count = next(input) % 5,
	};

	memset(items, 0, sizeof(items));
	for (size_t i = 0; i < request.item_count; i++) {
		items[i].kind = (enum wire_item_kind)(next(input) % 5);
		items[i].key = key_of(next(input));
		items[i].late = next(input) % 8 == 7;
		if (items[i].kind == WIRE_DONE) {
			link_done_check(&items[i]);
		}
	}
	ask(&request);
}

static void deliver(struct input *input)
{
	struct link_task task = {
		.key = key_of(next(input)),
		.instance = SLICE(NAME),
		.plugin = SLICE("p"),
		.name = SLICE("p"),
		.workflow = SLICE("w"),
		.activity = SLICE("A"),
		.phase = next(input) % 3,
	};

	link_deliver(fuzzed, &task);
	given[task.key.task] = alive;
}

static void tell(struct input *input)
{
	struct slice topic = SLICE("B");
	struct wire_key key = key_of(next(input));

	switch (next(input) % 6) {
	case 3:
		link_session_pipe_gone(fuzzed, connection);
		break;
	case 4:
		connection++;
		break;
	case 0:
		link_cancel(fuzzed, NAME, &key, false);
		break;
	case 1:
		link_stop(fuzzed, NAME);
		break;
	case 2:
		link_set_topics(fuzzed, NAME, &topic, 1);
		break;
	default:
		link_drop(fuzzed, NAME);
		give_up();
		break;
	}
}

static void pass_time(struct input *input)
{
	now_ms += next(input) * 20;
	link_turn(fuzzed, now_ms);
	require(!link_next_due_ms(fuzzed) || link_next_due_ms(fuzzed) > now_ms);
}

static void step(struct input *input)
{
	struct wire_request request = { .kind = WIRE_BYE };

	switch (next(input) % 10) {
	case 0:
		say_hello(input);
		break;
	case 1:
		request.kind = WIRE_READY;
		request.synced = next(input) % 2;
		request.error = next(input) % 8 == 7
				    ? SLICE("no")
				    : (struct slice){ NULL, 0 };
		ask(&request);
		break;
	case 2:
		request.kind = WIRE_POLL;
		request.seen = next(input);
		ask(&request);
		break;
	case 3:
		report(input);
		break;
	case 4:
		ask(&request);
		break;
	case 5:
		deliver(input);
		break;
	case 6:
		link_flush(fuzzed);
		break;
	case 7:
		link_committing(fuzzed);
		link_committed(fuzzed);
		break;
	case 8:
		tell(input);
		break;
	default:
		pass_time(input);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };

	if (!fuzzed) {
		start();
	}
	while (input.left) {
		step(&input);
	}
	/* Nothing of this input is left for the next. */
	link_drop(fuzzed, NAME);
	give_up();
	require(!fuzzed->sessions && !fuzzed->queue && !fuzzed->published);
	require(link_stats(fuzzed).instances == 0);
	now_ms += 1000;
	link_turn(fuzzed, now_ms);
	hellos++;
	connection = 1;
	return 0;
}
