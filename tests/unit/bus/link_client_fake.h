/*
 * An orchestrator for tests of the client: two listening sockets, frames taken
 * apart and put together by hand, and a clock that stands still unless a test
 * moves it. Everything happens on one thread, inside fake_step().
 */
#ifndef BUS_LINK_CLIENT_FAKE_H
#define BUS_LINK_CLIENT_FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "bus/link_client.h"

#define TOKEN_A \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define TOKEN_B \
	"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define SESSION_A "11111111111111111111111111111111"
#define SESSION_B "22222222222222222222222222222222"
#define INSTANCE  "ocr#1"
#define LEASE_MS  3000
#define POLL_MS   9000

/* Steps of a millisecond at most: nothing that is to come takes longer. */
#define FAKE_STEPS 5000

/* And how many show that something does not come. */
#define FAKE_QUIET 20

struct fake_peer {
	int listener;
	int port;
	int fd; /* of the client's connection, or -1 */
	bool greeted;
	int connections;
	unsigned char protocol; /* ours */
	struct buf in;
};

struct fake {
	char folder[64];
	char file[96];
	struct fake_peer work;
	struct fake_peer requests;
	bool silent; /* no SP header to new connections */
	int64_t now_ms;
	struct link_client *client;

	/* The request that fake_expect() has taken. */
	struct buf bytes;
	struct wire_request request;
	uint32_t id;
	bool has_request;

	/* What the handlers were called with. */
	int welcomes, works, cancels, stops, losts, refusals;
	int welcome_fails; /* code that the handler returns */
	int code;
	int64_t config_n;
	struct wire_key last_key;
	bool timed_out;
	char text[256];
};

/* ---- handlers ---- */

static inline int fake_welcome(void *arg, const struct value *config,
			       struct err *reterr)
{
	struct fake *fake = arg;

	fake->welcomes++;
	fake->config_n = value_get_int(config, "n", -1);
	if (fake->welcome_fails) {
		return err_set(reterr, fake->welcome_fails, "no such device");
	}
	return 0;
}

static inline void fake_work(void *arg, const struct wire_work *work,
			     const struct wire_member *member)
{
	struct fake *fake = arg;

	fake->works++;
	fake->last_key = (struct wire_key){ work->run, member->task,
					    member->attempt, member->wakes };
}

static inline void fake_cancel(void *arg, const struct wire_key *key,
			       bool timed_out)
{
	struct fake *fake = arg;

	fake->cancels++;
	fake->last_key = *key;
	fake->timed_out = timed_out;
}

static inline void fake_stop(void *arg)
{
	((struct fake *)arg)->stops++;
}

static inline void fake_lost(void *arg)
{
	((struct fake *)arg)->losts++;
}

static inline void fake_refused(void *arg, int code, struct slice error)
{
	struct fake *fake = arg;

	fake->refusals++;
	fake->code = code;
	(void)snprintf(fake->text, sizeof(fake->text), "%.*s",
		       SLICE_ARG(error));
}

/* ---- sockets ---- */

static inline void fake_listen(struct fake_peer *peer, unsigned char protocol)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	const int on = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons((uint16_t)peer->port);
	peer->fd = -1;
	peer->protocol = protocol;
	peer->listener =
	    socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(peer->listener >= 0);
	(void)setsockopt(peer->listener, SOL_SOCKET, SO_REUSEADDR, &on,
			 sizeof(on));
	assert_int_equal(bind(peer->listener, (struct sockaddr *)&address, len),
			 0);
	assert_int_equal(listen(peer->listener, 8), 0);
	assert_int_equal(
	    getsockname(peer->listener, (struct sockaddr *)&address, &len), 0);
	peer->port = ntohs(address.sin_port);
}

static inline void fake_hang_up(struct fake_peer *peer)
{
	if (peer->fd >= 0) {
		(void)close(peer->fd);
	}
	peer->fd = -1;
	peer->greeted = false;
	buf_fini(&peer->in);
}

static inline void fake_write_bus(const struct fake *fake, const char *token)
{
	FILE *file = fopen(fake->file, "we");

	assert_non_null(file);
	(void)fprintf(file,
		      "{\"protocol\": 1, \"pid\": 1, \"requests\": "
		      "\"tcp://127.0.0.1:%d\", \"work\": "
		      "\"tcp://127.0.0.1:%d\", \"events\": "
		      "\"tcp://127.0.0.1:1\", \"token\": \"%s\"}\n",
		      fake->requests.port, fake->work.port, token);
	(void)fclose(file);
	assert_int_equal(chmod(fake->file, 0600), 0);
}

/* Blocking: what tests send is small, or the client is turned meanwhile. */
static inline void fake_send(struct fake *fake, struct fake_peer *peer,
			     const void *bytes, size_t len);

static inline void fake_accept(struct fake *fake, struct fake_peer *peer)
{
	int fd =
	    accept4(peer->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0) {
		return;
	}
	fake_hang_up(peer);
	peer->fd = fd;
	peer->connections++;
	const unsigned char header[] = {
		0, 'S', 'P', 0, 0, peer->protocol, 0, 0,
	};

	if (!fake->silent) {
		assert_int_equal(send(fd, header, sizeof(header), MSG_NOSIGNAL),
				 sizeof(header));
	}
}

static inline void fake_read(struct fake_peer *peer)
{
	if (peer->fd < 0) {
		return;
	}
	for (;;) {
		char *end = buf_reserve(&peer->in, 65536);
		ssize_t got = recv(peer->fd, end, 65536, MSG_DONTWAIT);

		if (got > 0) {
			peer->in.len += (size_t)got;
			continue;
		}
		if (got == 0 || errno != EAGAIN) {
			fake_hang_up(peer);
			return;
		}
		break;
	}
	if (!peer->greeted && peer->in.len >= 8) {
		const unsigned char header[] = {
			0, 'S', 'P', 0, 0, peer->protocol ^ 1, 0, 0,
		};

		assert_memory_equal(peer->in.data, header, sizeof(header));
		memmove(peer->in.data, peer->in.data + 8, peer->in.len - 8);
		peer->in.len -= 8;
		peer->greeted = true;
	}
}

/* ---- steps ---- */

static inline void fake_turn_client(struct fake *fake)
{
	struct pollfd fds[LINK_CLIENT_FDS];
	int timeout_ms;
	nfds_t len =
	    link_client_poll(fake->client, fake->now_ms, fds, &timeout_ms);

	(void)poll(fds, len, timeout_ms == 0 ? 0 : 1);
	link_client_turn(fake->client, fake->now_ms, fds, len);
}

static inline void fake_step(struct fake *fake)
{
	if (fake->client) {
		fake_turn_client(fake);
	} else {
		(void)poll(NULL, 0, 1); /* it is another process */
	}
	fake_accept(fake, &fake->work);
	fake_accept(fake, &fake->requests);
	fake_read(&fake->work);
	fake_read(&fake->requests);
}

static inline void fake_send(struct fake *fake, struct fake_peer *peer,
			     const void *bytes, size_t len)
{
	const char *at = bytes;

	assert_true(peer->fd >= 0);
	while (len) {
		ssize_t sent =
		    send(peer->fd, at, len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent > 0) {
			at += sent;
			len -= (size_t)sent;
		} else {
			assert_int_equal(errno, EAGAIN);
			fake_step(fake);
		}
	}
}

static inline void fake_send_frame(struct fake *fake, struct fake_peer *peer,
				   struct slice body)
{
	struct buf frame = { 0 };

	buf_put_u64(&frame, body.len);
	buf_put_slice(&frame, body);
	fake_send(fake, peer, frame.data, frame.len);
	buf_fini(&frame);
}

/* Is there a whole request? Then it is taken. */
static inline bool fake_take(struct fake *fake)
{
	struct buf *in = &fake->requests.in;
	struct err err = { 0 };

	if (!fake->requests.greeted || in->len < 8) {
		return false;
	}
	uint64_t len = read_u64(in->data);

	assert_true(len >= 4 && len <= LIMIT_LINK_FRAME);
	if (in->len - 8 < len) {
		return false;
	}
	if (fake->has_request) {
		wire_request_fini(&fake->request);
	}
	buf_clear(&fake->bytes);
	buf_put(&fake->bytes, in->data + 8, len);
	in->len -= 8 + len;
	memmove(in->data, in->data + 8 + len, in->len);
	fake->id = read_u32(fake->bytes.data);
	assert_true(fake->id & 0x80000000u);
	struct slice body = { fake->bytes.data + 4, fake->bytes.len - 4 };

	fake->has_request = false;
	if (wire_get_request(body, &fake->request, &err) < 0) {
		fail_msg("%s", err.msg);
	}
	fake->has_request = true;
	return true;
}

/* The next request, which must be of this kind. */
static inline const struct wire_request *
fake_expect(struct fake *fake, enum wire_request_kind kind)
{
	for (int i = 0; i < FAKE_STEPS; i++) {
		if (fake_take(fake)) {
			assert_int_equal(fake->request.kind, kind);
			return &fake->request;
		}
		fake_step(fake);
	}
	fail_msg("no request of kind %d came", (int)kind);
	return NULL;
}

static inline void fake_expect_nothing(struct fake *fake)
{
	for (int i = 0; i < FAKE_QUIET; i++) {
		fake_step(fake);
		if (fake_take(fake)) {
			fail_msg("a request of kind %d came",
				 (int)fake->request.kind);
		}
	}
}

/* Until `*number` has this value. */
static inline void fake_await(struct fake *fake, const int *number, int wanted)
{
	for (int i = 0; i < FAKE_STEPS && *number != wanted; i++) {
		fake_step(fake);
	}
	assert_int_equal(*number, wanted);
}

static inline void fake_await_end(struct fake *fake)
{
	for (int i = 0; i < FAKE_STEPS && !link_client_ended(fake->client);
	     i++) {
		fake_step(fake);
	}
	assert_true(link_client_ended(fake->client));
}

static inline void fake_await_settled(struct fake *fake)
{
	for (int i = 0; i < FAKE_STEPS && !link_client_settled(fake->client);
	     i++) {
		fake_step(fake);
	}
	assert_true(link_client_settled(fake->client));
}

/* ---- messages ---- */

static inline void fake_reply_to(struct fake *fake, uint32_t id,
				 const struct wire_reply *reply)
{
	struct buf body = { 0 };

	buf_put_u32(&body, id);
	wire_put_reply(&body, reply);
	fake_send_frame(fake, &fake->requests, buf_slice(&body));
	buf_fini(&body);
}

static inline void fake_reply(struct fake *fake, const struct wire_reply *reply)
{
	fake_reply_to(fake, fake->id, reply);
}

static inline void fake_reply_kind(struct fake *fake, enum wire_reply_kind kind)
{
	const struct wire_reply reply = { .kind = kind };

	fake_reply(fake, &reply);
}

static inline void fake_refuse(struct fake *fake, int code, const char *error)
{
	const struct wire_reply reply = {
		.kind = WIRE_REFUSED,
		.code = code,
		.error = slice_of(error),
	};

	fake_reply(fake, &reply);
}

static inline void fake_ack(struct fake *fake, uint64_t n)
{
	const struct wire_reply reply = { .kind = WIRE_ACK, .n = n };

	fake_reply(fake, &reply);
}

static inline void fake_greet(struct fake *fake, const char *session)
{
	struct slice topic = SLICE("work/Step1/");
	struct wire_reply reply = {
		.kind = WIRE_WELCOME,
		.welcome = { .instance = SLICE(INSTANCE),
			     .session = slice_of(session),
			     .lease_ms = LEASE_MS,
			     .poll_ms = POLL_MS,
			     .topics = &topic,
			     .topic_count = 1,
			     .config = value_map() },
	};

	value_set(&reply.welcome.config, "n", value_int(7));
	fake_reply(fake, &reply);
	value_clear(&reply.welcome.config);
}

static inline void fake_publish(struct fake *fake,
				const struct wire_publication *publication)
{
	struct buf body = { 0 };

	wire_put_publication(&body, publication);
	fake_send_frame(fake, &fake->work, buf_slice(&body));
	buf_fini(&body);
}

static inline void fake_sync(struct fake *fake, const char *nonce)
{
	char topic[64];

	(void)snprintf(topic, sizeof(topic), "instance/%s/", nonce);
	const struct wire_publication sync = {
		.kind = WIRE_SYNC,
		.topic = slice_of(topic),
	};

	fake_publish(fake, &sync);
}

/* Task `number`, attempt 1, of some run, in a work message. */
struct fake_task {
	struct wire_member member;
	struct wire_work work;
};

static inline void fake_task_init(struct fake_task *task, uint32_t number,
				  const char *instance)
{
	*task = (struct fake_task){
		.member = { .instance = slice_of(instance),
			    .plugin = SLICE("ocr"),
			    .name = SLICE("ocr"),
			    .task = number,
			    .attempt = 1 },
		.work = { .uid = SLICE("u"),
			  .tenant = SLICE("default"),
			  .workflow = SLICE("w"),
			  .activity = SLICE("Step1"),
			  .phase = 1,
			  .member_count = 1 },
	};
	memset(&task->work.run, 9, sizeof(task->work.run));
	task->work.members = &task->member;
}

static inline void fake_publish_task(struct fake *fake, const char *topic,
				     uint32_t number, const char *instance)
{
	struct fake_task task;

	fake_task_init(&task, number, instance);
	const struct wire_publication publication = {
		.kind = WIRE_FANOUT,
		.topic = slice_of(topic),
		.work = &task.work,
		.work_count = 1,
	};

	fake_publish(fake, &publication);
}

static inline struct wire_key fake_key(uint32_t number)
{
	struct wire_key key = { .task = number, .attempt = 1 };

	memset(&key.run, 9, sizeof(key.run));
	return key;
}

static inline void fake_done(struct fake *fake, uint32_t number)
{
	const struct wire_item item = {
		.kind = WIRE_DONE,
		.key = fake_key(number),
		.message = SLICE("well done"),
	};

	link_client_put(fake->client, &item);
}

/* From hello until it may be given work. */
static inline void fake_get_ready(struct fake *fake, const char *session)
{
	char nonce[WIRE_SECRET_SIZE];
	const struct wire_request *request = fake_expect(fake, WIRE_HELLO);

	assert_int_equal(request->hello.nonce.len, WIRE_SECRET_SIZE - 1);
	memcpy(nonce, request->hello.nonce.ptr, WIRE_SECRET_SIZE - 1);
	nonce[WIRE_SECRET_SIZE - 1] = '\0';
	fake_sync(fake, nonce);
	fake_greet(fake, session);
	/* The sync may come a moment later than the welcome. */
	while (!(request = fake_expect(fake, WIRE_READY))->synced) {
		fake_reply_kind(fake, WIRE_OK);
		fake_step(fake);
		fake->now_ms += 50;
	}
	fake_reply_kind(fake, WIRE_OK);
}

/* The same and the first poll, which is left open. */
static inline void fake_go_live(struct fake *fake, const char *session)
{
	fake_get_ready(fake, session);
	assert_int_equal(fake_expect(fake, WIRE_POLL)->seen, 0);
}

/* ---- life ---- */

static inline void fake_create_client(struct fake *fake)
{
	struct wire_plugin plugin = { .name = SLICE("ocr"), .max_tasks = 4 };
	const struct wire_hello about = {
		.sdk = SLICE("test/1"),
		.pid = 5,
		.plugins = &plugin,
		.plugin_count = 1,
	};
	const struct link_client_options options = {
		.bus_file = fake->file,
		.about = &about,
		.handlers = { .arg = fake,
			      .welcome = fake_welcome,
			      .work = fake_work,
			      .cancel = fake_cancel,
			      .stop = fake_stop,
			      .lost = fake_lost,
			      .refused = fake_refused },
	};
	struct err err = { 0 };

	if (link_client_create(&options, &fake->client, &err) < 0) {
		fail_msg("%s", err.msg);
	}
}

/* Without a client. */
static inline int fake_setup_alone(void **state)
{
	struct fake *fake = alloc_zeroed(1, sizeof(*fake));

	fake->now_ms = 1000;
	(void)strcpy(fake->folder, "/tmp/tutti-link-XXXXXX");
	assert_non_null(mkdtemp(fake->folder));
	(void)snprintf(fake->file, sizeof(fake->file), "%s/bus.json",
		       fake->folder);
	fake_listen(&fake->work, 0x20);
	fake_listen(&fake->requests, 0x31);
	fake_write_bus(fake, TOKEN_A);
	*state = fake;
	return 0;
}

static inline int fake_setup(void **state)
{
	(void)fake_setup_alone(state);
	fake_create_client(*state);
	return 0;
}

static inline int fake_teardown(void **state)
{
	struct fake *fake = *state;

	link_client_destroy(fake->client);
	if (fake->has_request) {
		wire_request_fini(&fake->request);
	}
	buf_fini(&fake->bytes);
	fake_hang_up(&fake->work);
	fake_hang_up(&fake->requests);
	(void)close(fake->work.listener);
	(void)close(fake->requests.listener);
	(void)unlink(fake->file);
	(void)rmdir(fake->folder);
	free(fake);
	return 0;
}

#define fake_test(function) \
	cmocka_unit_test_setup_teardown((function), fake_setup, fake_teardown)

#endif
