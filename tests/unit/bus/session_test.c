/*
 * Peers of the control server that no client of ours would be: in odd pieces,
 * not reading, not making sense, gone in the middle.
 */
#include "bus/session.h"
#include "support.h"

#include <signal.h>
#include <sys/wait.h>

/* ---- bytes in odd pieces ---- */

static void byte_by_byte(void **state)
{
	(void)state;
	int fd = test_raw(daemon_->path);
	struct buf frame = { 0 };

	assert_ok(frame_put_request(&frame, 9, "echo", NULL, &test_err));
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < frame.len; i++) {
			assert_true(test_raw_send(fd, frame.data + i, 1));
		}
		struct frame_answer answer = test_raw_answer(fd);

		assert_int_equal(answer.id, 9);
		value_clear(&answer.result);
	}
	buf_fini(&frame);
	close(fd);
}

static void many_in_one_piece(void **state)
{
	(void)state;
	int fd = test_raw(daemon_->path);
	struct buf frames = { 0 };

	for (uint64_t id = 0; id < 500; id++) {
		assert_ok(
		    frame_put_request(&frames, id, "echo", NULL, &test_err));
	}
	assert_true(test_raw_send(fd, frames.data, frames.len));
	for (uint64_t id = 0; id < 500; id++) {
		struct frame_answer answer = test_raw_answer(fd);

		assert_int_equal(answer.id, id);
		value_clear(&answer.result);
	}
	buf_fini(&frames);
	close(fd);
}

/* ---- those who do not read ---- */

/* Requests that a thread sends, as nobody may be reading. */
struct push {
	int fd;
	const char *verb;
	uint64_t count;
	size_t size;
	pthread_t thread;
};

static void *push_many(void *arg)
{
	const struct push *push = arg;
	struct buf frame = { 0 };
	struct value args = value_map();
	char *zeros = calloc(1, push->size);

	value_set(&args, "b", value_bytes((struct slice){ zeros, push->size }));
	for (uint64_t id = 0; id < push->count; id++) {
		buf_clear(&frame);
		(void)frame_put_request(&frame, id, push->verb, &args, NULL);
		if (!test_raw_send(push->fd, frame.data, frame.len)) {
			break;
		}
	}
	value_clear(&args);
	free(zeros);
	buf_fini(&frame);
	return NULL;
}

/* Ten megabytes of answers nobody takes: the server stops reading, others are
 * served, and in the end all of them come. */
static void slow_reader(void **state)
{
	(void)state;
	int fd = test_raw(daemon_->path);
	struct push push = {
		.fd = fd,
		.verb = "echo",
		.count = 1000,
		.size = 10000,
	};

	assert_int_equal(pthread_create(&push.thread, NULL, push_many, &push),
			 0);
	test_await(daemon_, 64);
	still_serving();
	for (uint64_t id = 0; id < 1000; id++) {
		struct frame_answer answer = test_raw_answer(fd);

		assert_int_equal(answer.id, id);
		value_clear(&answer.result);
	}
	pthread_join(push.thread, NULL);
	close(fd);
}

static unsigned arrived(void)
{
	pthread_mutex_lock(&daemon_->mutex);
	unsigned count = daemon_->arrived;

	pthread_mutex_unlock(&daemon_->mutex);
	return count;
}

/* No more than 64 large requests of one session are accepted unanswered. */
static void many_unanswered(void **state)
{
	(void)state;
	int fd = test_raw(daemon_->path);
	struct push push = {
		.fd = fd,
		.verb = "hold",
		.count = 200,
		.size = 20000,
	};

	assert_int_equal(pthread_create(&push.thread, NULL, push_many, &push),
			 0);
	test_await(daemon_, 64);
	still_serving();
	assert_int_equal(arrived(), 65);
	struct control_client *client = client_of(daemon_);
	struct value result;
	unsigned others = 1;

	for (unsigned done = 0; done < 200;) {
		unsigned held = done + 64 < 200 ? done + 64 : 200;

		test_await(daemon_, held + others);
		assert_ok(control_call(client, "release", NULL, -1, &result,
				       &test_err));
		value_clear(&result);
		others++;
		for (; done < held; done++) {
			struct frame_answer answer = test_raw_answer(fd);

			value_clear(&answer.result);
		}
	}
	control_disconnect(client);
	pthread_join(push.thread, NULL);
	close(fd);
}

/* Small ones are taken by the thousand. */
static void many_small_unanswered(void **state)
{
	(void)state;
	int fd = test_raw(daemon_->path);
	struct push push = {
		.fd = fd,
		.verb = "hold",
		.count = 20000,
		.size = 1,
	};
	struct control_client *client = client_of(daemon_);
	struct value result;
	unsigned others = 0;

	assert_int_equal(pthread_create(&push.thread, NULL, push_many, &push),
			 0);
	test_await(daemon_, SESSION_PENDING);
	still_serving();
	others++;
	/* What one read brings is always handed on. */
	assert_in_range(arrived(), SESSION_PENDING, SESSION_PENDING + 1000);
	for (unsigned done = 0; done < 20000; done++) {
		struct frame_answer answer;

		if (done % SESSION_PENDING == 0) {
			unsigned held = done + SESSION_PENDING;

			test_await(daemon_,
				   (held < 20000 ? held : 20000) + others);
			assert_ok(control_call(client, "release", NULL, -1,
					       &result, &test_err));
			value_clear(&result);
			others++;
		}
		answer = test_raw_answer(fd);
		value_clear(&answer.result);
	}
	control_disconnect(client);
	pthread_join(push.thread, NULL);
	close(fd);
}

/* The peer of a paused session goes away, and its slot comes back. */
static void gone_while_paused(void **state)
{
	(void)state;
	struct control_client *client = client_of(daemon_);
	struct value result;

	for (unsigned round = 1; round <= 5; round++) {
		struct push push = {
			.fd = test_raw(daemon_->path),
			.verb = "hold",
			.count = 70,
			.size = 20000,
		};

		assert_int_equal(
		    pthread_create(&push.thread, NULL, push_many, &push), 0);
		test_await(daemon_, round * 65 - 1);
		(void)shutdown(push.fd, SHUT_RDWR);
		pthread_join(push.thread, NULL);
		close(push.fd);
		assert_ok(control_call(client, "release", NULL, -1, &result,
				       &test_err));
		value_clear(&result);
	}
	control_disconnect(client);
}

/* Those whose answer is long in coming hold up nothing. */
static void many_parked(void **state)
{
	(void)state;
	struct push push = {
		.fd = test_raw(daemon_->path),
		.verb = "park",
		.count = 300,
		.size = 20000,
	};
	struct control_client *client = client_of(daemon_);
	struct value result;

	assert_int_equal(pthread_create(&push.thread, NULL, push_many, &push),
			 0);
	test_await(daemon_, 300);
	pthread_join(push.thread, NULL);
	/* Once they are answered the others count again. */
	assert_ok(
	    control_call(client, "release", NULL, -1, &result, &test_err));
	value_clear(&result);
	for (unsigned done = 0; done < 300; done++) {
		struct frame_answer answer = test_raw_answer(push.fd);

		value_clear(&answer.result);
	}
	push.verb = "hold";
	assert_int_equal(pthread_create(&push.thread, NULL, push_many, &push),
			 0);
	test_await(daemon_, 300 + 1 + 64);
	still_serving();
	assert_in_range(arrived(), 300 + 1 + 64, 300 + 1 + 64 + 20);
	(void)shutdown(push.fd, SHUT_RDWR);
	pthread_join(push.thread, NULL);
	close(push.fd);
	control_disconnect(client);
}

/* Who waits for many answers can be seen to have gone. */
static void gone_while_parked(void **state)
{
	(void)state;
	struct push push = {
		.fd = test_raw(daemon_->path),
		.verb = "park",
		.count = 64,
		.size = 20000,
	};

	assert_int_equal(pthread_create(&push.thread, NULL, push_many, &push),
			 0);
	pthread_join(push.thread, NULL);
	test_await(daemon_, 64);
	pthread_mutex_lock(&daemon_->mutex);
	while (!daemon_->held) {
		pthread_cond_wait(&daemon_->changed, &daemon_->mutex);
	}
	uint64_t session = daemon_->held->request->session;

	pthread_mutex_unlock(&daemon_->mutex);
	close(push.fd);
	while (control_session_open(daemon_->server, session)) {
		usleep(1000);
	}
}

/* ---- bad frames ---- */

static void closed_after(const char *bytes, size_t len)
{
	int fd = test_raw(daemon_->path);

	(void)test_raw_send(fd, bytes, len);
	assert_int_equal(test_raw_drain(fd), 0);
	close(fd);
}

static void bad_frames(void **state)
{
	(void)state;
	struct control_client *other = client_of(daemon_);
	char garbage[4096];
	unsigned seed = 1;

#define CLOSED(bytes) closed_after((bytes), sizeof(bytes) - 1)
	CLOSED("\0\0\0\0");
	CLOSED("\x02\0\0\x01");
	CLOSED("\xff\xff\xff\xff and more");
	CLOSED("\0\0\0\x01\xc1");
	CLOSED("\0\0\0\x01\x80");
	CLOSED("\0\0\0\x06\x81\xa2id\x01 ");
	CLOSED("GET / HTTP/1.1\r\n\r\n");
#undef CLOSED
	for (int round = 0; round < 50; round++) {
		for (size_t i = 0; i < sizeof(garbage); i++) {
			seed = seed * 1103515245u + 12345u;
			garbage[i] = (char)(seed >> 16);
		}
		garbage[0] = garbage[1] = 0;
		garbage[2] = (char)(round & 7);
		closed_after(garbage, sizeof(garbage));
	}
	/* Only the one who sent it is cut off. */
	assert_ok(echo(other, 3, &test_err));
	control_disconnect(other);
}

/* A good request before the bad frame was accepted all the same. */
static void good_then_bad(void **state)
{
	(void)state;
	int fd = test_raw(daemon_->path);

	send_request(fd, 1, "echo");
	assert_true(test_raw_send(fd, "\0\0\0\0", 4));
	test_await(daemon_, 1);
	(void)test_raw_drain(fd);
	close(fd);
	still_serving();
}

/* ---- those who go away ---- */

/* Every slot can be taken: none was lost. */
static void all_slots_free(void)
{
	struct control_client *clients[LIMIT_CONTROL_SESSIONS];

	for (int i = 0; i < LIMIT_CONTROL_SESSIONS; i++) {
		int rc = E_UNREACHABLE;

		/* A slot is free a moment after its peer has gone. */
		while (rc) {
			clients[i] = client_of(daemon_);
			rc = echo(clients[i], i, &test_err);
			if (rc) {
				control_disconnect(clients[i]);
				assert_int_equal(rc, E_UNREACHABLE);
			}
		}
	}
	struct control_client *more = client_of(daemon_);

	assert_int_equal(echo(more, 1, &test_err), E_UNREACHABLE);
	assert_int_equal(echo(more, 1, &test_err), E_UNREACHABLE);
	control_disconnect(more);
	for (int i = 0; i < LIMIT_CONTROL_SESSIONS; i++) {
		assert_ok(echo(clients[i], i, &test_err));
		control_disconnect(clients[i]);
	}
}

/* Who waits for an answer can be seen to have gone. */
static void gone_while_waiting(void **state)
{
	(void)state;
	int fd = test_raw(daemon_->path);

	send_request(fd, 1, "hold");
	test_await(daemon_, 1);
	pthread_mutex_lock(&daemon_->mutex);
	while (!daemon_->held) {
		pthread_cond_wait(&daemon_->changed, &daemon_->mutex);
	}
	uint64_t session = daemon_->held->request->session;

	pthread_mutex_unlock(&daemon_->mutex);
	assert_true(control_session_open(daemon_->server, session));
	close(fd);
	while (control_session_open(daemon_->server, session)) {
		usleep(1000);
	}
	assert_false(control_session_open(daemon_->server, session + 1));
}

static void gone_mid_request(void **state)
{
	(void)state;
	struct buf frame = { 0 };

	assert_ok(frame_put_request(&frame, 1, "echo", NULL, &test_err));
	for (int round = 0; round < 600; round++) {
		int fd = test_raw(daemon_->path);

		(void)test_raw_send(fd, frame.data,
				    (size_t)round % (frame.len + 1));
		close(fd);
	}
	buf_fini(&frame);
	all_slots_free();
}

/* Peers with large answers on their way to them. */
static void gone_mid_answer(void **state)
{
	(void)state;
	struct value args = value_map();
	struct buf frame = { 0 };

	value_set(&args, "size", value_int(4000000));
	for (uint64_t id = 0; id < 3; id++) {
		assert_ok(
		    frame_put_request(&frame, id, "big", &args, &test_err));
	}
	value_clear(&args);
	for (unsigned round = 1; round <= 40; round++) {
		int fd = test_raw(daemon_->path);
		char some[1000];

		assert_true(test_raw_send(fd, frame.data, frame.len));
		assert_true(recv(fd, some, sizeof(some), 0) > 0);
		if (round % 2) {
			/* Also while more is being received. */
			(void)test_raw_send(fd, frame.data, 7);
		}
		close(fd);
	}
	buf_fini(&frame);
	all_slots_free();
}

/* In a child that makes no nng call. */
static void child_asks_and_dies(const char *path)
{
	int fd = test_raw(path);
	struct buf frame = { 0 };

	(void)frame_put_request(&frame, 1, "big", NULL, NULL);
	(void)test_raw_send(fd, frame.data, frame.len);
	(void)test_raw_send(fd, frame.data, frame.len / 2);
	(void)raise(SIGKILL);
}

static void killed_clients(void **state)
{
	(void)state;
	for (int round = 0; round < 50; round++) {
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0) {
			child_asks_and_dies(daemon_->path);
			_exit(1);
		}
		int status = 0;

		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
	}
	still_serving();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(byte_by_byte),
		TEST(many_in_one_piece),
		TEST(slow_reader),
		TEST(many_unanswered),
		TEST(many_small_unanswered),
		TEST(gone_while_paused),
		TEST(many_parked),
		TEST(gone_while_parked),
		TEST(bad_frames),
		TEST(good_then_bad),
		TEST(gone_mid_request),
		TEST(gone_while_waiting),
		TEST(gone_mid_answer),
		TEST(killed_clients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
