/*
 * A link whose clock stands still unless the test moves it, handlers that
 * write down what they are told, and peers on plain sockets. All in one
 * thread: whoever waits for a frame turns the link meanwhile.
 */
#ifndef TEST_LINK_FIXTURE_H
#define TEST_LINK_FIXTURE_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "bus/link_private.h"
#include "bus/link_secret.h"
#include "document/json.h"
#include "document/pack.h"

#define PATIENCE_MS 20000
#define LEASE_MS    3000

static struct err test_err __attribute__((unused));

#define assert_ok(call)                                               \
	do {                                                          \
		int ok_rc = (call);                                   \
		if (ok_rc) {                                          \
			fail_msg("%s: %s %s", #call, err_name(ok_rc), \
				 test_err.msg);                       \
		}                                                     \
	} while (0)

struct world {
	struct link *link;
	int wake; /* eventfd */
	int64_t now_ms;
	struct buf said;     /* what handlers were told */
	char complaint[256]; /* the last one */
	const char *name;    /* of the next instance; NULL: refuse it */
	const char *activity;
	struct blob *input; /* of what is delivered */
	bool drop_on_done;
};

static struct world world;

/* ---- handlers ---- */

static inline int on_hello(void *arg, const struct wire_hello *hello,
			   struct buf *ret_name, struct value *ret_activities,
			   struct value *ret_config, struct err *reterr)
{
	(void)arg;
	if (!world.name) {
		return err_set(reterr, E_CONFLICT, "not today");
	}
	buf_put_text(ret_name, hello->name.len ? "named" : world.name);
	value_push(ret_activities, value_text(world.activity));
	*ret_config = value_map();
	value_set(ret_config, "size", value_int(7));
	buf_printf(&world.said, "hello %.*s;",
		   SLICE_ARG(hello->plugins[0].name));
	return 0;
}

static inline void on_ready(void *arg, const char *instance, struct slice error)
{
	(void)arg;
	buf_printf(&world.said, "ready %s%s%.*s;", instance,
		   error.len ? ": " : "", SLICE_ARG(error));
}

static inline void on_gone(void *arg, const char *instance, bool orderly,
			   const char *message)
{
	(void)arg;
	buf_printf(&world.said, "gone %s%s: %s;", instance,
		   orderly ? " orderly" : "", message);
}

static inline void on_completed(void *arg, const char *instance,
				const struct link_done *done)
{
	(void)arg;
	buf_printf(&world.said, "done %s %u/%u %d %.*s;", instance,
		   done->key.task, done->key.attempt, done->outcome,
		   SLICE_ARG(done->message));
	if (world.drop_on_done) {
		link_drop(world.link, instance);
	}
}

static inline void on_returned(void *arg, const char *instance,
			       const struct wire_key *key)
{
	(void)arg;
	buf_printf(&world.said, "returned %s %u;", instance, key->task);
}

static inline void on_progressed(void *arg, const char *instance,
				 const struct wire_key *key, double fraction,
				 struct slice note)
{
	(void)arg;
	buf_printf(&world.said, "progress %s %u %.2f %.*s;", instance,
		   key->task, fraction, SLICE_ARG(note));
}

static inline void on_logged(void *arg, const char *instance,
			     const struct wire_item *line)
{
	(void)arg;
	buf_printf(&world.said, "log %s %.*s;", instance,
		   SLICE_ARG(line->text));
}

static inline void on_complained(void *arg, const char *text)
{
	(void)arg;
	buf_put_text(&world.said, "complaint;");
	(void)snprintf(world.complaint, sizeof(world.complaint), "%s", text);
}

static inline void on_wake(void *arg)
{
	uint64_t one = 1;

	(void)arg;
	(void)!write(world.wake, &one, sizeof(one));
}

/* Says what was told since the last time. */
#define assert_said(text)                            \
	do {                                         \
		char *said_ = buf_take(&world.said); \
		assert_string_equal(said_, text);    \
		free(said_);                         \
	} while (0)

static inline void turn(void)
{
	link_turn(world.link, world.now_ms);
}

/* Turn once something is queued, or when the descriptor can be read. */
static inline bool wait_turn(int fd)
{
	struct pollfd fds[] = {
		{ .fd = world.wake, .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
	};
	uint64_t count;

	if (poll(fds, 2, PATIENCE_MS) <= 0) {
		return false;
	}
	if (fds[0].revents) {
		(void)!read(world.wake, &count, sizeof(count));
		turn();
	}
	return true;
}

/* ---- peers ---- */

struct peer {
	int fd;
	uint32_t id;
	char session[WIRE_SECRET_SIZE];
	char nonce[WIRE_SECRET_SIZE];
	struct buf in; /* the last frame */
};

static inline int dial(const char *address)
{
	int port = atoi(strrchr(address, ':') + 1);
	int one = 1;
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

/* All of it, turning the link meanwhile; false at the end of the stream. */
static inline bool read_all(int fd, char *at, size_t len)
{
	while (len) {
		ssize_t got = recv(fd, at, len, MSG_DONTWAIT);

		if (got == 0 || (got < 0 && errno != EAGAIN)) {
			return false;
		}
		if (got > 0) {
			at += got;
			len -= (size_t)got;
		} else if (!wait_turn(fd)) {
			fail_msg("nothing came");
		}
	}
	return true;
}

static inline bool write_all(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len) {
		ssize_t sent = send(fd, at, len, MSG_NOSIGNAL);

		if (sent <= 0) {
			return false;
		}
		at += sent;
		len -= (size_t)sent;
	}
	return true;
}

static inline struct peer *peer_new(const char *address, unsigned char own)
{
	struct peer *peer = alloc_zeroed(1, sizeof(*peer));
	unsigned char greeting[8] = { 0, 'S', 'P', 0, 0, own, 0, 0 };
	char answer[8];

	peer->fd = dial(address);
	assert_true(write_all(peer->fd, greeting, sizeof(greeting)));
	assert_true(read_all(peer->fd, answer, sizeof(answer)));
	assert_memory_equal(answer, "\0SP\0\0", 5);
	link_secret_make(peer->nonce, WIRE_SECRET_SIZE - 1);
	return peer;
}

static inline struct peer *requester(void)
{
	return peer_new(link_addresses(world.link).requests, 0x30);
}

/* Frames with rising numbers until the last one comes: the publisher knows it
 * from then on. */
static inline struct peer *subscriber(enum link_place place)
{
	struct peer *peer =
	    peer_new(link_sockets_address(world.link->sockets, place), 0x21);
	uint32_t sent = 0;
	uint32_t seen = 0;
	char number[4];

	while (seen != sent || !sent) {
		struct buf probe = { 0 };

		if (!seen) {
			buf_put_u32(&probe, ++sent);
			link_sockets_publish(world.link->sockets, place,
					     buf_slice(&probe));
			buf_fini(&probe);
		}
		if (poll(&(struct pollfd){ peer->fd, POLLIN, 0 }, 1, 10) > 0) {
			assert_true(read_all(peer->fd, number, 4));
			assert_true(read_all(peer->fd, number, 4));
			assert_true(read_all(peer->fd, number, 4));
			seen = read_u32(number);
		}
	}
	return peer;
}

static inline void peer_free(struct peer *peer)
{
	if (peer->fd >= 0) {
		(void)close(peer->fd);
	}
	buf_fini(&peer->in);
	free(peer);
}

/* Its connection ends, and the link knows. */
static inline void hang_up(struct peer *peer)
{
	(void)close(peer->fd);
	peer->fd = -1;
	assert_true(wait_turn(-1));
}

static inline void send_body(struct peer *peer, struct slice body)
{
	struct buf frame = { 0 };

	buf_put_u64(&frame, body.len + 4);
	buf_put_u32(&frame, 0x80000000u | ++peer->id);
	buf_put_slice(&frame, body);
	assert_true(write_all(peer->fd, frame.data, frame.len));
	buf_fini(&frame);
}

static inline void send_json(struct peer *peer, const char *text)
{
	struct value value;
	struct buf body = { 0 };

	assert_ok(json_read(slice_of(text), NULL, &value, &test_err));
	pack_write(&body, &value);
	send_body(peer, buf_slice(&body));
	value_clear(&value);
	buf_fini(&body);
}

static inline bool read_frame(struct peer *peer)
{
	char head[8];

	if (!read_all(peer->fd, head, sizeof(head))) {
		return false;
	}
	size_t len = (size_t)read_u64(head);

	buf_clear(&peer->in);
	assert_true(read_all(peer->fd, buf_reserve(&peer->in, len), len));
	peer->in.len = len;
	return true;
}

/* The body of the next reply, as JSON with documents as base 64. */
static inline char *reply_of(struct peer *peer)
{
	struct value value;
	struct buf text = { 0 };

	assert_true(read_frame(peer));
	assert_true(peer->in.len > 4);
	assert_int_equal(read_u32(peer->in.data) & 0x80000000u, 0x80000000u);
	assert_ok(
	    pack_read((struct slice){ peer->in.data + 4, peer->in.len - 4 },
		      NULL, &value, &test_err));
	json_write(&text, &value, JSON_COMPACT);
	value_clear(&value);
	return buf_take(&text);
}

#define assert_reply(peer, text)                   \
	do {                                       \
		char *reply_ = reply_of(peer);     \
		assert_string_equal(reply_, text); \
		free(reply_);                      \
	} while (0)

#define assert_reply_has(peer, part)                           \
	do {                                                   \
		char *reply_ = reply_of(peer);                 \
		if (!strstr(reply_, part)) {                   \
			fail_msg("no %s in %s", part, reply_); \
		}                                              \
		free(reply_);                                  \
	} while (0)

/* `format` is JSON with ' for ", $ for the session. */
static inline void ask(struct peer *peer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static inline void ask(struct peer *peer, const char *format, ...)
{
	struct buf text = { 0 };
	struct buf json = { 0 };
	va_list args;

	va_start(args, format);
	buf_vprintf(&text, format, args);
	va_end(args);
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '$') {
			buf_put_text(&json, peer->session);
		} else {
			buf_put_byte(&json, text.data[i] == '\''
						? '"'
						: (uint8_t)text.data[i]);
		}
	}
	buf_fini(&text);
	char *line = buf_take(&json);

	send_json(peer, line);
	free(line);
}

static inline void hello(struct peer *peer, const char *token)
{
	ask(peer,
	    "{'kind':'hello','protocols':[1],'token':'%s','nonce':'%s',"
	    "'plugins':[{'name':'p'}]}",
	    token, peer->nonce);
}

/* The welcome's session is kept. */
static inline void await_welcome(struct peer *peer)
{
	struct wire_reply reply;

	assert_true(read_frame(peer));
	assert_ok(wire_get_reply(
	    (struct slice){ peer->in.data + 4, peer->in.len - 4 }, &reply,
	    &test_err));
	assert_int_equal(reply.kind, WIRE_WELCOME);
	memcpy(peer->session, reply.welcome.session.ptr, WIRE_SECRET_SIZE - 1);
	wire_reply_fini(&reply);
}

/* A peer that is ready for tasks; the handlers' words are forgotten. */
static inline struct peer *live_peer(const char *name)
{
	struct peer *peer = requester();

	world.name = name;
	hello(peer, link_addresses(world.link).token);
	await_welcome(peer);
	ask(peer, "{'kind':'ready','session':'$','synced':true}");
	assert_reply(peer, "{\"kind\":\"ok\"}");
	buf_clear(&world.said);
	return peer;
}

/* ---- tasks ---- */

static inline struct wire_key key_of(uint32_t task)
{
	struct wire_key key;

	memset(&key, 0, sizeof(key));
	key.run.bytes[15] = 1;
	key.task = task;
	key.attempt = 1;
	return key;
}

#define RUN "00000000000000000000000001"

static inline void deliver(const char *instance, uint32_t task, int phase)
{
	struct link_task given = {
		.key = key_of(task),
		.instance = slice_of(instance),
		.plugin = SLICE("p"),
		.name = SLICE("p"),
		.workflow = SLICE("w"),
		.activity = slice_of(world.activity),
		.phase = phase,
		.input = world.input,
	};

	link_deliver(world.link, &given);
}

/* ---- set up ---- */

static inline int open_world(const char *listen, const char *bus_file)
{
	struct link_options options = {
		.listen = listen,
		.bus_file = bus_file,
		.lease_ms = LEASE_MS,
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

	world = (struct world){
		.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
		.now_ms = 1000000,
		.name = "p@1",
		.activity = "A",
	};
	return link_create(&options, &world.link, &test_err);
}

static inline int set_up(void **state)
{
	(void)state;
	assert_ok(open_world("tcp://127.0.0.1:0", NULL));
	return 0;
}

/* nng's threads may still call wake: the descriptor stays. */
static inline int tear_down(void **state)
{
	(void)state;
	link_end(world.link);
	buf_fini(&world.said);
	return 0;
}

#endif
