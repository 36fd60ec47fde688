/*
 * A daemon for tests of the control socket: a thread that answers requests the
 * way a loop would, and raw sockets for what no client of ours would send.
 *
 *	echo     its args
 *	whoami   {"uid", "pid"} of the peer
 *	fail     E_CONFLICT "as you wish"
 *	big      {"size": n}: n zero bytes
 *	park     as hold, and it is told to be long in coming
 *	hold     nothing until "release" comes, which answers them, last first
 */
#ifndef TEST_BUS_SUPPORT_H
#define TEST_BUS_SUPPORT_H

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "bus/control.h"
#include "bus/frame.h"

#include "../folder.h"

static struct err test_err __attribute__((unused));

#define assert_ok(call)                                               \
	do {                                                          \
		int ok_rc = (call);                                   \
		if (ok_rc) {                                          \
			fail_msg("%s: %s %s", #call, err_name(ok_rc), \
				 test_err.msg);                       \
		}                                                     \
	} while (0)

struct test_item {
	struct test_item *next;
	struct control_request *request; /* NULL: end */
};

struct test_daemon {
	char *folder;
	char *path;
	struct control_server *server;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	struct test_item *first;
	struct test_item **end;
	struct test_item *held;
	unsigned arrived; /* requests so far */
	bool frozen;      /* take no requests from the queue */
};

static inline void test_push(struct test_daemon *daemon,
			     struct control_request *request)
{
	struct test_item *item = alloc_zeroed(1, sizeof(*item));

	item->request = request;
	pthread_mutex_lock(&daemon->mutex);
	*daemon->end = item;
	daemon->end = &item->next;
	daemon->arrived += request ? 1 : 0;
	pthread_cond_broadcast(&daemon->changed);
	pthread_mutex_unlock(&daemon->mutex);
}

static inline void test_handler(void *arg, struct control_request *request)
{
	test_push(arg, request);
}

static inline struct test_item *test_pop(struct test_daemon *daemon)
{
	pthread_mutex_lock(&daemon->mutex);
	while (!daemon->first || daemon->frozen) {
		pthread_cond_wait(&daemon->changed, &daemon->mutex);
	}
	struct test_item *item = daemon->first;

	daemon->first = item->next;
	if (!daemon->first) {
		daemon->end = &daemon->first;
	}
	pthread_mutex_unlock(&daemon->mutex);
	return item;
}

static inline void test_freeze(struct test_daemon *daemon, bool frozen)
{
	pthread_mutex_lock(&daemon->mutex);
	daemon->frozen = frozen;
	pthread_cond_broadcast(&daemon->changed);
	pthread_mutex_unlock(&daemon->mutex);
}

/* Until so many requests came in all. */
static inline void test_await(struct test_daemon *daemon, unsigned arrived)
{
	pthread_mutex_lock(&daemon->mutex);
	while (daemon->arrived < arrived) {
		pthread_cond_wait(&daemon->changed, &daemon->mutex);
	}
	pthread_mutex_unlock(&daemon->mutex);
}

static inline void test_item_free(struct test_item *item)
{
	control_request_fini(item->request);
	free(item->request);
	free(item);
}

static inline void test_whoami(struct test_daemon *daemon,
			       const struct control_request *request)
{
	struct value result = value_map();

	value_set(&result, "uid", value_int(request->peer_uid));
	value_set(&result, "pid", value_int(request->peer_pid));
	control_answer(daemon->server, request->session, request->id, &result);
	value_clear(&result);
}

static inline void test_big(struct test_daemon *daemon,
			    const struct control_request *request)
{
	size_t size = (size_t)value_get_int(&request->args, "size", 0);
	char *zeros = alloc_zeroed(1, size);
	struct value result = value_bytes((struct slice){ zeros, size });

	free(zeros);
	control_answer(daemon->server, request->session, request->id, &result);
	value_clear(&result);
}

static inline void test_release(struct test_daemon *daemon)
{
	while (daemon->held) {
		struct test_item *item = daemon->held;

		daemon->held = item->next;
		if (strcmp(item->request->verb, "park") == 0) {
			control_unpark(daemon->server, item->request->session);
		}
		control_answer(daemon->server, item->request->session,
			       item->request->id, &item->request->args);
		test_item_free(item);
	}
}

/* Takes the item over. */
static inline void test_serve(struct test_daemon *daemon,
			      struct test_item *item)
{
	const struct control_request *request = item->request;
	struct err err;

	bool parks = strcmp(request->verb, "park") == 0;

	if (parks) {
		control_park(daemon->server, request->session);
	}
	if (parks || strcmp(request->verb, "hold") == 0) {
		pthread_mutex_lock(&daemon->mutex);
		item->next = daemon->held;
		daemon->held = item;
		pthread_cond_broadcast(&daemon->changed);
		pthread_mutex_unlock(&daemon->mutex);
		return;
	}
	if (strcmp(request->verb, "whoami") == 0) {
		test_whoami(daemon, request);
	} else if (strcmp(request->verb, "big") == 0) {
		test_big(daemon, request);
	} else if (strcmp(request->verb, "fail") == 0) {
		(void)err_set(&err, E_CONFLICT, "as you wish");
		control_refuse(daemon->server, request->session, request->id,
			       &err);
	} else {
		if (strcmp(request->verb, "release") == 0) {
			test_release(daemon);
		}
		control_answer(daemon->server, request->session, request->id,
			       &request->args);
	}
	test_item_free(item);
}

static inline void *test_loop(void *arg)
{
	struct test_daemon *daemon = arg;

	for (;;) {
		struct test_item *item = test_pop(daemon);

		if (!item->request) {
			free(item);
			return NULL;
		}
		test_serve(daemon, item);
	}
}

static inline struct test_daemon *test_daemon_start(void)
{
	struct test_daemon *daemon = alloc_zeroed(1, sizeof(*daemon));
	struct buf path = { 0 };

	daemon->folder = folder_make("/tmp/tutti-bus-XXXXXX");
	daemon->end = &daemon->first;
	pthread_mutex_init(&daemon->mutex, NULL);
	pthread_cond_init(&daemon->changed, NULL);
	buf_printf(&path, "%s/control.sock", daemon->folder);
	daemon->path = buf_take(&path);
	assert_ok(control_server_create(daemon->path, test_handler, daemon,
					&daemon->server, &test_err));
	assert_int_equal(
	    pthread_create(&daemon->thread, NULL, test_loop, daemon), 0);
	return daemon;
}

/* Once only: nothing is left that a late callback could use. */
static inline void test_daemon_end(struct test_daemon *daemon)
{
	control_server_stop(daemon->server);
	test_freeze(daemon, false);
	test_push(daemon, NULL);
	assert_int_equal(pthread_join(daemon->thread, NULL), 0);
	while (daemon->held) {
		struct test_item *item = daemon->held;

		daemon->held = item->next;
		test_item_free(item);
	}
	folder_remove(daemon->folder);
	pthread_mutex_destroy(&daemon->mutex);
	pthread_cond_destroy(&daemon->changed);
	free(daemon->folder);
	free(daemon->path);
	free(daemon);
}

/* ---- raw sockets ---- */

static inline int test_raw(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(
	    connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* Whether all of it could be sent. */
static inline bool test_raw_send(int fd, const void *bytes, size_t len)
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

/* Reads to the end; that there is one is what is asked. */
static inline size_t test_raw_drain(int fd)
{
	char bytes[4096];
	size_t all = 0;
	ssize_t got;

	while ((got = recv(fd, bytes, sizeof(bytes), 0)) > 0) {
		all += (size_t)got;
	}
	return all;
}

/* The next answer. */
static inline struct frame_answer test_raw_answer(int fd)
{
	char header[FRAME_HEADER_SIZE];
	struct frame_answer answer;
	size_t len = 0;

	assert_int_equal(recv(fd, header, sizeof(header), MSG_WAITALL),
			 sizeof(header));
	assert_int_equal(frame_read_header(header, &len), 0);
	char *body = alloc_bytes(len);

	assert_int_equal(recv(fd, body, len, MSG_WAITALL), len);
	assert_ok(
	    frame_read_answer((struct slice){ body, len }, &answer, &test_err));
	free(body);
	return answer;
}

/* ---- what most tests start with ---- */

static struct test_daemon *daemon_ __attribute__((unused));

static inline int set_up(void **state)
{
	(void)state;
	daemon_ = test_daemon_start();
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	test_daemon_end(daemon_);
	return 0;
}

static inline struct control_client *client_of(struct test_daemon *daemon)
{
	struct control_client *client = NULL;

	assert_ok(control_connect(daemon->path, &client, &test_err));
	return client;
}

/* {"n": number} */
static inline struct value number_args(int64_t number)
{
	struct value args = value_map();

	value_set(&args, "n", value_int(number));
	return args;
}

/* 0 when the echo of `number` came back. */
static inline int echo(struct control_client *client, int64_t number,
		       struct err *err)
{
	struct value args = number_args(number);
	struct value result;
	int rc = control_call(client, "echo", &args, 60000, &result, err);

	if (rc == 0) {
		rc = value_equal(&args, &result) ? 0 : E_CORRUPT;
		value_clear(&result);
	}
	value_clear(&args);
	return rc;
}

static inline void still_serving(void)
{
	struct control_client *client = client_of(daemon_);

	assert_ok(echo(client, 42, &test_err));
	control_disconnect(client);
}

static inline void send_request(int fd, uint64_t id, const char *verb)
{
	struct buf frame = { 0 };
	struct value args = number_args((int64_t)id);

	assert_ok(frame_put_request(&frame, id, verb, &args, &test_err));
	assert_true(test_raw_send(fd, frame.data, frame.len));
	value_clear(&args);
	buf_fini(&frame);
}

#endif
