/*
 * Client and server of the control socket together.
 */
#include "support.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* ---- calls ---- */

static void calls(void **state)
{
	(void)state;
	struct control_client *client = client_of(daemon_);
	struct value result;

	for (int i = 0; i < 200; i++) {
		assert_ok(echo(client, i, &test_err));
	}
	assert_ok(control_call(client, "echo", NULL, -1, &result, &test_err));
	assert_int_equal(result.type, VALUE_MAP);
	value_clear(&result);
	control_disconnect(client);
	control_disconnect(NULL);
}

/* Sent all at once; answers are known by their ids, whatever their order. */
static void many_at_a_time(void **state)
{
	(void)state;
	struct control_client *client = client_of(daemon_);
	uint64_t ids[300];
	bool seen[300] = { false };
	struct control_reply reply;

	for (int i = 0; i < 300; i++) {
		struct value args = value_map();

		value_set(&args, "n", value_int(i));
		assert_ok(control_send(client, i == 7 ? "fail" : "hold", &args,
				       -1, &ids[i], &test_err));
		value_clear(&args);
	}
	/* What was refused does not wait for the others. */
	assert_ok(control_next(client, -1, &reply, &test_err));
	assert_int_equal(reply.id, ids[7]);
	assert_int_equal(reply.error.code, E_CONFLICT);
	value_clear(&reply.result);
	assert_int_equal(control_next(client, 10, &reply, &test_err),
			 E_TIMEOUT);
	test_await(daemon_, 300);

	uint64_t last;

	assert_ok(control_send(client, "release", NULL, -1, &last, &test_err));
	for (int i = 0; i < 300; i++) {
		assert_ok(control_next(client, -1, &reply, &test_err));
		assert_int_equal(reply.error.code, 0);
		if (reply.id != last) {
			size_t at = (size_t)(reply.id - ids[0]);

			assert_in_range(at, 0, 299);
			assert_false(seen[at]);
			seen[at] = true;
			assert_int_equal(value_get_int(&reply.result, "n", -1),
					 at);
		}
		value_clear(&reply.result);
	}
	assert_int_equal(control_next(client, 10, &reply, &test_err),
			 E_TIMEOUT);
	/* And calls go on as before. */
	assert_ok(echo(client, 1, &test_err));
	control_disconnect(client);
}

static void peer_is_known(void **state)
{
	(void)state;
	struct control_client *client = client_of(daemon_);
	struct value result;

	assert_ok(control_call(client, "whoami", NULL, -1, &result, &test_err));
	assert_int_equal(value_get_int(&result, "uid", -1), geteuid());
	assert_int_equal(value_get_int(&result, "pid", -1), getpid());
	value_clear(&result);
	control_disconnect(client);
}

static void refusal_comes_back(void **state)
{
	(void)state;
	struct control_client *client = client_of(daemon_);
	struct value result = value_null();

	assert_int_equal(
	    control_call(client, "fail", NULL, -1, &result, &test_err),
	    E_CONFLICT);
	assert_string_equal(test_err.msg, "as you wish");
	assert_int_equal(result.type, VALUE_NULL);
	assert_ok(echo(client, 1, &test_err));
	control_disconnect(client);
}

static void large_messages(void **state)
{
	(void)state;
	struct control_client *client = client_of(daemon_);
	size_t size = 20u * 1024 * 1024;
	char *bytes = alloc_bytes(size);

	for (size_t i = 0; i < size; i++) {
		bytes[i] = (char)(i * 31 >> 3);
	}
	struct value args = value_map();
	struct value result;

	value_set(&args, "b", value_bytes((struct slice){ bytes, size }));
	assert_ok(control_call(client, "echo", &args, -1, &result, &test_err));
	assert_true(value_equal(&args, &result));
	value_clear(&args);
	value_clear(&result);
	free(bytes);
	control_disconnect(client);
}

static void too_big_to_ask(void **state)
{
	(void)state;
	struct control_client *client = client_of(daemon_);
	char *zeros = alloc_zeroed(1, LIMIT_CONTROL_FRAME);
	struct value args = value_map();
	struct value result;

	value_set(&args, "b",
		  value_bytes((struct slice){ zeros, LIMIT_CONTROL_FRAME }));
	assert_int_equal(
	    control_call(client, "echo", &args, -1, &result, &test_err),
	    E_TOO_BIG);
	assert_ok(echo(client, 1, &test_err));
	value_clear(&args);
	free(zeros);
	control_disconnect(client);
}

static void too_big_to_answer(void **state)
{
	(void)state;
	struct control_client *client = client_of(daemon_);
	struct value args = value_map();
	struct value result;

	value_set(&args, "size", value_int(LIMIT_CONTROL_FRAME));
	assert_int_equal(
	    control_call(client, "big", &args, -1, &result, &test_err),
	    E_TOO_BIG);
	value_set(&args, "size", value_int(LIMIT_CONTROL_FRAME - 100));
	assert_ok(control_call(client, "big", &args, -1, &result, &test_err));
	value_clear(&result);
	value_clear(&args);
	control_disconnect(client);
}

static void too_deep_to_ask(void **state)
{
	(void)state;
	struct control_client *client = client_of(daemon_);
	struct value args = value_map();
	struct value result;

	for (int i = 0; i < 40; i++) {
		struct value outer = value_map();

		value_set(&outer, "x", args);
		args = outer;
	}
	assert_int_equal(
	    control_call(client, "echo", &args, -1, &result, &test_err),
	    E_TOO_BIG);
	assert_ok(echo(client, 1, &test_err));
	value_clear(&args);
	control_disconnect(client);
}

/* ---- many at once ---- */

#define CLIENTS 50
#define CALLS   40

struct busy_client {
	pthread_t thread;
	int number;
	int rc;
	struct err err;
};

static void *be_busy(void *arg)
{
	struct busy_client *busy = arg;
	struct control_client *client;

	busy->rc = control_connect(daemon_->path, &client, &busy->err);
	if (busy->rc) {
		return NULL;
	}
	for (int i = 0; i < CALLS && busy->rc == 0; i++) {
		busy->rc = echo(client, busy->number * 1000 + i, &busy->err);
	}
	control_disconnect(client);
	return NULL;
}

static void fifty_clients(void **state)
{
	(void)state;
	struct busy_client clients[CLIENTS];

	for (int i = 0; i < CLIENTS; i++) {
		clients[i] = (struct busy_client){ .number = i };
		assert_int_equal(pthread_create(&clients[i].thread, NULL,
						be_busy, &clients[i]),
				 0);
	}
	for (int i = 0; i < CLIENTS; i++) {
		pthread_join(clients[i].thread, NULL);
		if (clients[i].rc) {
			fail_msg("client %d: %s", i, clients[i].err.msg);
		}
	}
}

/* ---- late and in any order ---- */

static void late_answer(void **state)
{
	(void)state;
	struct control_client *client = client_of(daemon_);
	struct value args = number_args(1);
	struct value result;

	assert_int_equal(
	    control_call(client, "hold", &args, 30, &result, &test_err),
	    E_TIMEOUT);
	assert_int_equal(
	    control_call(client, "hold", &args, 0, &result, &test_err),
	    E_TIMEOUT);
	test_await(daemon_, 2);
	/* The answers to both come before that to this one. */
	assert_ok(
	    control_call(client, "release", NULL, -1, &result, &test_err));
	assert_int_equal(value_len(&result), 0);
	value_clear(&result);
	assert_ok(echo(client, 5, &test_err));
	value_clear(&args);
	control_disconnect(client);
}

static void answers_in_any_order(void **state)
{
	(void)state;
	int fd = test_raw(daemon_->path);

	for (uint64_t id = 1; id <= 3; id++) {
		send_request(fd, id, "hold");
	}
	send_request(fd, 4, "release");
	for (uint64_t id = 3; id >= 1; id--) {
		struct frame_answer answer = test_raw_answer(fd);

		assert_int_equal(answer.id, id);
		assert_int_equal(value_get_int(&answer.result, "n", -1), id);
		value_clear(&answer.result);
	}
	struct frame_answer last = test_raw_answer(fd);

	assert_int_equal(last.id, 4);
	value_clear(&last.result);
	close(fd);
}

static void answer_to_nobody(void **state)
{
	(void)state;
	struct value result = value_map();
	struct err err = { .code = E_IO, .msg = "x" };
	struct control_client *client = client_of(daemon_);

	assert_ok(echo(client, 1, &test_err));
	for (uint64_t session = 0; session < 2000; session++) {
		/* Some of these are the client's slot, none its id. */
		if (session % LIMIT_CONTROL_SESSIONS || session < 256) {
			control_answer(daemon_->server, session, 1, &result);
		}
	}
	control_refuse(daemon_->server, UINT64_MAX, 1, &err);
	assert_ok(echo(client, 2, &test_err));
	control_disconnect(client);
	value_clear(&result);
}

/* ---- the server goes away ---- */

static void no_daemon(void **state)
{
	(void)state;
	struct control_client *client = NULL;

	assert_int_equal(
	    control_connect("/no/such/control.sock", &client, &test_err),
	    E_UNREACHABLE);
	assert_non_null(strstr(test_err.msg, "tutti serve"));
	assert_null(client);
}

static void stopped_server(void **state)
{
	(void)state;
	struct test_daemon *daemon = test_daemon_start();
	struct control_client *client = client_of(daemon);
	struct control_client *second = NULL;
	struct stat status;

	assert_ok(echo(client, 1, &test_err));
	control_server_stop(daemon->server);
	assert_int_equal(stat(daemon->path, &status), -1);
	assert_int_equal(echo(client, 2, &test_err), E_UNREACHABLE);
	assert_int_equal(echo(client, 3, &test_err), E_UNREACHABLE);
	assert_int_equal(control_connect(daemon->path, &second, &test_err),
			 E_UNREACHABLE);
	control_disconnect(client);
	/* The next daemon takes the place; answers of the first are lost. */
	struct control_server *first = daemon->server;
	struct value result = value_map();

	assert_ok(control_server_create(daemon->path, test_handler, daemon,
					&daemon->server, &test_err));
	control_answer(first, 256, 1, &result);
	client = client_of(daemon);
	assert_ok(echo(client, 4, &test_err));
	control_disconnect(client);
	test_daemon_end(daemon);
	control_server_stop(NULL);
}

static void *stop_server(void *server)
{
	control_server_stop(server);
	return NULL;
}

/* What was answered before the stop arrives. */
static void stop_sends_what_is_queued(void **state)
{
	(void)state;
	struct test_daemon *daemon = test_daemon_start();
	int fd = test_raw(daemon->path);
	struct value args = value_map();
	struct buf frame = { 0 };

	/* More than the socket holds, so that some is queued. */
	value_set(&args, "size", value_int(100000));
	for (uint64_t id = 0; id < 10; id++) {
		assert_ok(
		    frame_put_request(&frame, id, "big", &args, &test_err));
	}
	assert_true(test_raw_send(fd, frame.data, frame.len));
	/* An echo on the same loop comes after them. */
	test_await(daemon, 10);
	struct control_client *client = client_of(daemon);

	assert_ok(echo(client, 1, &test_err));
	control_disconnect(client);
	pthread_t stopper;

	assert_int_equal(
	    pthread_create(&stopper, NULL, stop_server, daemon->server), 0);
	for (uint64_t id = 0; id < 10; id++) {
		struct frame_answer answer = test_raw_answer(fd);

		assert_int_equal(answer.id, id);
		assert_int_equal(answer.result.as.text.len, 100000);
		value_clear(&answer.result);
	}
	pthread_join(stopper, NULL);
	value_clear(&args);
	buf_fini(&frame);
	close(fd);
	test_daemon_end(daemon);
}

/* A peer that reads nothing holds up the stop for a second and no more. */
static void stop_does_not_wait_for_ever(void **state)
{
	(void)state;
	struct test_daemon *daemon = test_daemon_start();
	int fd = test_raw(daemon->path);
	struct value args = value_map();
	struct buf frame = { 0 };

	value_set(&args, "size", value_int(10000000));
	assert_ok(frame_put_request(&frame, 1, "big", &args, &test_err));
	assert_true(test_raw_send(fd, frame.data, frame.len));
	char first;

	assert_int_equal(recv(fd, &first, 1, 0), 1);
	control_server_stop(daemon->server);
	close(fd);
	value_clear(&args);
	buf_fini(&frame);
	test_daemon_end(daemon);
}

/* The server is another process and is killed during the call. */
static int serve_and_hang(const char *path, int ready)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char byte;

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(fd, 5) || write(ready, "r", 1) != 1) {
		return 1;
	}
	int peer = accept(fd, NULL, NULL);

	(void)recv(peer, &byte, 1, 0);
	(void)raise(SIGKILL);
	return 1;
}

static void killed_server(void **state)
{
	(void)state;
	struct buf path = { 0 };
	struct control_client *client = NULL;
	struct value result;
	int pipes[2];
	char byte;

	buf_printf(&path, "%s/other.sock", daemon_->folder);
	buf_put_byte(&path, 0);
	assert_int_equal(pipe(pipes), 0);
	pid_t child = fork();

	if (child == 0) {
		_exit(serve_and_hang(path.data, pipes[1]));
	}
	assert_int_equal(read(pipes[0], &byte, 1), 1);
	assert_ok(control_connect(path.data, &client, &test_err));
	assert_int_equal(
	    control_call(client, "echo", NULL, -1, &result, &test_err),
	    E_UNREACHABLE);
	control_disconnect(client);
	assert_int_equal(waitpid(child, NULL, 0), child);
	/* Its socket is still there, with nobody behind it. */
	assert_int_equal(control_connect(path.data, &client, &test_err),
			 E_UNREACHABLE);
	close(pipes[0]);
	close(pipes[1]);
	buf_fini(&path);
}

/* A server that answers with what is no frame. */
static void *answer_nonsense(void *arg)
{
	int listener = *(int *)arg;
	int peer = accept(listener, NULL, NULL);
	char bytes[256];

	(void)recv(peer, bytes, sizeof(bytes), 0);
	(void)test_raw_send(peer, "\xff\xff\xff\xff", 4);
	close(peer);
	return NULL;
}

static void nonsense_from_the_server(void **state)
{
	(void)state;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	struct control_client *client;
	struct value result;
	pthread_t thread;

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/n.sock",
		       daemon_->folder);
	assert_int_equal(
	    bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(
	    pthread_create(&thread, NULL, answer_nonsense, &listener), 0);
	assert_ok(control_connect(address.sun_path, &client, &test_err));
	assert_int_equal(
	    control_call(client, "echo", NULL, -1, &result, &test_err),
	    E_TOO_BIG);
	assert_non_null(strstr(test_err.msg, "answer of the daemon"));
	assert_int_equal(
	    control_call(client, "echo", NULL, -1, &result, &test_err),
	    E_UNREACHABLE);
	pthread_join(thread, NULL);
	control_disconnect(client);
	close(listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(calls),
		TEST(many_at_a_time),
		TEST(peer_is_known),
		TEST(refusal_comes_back),
		TEST(large_messages),
		TEST(too_big_to_ask),
		TEST(too_big_to_answer),
		TEST(too_deep_to_ask),
		TEST(fifty_clients),
		TEST(late_answer),
		TEST(answers_in_any_order),
		TEST(answer_to_nobody),
		cmocka_unit_test(no_daemon),
		cmocka_unit_test(stopped_server),
		cmocka_unit_test(stop_sends_what_is_queued),
		cmocka_unit_test(stop_does_not_wait_for_ever),
		TEST(killed_server),
		TEST(nonsense_from_the_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
